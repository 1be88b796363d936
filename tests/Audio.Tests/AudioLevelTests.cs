namespace Bridge.Audio.Tests;

/// <summary>How loud audio is.</summary>
public sealed class AudioLevelTests
{
    [Theory]
    [InlineData(0, -127)]
    [InlineData(short.MinValue, 0)]
    [InlineData(short.MaxValue, 0)]
    [InlineData(3_277, -20)]
    [InlineData(33, -60)]
    [InlineData(1, -90)]
    public void The_level_counts_from_the_loudest_wave_there_is(short amplitude, int level)
    {
        var wave = new short[480];
        for (var i = 0; i < wave.Length; i++)
        {
            wave[i] = i % 2 == 0 ? amplitude : (short)Math.Clamp(-amplitude, short.MinValue, short.MaxValue);
        }

        Assert.Equal(level, AudioLevel.Of(wave));
        Assert.Equal(AudioLevel.Silence, AudioLevel.Of([]));
    }
}
