using System.Text;

namespace Bridge.Realtime.Turns;

/// <summary>An agent's message that is being generated, played, or both.</summary>
internal sealed class SpokenItem(string itemId, int session)
{
    private readonly List<ReadOnlyMemory<byte>> _audio = [];
    private long _dropped;
    private int _firstAudio;

    public string ItemId { get; } = itemId;

    public int Session { get; } = session;

    public int ContentIndex { get; set; }

    public StringBuilder Text { get; } = new();

    public bool TextDone { get; set; }

    public bool AudioDone { get; set; }

    /// <summary>Name under which it is (or was last) being played; null: not yet.</summary>
    public string? Track { get; set; }

    /// <summary>Where in the item the track begins, ms.</summary>
    public int TrackStart { get; set; }

    /// <summary>The track was emptied from the queue; positions are frozen when the settle time is over.</summary>
    public bool Cleared { get; set; }

    public TimeSpan ClearedSince { get; set; }

    /// <summary>Its generation broke off by a fault: what was received is all there is.</summary>
    public bool BrokenOff { get; set; }

    /// <summary>Length of the track that was handed to the network when it was cleared; null: unknown.</summary>
    public int? ClearedAt { get; set; }

    /// <summary>Where in the track the page silenced its speaker; null: it did not say that it did.</summary>
    public int? SilencedAt { get; set; }

    public TimeSpan TrackSince { get; set; }

    public (TimeSpan At, int Milliseconds)? PageReport { get; set; }

    public (TimeSpan At, int Milliseconds)? ServerReport { get; set; }

    public int ShownLength { get; set; } = -1;

    public long Bytes { get; private set; }

    /// <summary>Audio received, ms.</summary>
    public int Generated => (int)(Bytes / 48);

    /// <summary>Where the audio begins that was not let go of, ms.</summary>
    public int Kept => (int)(_dropped / 48);

    public string TextSoFar => Text.ToString();

    public void Add(ReadOnlyMemory<byte> pcm)
    {
        _audio.Add(pcm);
        Bytes += pcm.Length;
    }

    /// <summary>Lets go of audio that was heard; it will never be played again.</summary>
    public void Forget(int heardMs)
    {
        while (_firstAudio < _audio.Count && _dropped + _audio[_firstAudio].Length <= heardMs * 48L)
        {
            _dropped += _audio[_firstAudio].Length;
            _audio[_firstAudio++] = default;
        }
    }

    /// <summary>The audio from a position on.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> From(int milliseconds)
    {
        var at = _dropped;
        var from = milliseconds * 48L;
        for (var i = _firstAudio; i < _audio.Count; i++)
        {
            var skip = Math.Clamp(from - at, 0, _audio[i].Length);
            at += _audio[i].Length;
            if (skip < _audio[i].Length)
            {
                yield return _audio[i][(int)skip..];
            }
        }
    }
}
