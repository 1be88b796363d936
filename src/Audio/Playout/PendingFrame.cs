namespace Bridge.Audio.Playout;

/// <summary>The 20 ms of 24 kHz that are being put together from pieces of any length, and their fades where an item stalls.</summary>
internal sealed class PendingFrame
{
    /// <summary>Samples of a whole frame.</summary>
    internal const int Length = 480;

    private const int Fade = Length / 4; // 5 ms

    private readonly short[] _samples = new short[Length];

    /// <summary>Samples put in so far.</summary>
    internal int Count { get; private set; }

    /// <summary>The next samples rise from silence: what came before them was faded out.</summary>
    internal bool FadesIn { get; set; }

    /// <summary>The frame; silence beyond <see cref="Count"/> only after <see cref="Pad"/> or <see cref="FadeOut"/>.</summary>
    internal ReadOnlySpan<short> Samples => _samples;

    /// <summary>Puts in what fits.</summary>
    /// <returns>How many samples that was.</returns>
    internal int Fill(ReadOnlySpan<short> pcm)
    {
        int count = Math.Min(Length - Count, pcm.Length);
        pcm[..count].CopyTo(_samples.AsSpan(Count));
        if (FadesIn && Count == 0)
        {
            Ramp(_samples.AsSpan(0, Math.Min(Fade, count)), rising: true);
            FadesIn = false;
        }

        Count += count;
        return count;
    }

    /// <summary>Makes the rest of the frame silence.</summary>
    internal void Pad() => _samples.AsSpan(Count).Clear();

    /// <summary>Ends the sound within 5 ms: what has been put in, or else the echo of what was encoded last.</summary>
    internal void FadeOut(FrameEncoder encoder)
    {
        if (Count == 0)
        {
            encoder.CopyLast(_samples.AsSpan(0, Fade));
            _samples.AsSpan(0, Fade).Reverse();
            Ramp(_samples.AsSpan(0, Fade), rising: false);
            _samples.AsSpan(Fade).Clear();
            return;
        }

        int ramp = Math.Min(Fade, Count);
        Ramp(_samples.AsSpan(Count - ramp, ramp), rising: false);
        Pad();
    }

    /// <summary>Begins a new frame.</summary>
    internal void Clear() => Count = 0;

    private static void Ramp(Span<short> samples, bool rising)
    {
        for (int i = 0; i < samples.Length; i++)
        {
            int weight = rising ? i + 1 : samples.Length - 1 - i;
            samples[i] = (short)(samples[i] * weight / samples.Length);
        }
    }
}
