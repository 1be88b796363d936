namespace Bridge.Audio;

/// <summary>The level of audio as RFC 6464 counts it: dBov, the power relative to that of the loudest wave there is.</summary>
public static class AudioLevel
{
    /// <summary>The level of silence, and the lowest one that is distinguished: -127 dBov.</summary>
    public const int Silence = -127;

    private const double FullScale = 32768;

    /// <summary>The level of a piece of audio, from -127 to 0 dBov.</summary>
    /// <param name="pcm">Mono int16 of any rate.</param>
    public static int Of(ReadOnlySpan<short> pcm)
    {
        long sum = 0;
        foreach (short sample in pcm)
        {
            sum += (long)sample * sample;
        }

        return sum == 0 ? Silence : Math.Clamp((int)Math.Round(10 * Math.Log10(sum / (pcm.Length * FullScale * FullScale))), Silence, 0);
    }
}
