using Bridge.Audio.Playout;

namespace Bridge.Calls;

/// <summary>
/// The quiet loop that is heard while an answer takes long: two soft notes and a pause, 24 kHz mono, made once for all calls. It is put
/// into the playout queue a few packets ahead, so that speech, which ends it, waits for it no longer than that.
/// </summary>
internal sealed class WaitingSound
{
    /// <summary>Its track: no item of a conversation has such an id.</summary>
    public const string Track = "~waiting";

    private const int Rate = 24_000;
    private const int Frame = Rate / 50;
    private const int Peak = 600; // -35 dBFS: under any voice
    private static readonly TimeSpan Ahead = TimeSpan.FromMilliseconds(60);
    private static readonly short[] Loop = Make();

    // Speech and the loop come from two threads, and the queue takes one at a time. The packet clock never waits for it.
    private readonly Lock _appending = new();
    private int _at;
    private bool _isOn;

    /// <summary>The loop is heard.</summary>
    public bool IsOn => Volatile.Read(ref _isOn);

    /// <summary>From the next tick on the loop is heard, from its first note.</summary>
    public void Begin()
    {
        lock (_appending)
        {
            (_at, _isOn) = (0, true);
        }
    }

    /// <summary>Nothing is waited for any more.</summary>
    public void End(PlayoutQueue queue)
    {
        lock (_appending)
        {
            _isOn = false;
            queue.Finish(Track);
        }
    }

    /// <summary>Speech goes into the queue; it ends the loop.</summary>
    public void GiveWay(PlayoutQueue queue, string track, int contentIndex, ReadOnlySpan<short> pcm24k)
    {
        lock (_appending)
        {
            _isOn = false;
            queue.Append(track, contentIndex, pcm24k);
        }
    }

    /// <summary>Fills the queue when it is about to run out; each tick. Allocates nothing once the track has begun.</summary>
    public void Fill(PlayoutQueue queue)
    {
        if (!IsOn || !_appending.TryEnter())
        {
            return;
        }

        try
        {
            while (_isOn && queue.Buffered < Ahead)
            {
                queue.Append(Track, 0, Loop.AsSpan(_at, Frame));
                _at = (_at + Frame) % Loop.Length;
            }
        }
        finally
        {
            _appending.Exit();
        }
    }

    private static short[] Make()
    {
        var loop = new short[3 * Rate];
        AddNote(loop, 0, 392);
        AddNote(loop, Rate * 7 / 10, 494);
        return loop;
    }

    // Two thirds of a second, rising and falling like a breath.
    private static void AddNote(short[] loop, int from, double hertz)
    {
        const int Length = Rate * 2 / 3;
        for (var i = 0; i < Length; i++)
        {
            var swell = Math.Sin(Math.PI * i / Length);
            loop[from + i] = (short)(Peak * swell * swell * Math.Sin(2 * Math.PI * hertz * i / Rate));
        }
    }
}
