namespace Bridge.Realtime.Turns;

/// <summary>The audio generated for one message: 24 kHz mono 16 bit, 48 bytes a millisecond.</summary>
internal sealed class ItemAudio
{
    private const int BytesPerMillisecond = 48;
    private readonly List<ReadOnlyMemory<byte>> _pieces = [];
    private int _firstKept;
    private long _dropped;
    private long _bytes;

    /// <summary>Length of all audio received, ms.</summary>
    public int Length => (int)(_bytes / BytesPerMillisecond);

    /// <summary>Where the audio begins that can still be played, ms.</summary>
    public int Kept => (int)(_dropped / BytesPerMillisecond);

    public void Add(ReadOnlyMemory<byte> pcm)
    {
        _pieces.Add(pcm);
        _bytes += pcm.Length;
    }

    /// <summary>Lets go of audio that was heard; it will never be played again.</summary>
    public void Forget(int heardMs)
    {
        while (_firstKept < _pieces.Count && _dropped + _pieces[_firstKept].Length <= heardMs * (long)BytesPerMillisecond)
        {
            _dropped += _pieces[_firstKept].Length;
            _pieces[_firstKept++] = default;
        }
    }

    /// <summary>The audio from a position on.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> From(int milliseconds)
    {
        var at = _dropped;
        var from = milliseconds * (long)BytesPerMillisecond;
        for (var i = _firstKept; i < _pieces.Count; i++)
        {
            var skip = Math.Clamp(from - at, 0, _pieces[i].Length);
            at += _pieces[i].Length;
            if (skip < _pieces[i].Length)
            {
                yield return _pieces[i][(int)skip..];
            }
        }
    }
}
