using Bridge.Audio;

namespace Bridge.Calls;

/// <summary>
/// The level of one direction of a call: rises at once, falls by 32 dB a second, like the meter of a mixing desk. One thread
/// shows it levels, any thread reads it; nobody waits for anybody.
/// </summary>
internal sealed class LevelMeter
{
    // The level in sixteenths of a dB above silence, below the time in milliseconds; 0 is no level at all.
    private const int Steps = 16;
    private const int TimeShift = 16;
    private const double FallPerMillisecond = 32.0 / 1_000;

    private long _latest;

    /// <summary>A piece of audio is as loud as this.</summary>
    /// <param name="level">dBov, -127 to 0.</param>
    /// <param name="now">Of the host's clock.</param>
    public void Show(int level, TimeSpan now)
    {
        var above = Math.Max((level - AudioLevel.Silence) * Steps, Above(Volatile.Read(ref _latest), now));
        Volatile.Write(ref _latest, ((long)now.TotalMilliseconds << TimeShift) | (long)above + 1);
    }

    /// <summary>The level, dBov; null before the first <see cref="Show"/>.</summary>
    public int? Read(TimeSpan now) =>
        Volatile.Read(ref _latest) is var latest and not 0 ? AudioLevel.Silence + (Above(latest, now) / Steps) : null;

    private static int Above(long latest, TimeSpan now)
    {
        var fallen = Math.Max(now.TotalMilliseconds - (latest >> TimeShift), 0) * FallPerMillisecond * Steps;
        return (int)Math.Max((latest & ((1 << TimeShift) - 1)) - 1 - fallen, 0);
    }
}
