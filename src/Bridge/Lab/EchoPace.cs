using Bridge.Audio.Playout;

namespace Bridge.Lab;

/// <summary>
/// Keeps the echo's playout as close behind its sender as the sender's jitter allows. A frame that comes late moves the clock's phase
/// by itself (<see cref="PacketClockTicket.StartNow"/>); when every frame of a second has waited, the phase moves back. No audio
/// is dropped for it: packets leave earlier.
/// </summary>
internal sealed class EchoPace
{
    /// <summary>Frames of 20 ms that are looked at before the phase moves back.</summary>
    public const int Window = 50;

    /// <summary>Time that the latest frame of a window is left to wait.</summary>
    public static readonly TimeSpan Margin = TimeSpan.FromMilliseconds(2);

    private const int FrameSamples = 480;
    private const int Frames = 1024; // a power of two; more never wait: 20 s
    private static readonly TimeSpan MaxStep = 2 * PacketClock.Period;
    private readonly long[] _came = new long[Frames];
    private long _appended;
    private long _taken;
    private long _least = long.MaxValue;
    private long _most;
    private int _seen;

    /// <summary>The longest that a frame of the last window has waited: the sender's jitter, and the margin.</summary>
    public TimeSpan Wait { get; private set; }

    /// <summary>Samples of 24 kHz were appended.</summary>
    public void Append(TimeSpan now, int samples)
    {
        for (long frame = _appended / FrameSamples; frame < (_appended + samples) / FrameSamples; frame++)
        {
            Volatile.Write(ref _came[frame % Frames], now.Ticks);
        }

        _appended += samples;
    }

    /// <summary>A frame was taken.</summary>
    /// <returns>By how much the next ticks may come earlier; zero: they may not.</returns>
    public TimeSpan Take(TimeSpan now)
    {
        long wait = Math.Max(0, now.Ticks - Volatile.Read(ref _came[_taken++ % Frames]));
        (_least, _most) = (Math.Min(_least, wait), Math.Max(_most, wait));
        if (++_seen < Window)
        {
            return TimeSpan.Zero;
        }

        var spare = new TimeSpan(_least) - Margin;
        Wait = new TimeSpan(_most);
        (_least, _most, _seen) = (long.MaxValue, 0, 0);
        return spare <= TimeSpan.Zero ? TimeSpan.Zero : spare < MaxStep ? spare : MaxStep;
    }
}
