namespace Bridge.Audio.Playout;

/// <summary>
/// The audio that has to be there before a sentence that ran dry goes on, chosen by what was observed. A producer that is slower than
/// real time runs dry again, and a single longer pause is heard less than many short ones.
/// </summary>
/// <param name="isLive">The producer is a live sender: waiting gains nothing, one frame is enough.</param>
internal sealed class RefillTarget(bool isLive)
{
    private const int Frame = PendingFrame.Length;
    private const int Second = 24_000;
    private const int Least = 60 * Second / 1000;
    private const int Most = Second;

    // Speech without a pause that a refill is to give.
    private const int Stretch = 3 * Second;

    // A shorter stretch says nothing about the rate.
    private const int ShortestToJudge = Second / 2;

    // A delta is whole by then, and the next one has not come.
    private const int HeadStartFrames = 3;
    private int _frames;
    private long _headStart;

    internal bool IsLive => isLive;

    /// <summary>Samples of 24 kHz.</summary>
    internal int Samples { get; private set; } = isLive ? Frame : 0;

    /// <summary>Audio of an item has been taken.</summary>
    /// <param name="samples">Of the packet; none are of a silence.</param>
    /// <param name="left">Samples that still wait.</param>
    internal void OnTaken(int samples, long left)
    {
        _frames += samples > 0 ? 1 : 0;
        if (_frames is > 0 and <= HeadStartFrames)
        {
            _headStart = Math.Max(_headStart, left + ((long)_frames * Frame));
        }
    }

    /// <summary>Nothing is left to take.</summary>
    /// <param name="isDry">In the middle of an item; else what is played next has nothing to do with it.</param>
    /// <returns><paramref name="isDry"/></returns>
    internal bool EndStretch(bool isDry)
    {
        if (isDry && !isLive)
        {
            // All of the stretch was played in real time; what did not come in that time is what it began with.
            long stretch = (long)_frames * Frame;
            Samples = stretch < ShortestToJudge
                ? Math.Clamp(2 * Samples, Least, Most)
                : (int)Math.Clamp(Stretch * _headStart / stretch, Least, Most);
        }

        (_frames, _headStart) = (0, 0);
        return isDry;
    }
}
