namespace Bridge.Audio.Uplink;

/// <summary>
/// Holds the sender's timestamps against the wall clock: a pause is accepted when there was time for it. Time that has
/// passed and that no timestamp has shown yet is kept, so that a burst after a stall of the network brings its pauses along.
/// </summary>
internal sealed class SenderPace
{
    // How much longer than those after it the first packet may have been under way.
    private static readonly TimeSpan AtFirst = TimeSpan.FromSeconds(1);

    // No less is ever left to a sender, whose clock may run fast; a single packet may last as long (RFC 6716 §3.2.5).
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(120);

    private readonly TimeSpan _most;
    private TimeSpan _untold = AtFirst;
    private TimeSpan _at;
    private ExtendedTimestamp _timestamp;

    /// <param name="longestGap">Longest pause that has to be accepted right after a stall as long.</param>
    internal SenderPace(TimeSpan longestGap) => _most = longestGap + AtFirst;

    /// <summary>Begins at a packet that has nothing in common with those before it.</summary>
    internal void StartAt(TimeSpan now, ExtendedTimestamp timestamp)
    {
        _at = now;
        _timestamp = timestamp;
    }

    /// <summary>Whether there was time for all that the timestamp says has passed since the packet before.</summary>
    internal bool Allows(TimeSpan now, ExtendedTimestamp timestamp, int clockRate) =>
        TransitClock.MediaTime(timestamp - _timestamp, clockRate) <= _untold + (now - _at);

    /// <summary>A packet is being played.</summary>
    internal void Play(TimeSpan now, ExtendedTimestamp timestamp, int clockRate)
    {
        // A timestamp that goes back gives no time back: it could go to and fro for ever.
        TimeSpan told = TransitClock.MediaTime(Math.Max(0, timestamp - _timestamp), clockRate);
        TimeSpan untold = _untold + (now - _at) - told;
        _untold = untold < Least ? Least : untold > _most ? _most : untold;
        StartAt(now, timestamp);
    }

    /// <summary>How far what was given out up to a timestamp is behind the wall clock; negative: ahead of it.</summary>
    internal TimeSpan Behind(TimeSpan now, ExtendedTimestamp timestamp, int clockRate) =>
        now - _at - TransitClock.MediaTime(timestamp - _timestamp, clockRate);
}
