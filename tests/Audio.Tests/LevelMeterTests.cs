using Bridge.Audio.Levels;

namespace Bridge.Audio.Tests;

public sealed class LevelMeterTests
{
    [Fact]
    public void The_level_of_known_sounds_is_what_arithmetic_says()
    {
        Assert.Equal(LevelMeter.Silence, LevelMeter.Measure(new short[480]));
        Assert.Equal(LevelMeter.Silence, LevelMeter.Measure([]));
        Assert.Equal(-3.01, LevelMeter.Measure(Signals.Tone(1000, 24000, 24000, 32767)), 0.01);
        Assert.Equal(-20, LevelMeter.Measure([.. Enumerable.Repeat((short)3277, 333)]), 0.01);
        Assert.Equal(0, LevelMeter.Measure([.. Enumerable.Repeat(short.MinValue, 333)]), 0.01);
    }
}
