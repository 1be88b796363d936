namespace Bridge.Testing.Audio;

/// <summary>
/// Reads the rehearsal model's time code (three tones per 20 ms, base-16 reflected Gray code; see TimeCodeVoice) from a
/// recording, through codecs, gaps and stretches.
/// </summary>
public static class TimeCodeDecoder
{
    private const int Base = 16;
    private const int Places = 3;
    private static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Hop = TimeSpan.FromMilliseconds(5);

    /// <summary>
    /// Reads one window of 20 ms. The position is that of the window's middle, good to half a frame; false when no
    /// three clear tones are there.
    /// </summary>
    /// <param name="window">20 ms of mono PCM16.</param>
    /// <param name="rate">Sample rate in Hz.</param>
    /// <param name="position">Position in the line.</param>
    public static bool TryRead(ReadOnlySpan<short> window, int rate, out TimeSpan position)
    {
        position = default;
        var frame = 0;
        var parity = 0;
        Span<int> digits = stackalloc int[Places];
        var total = Energy(window);
        var weighted = Weigh(window);
        var tones = 0.0;
        for (var place = 0; place < Places; place++)
        {
            var best = 0.0;
            var second = 0.0;
            for (var digit = 0; digit < Base; digit++)
            {
                var power = Tone(weighted, rate, 400 + (1700 * place) + (100 * digit));
                if (power > best)
                {
                    // The neighbour of the best is the other half of a window across two frames: no contradiction.
                    second = Math.Abs(digits[place] - digit) > 1 ? Math.Max(second, best) : second;
                    best = power;
                    digits[place] = digit;
                }
                else if (digit - digits[place] > 1)
                {
                    second = Math.Max(second, power);
                }
            }

            if (best < 3 * second)
            {
                return false;
            }

            tones += best;
        }

        // All of the energy that matters is in the three tones, and there is some.
        if (total < 1e4 || tones < 0.25 * total)
        {
            return false;
        }

        for (var place = Places - 1; place >= 0; place--)
        {
            var digit = (parity & 1) == 0 ? digits[place] : Base - 1 - digits[place];
            frame = (frame * Base) + digit;
            parity = frame;
        }

        position = (frame * Frame) + (Frame / 2);
        return true;
    }

    /// <summary>Reads a whole recording, a window every 5 ms: when (middle of the window) and which position was heard.</summary>
    public static IReadOnlyList<(TimeSpan At, TimeSpan Position)> Read(ReadOnlySpan<short> recording, int rate)
    {
        var readings = new List<(TimeSpan, TimeSpan)>();
        var window = rate / 50;
        var hop = (int)(Hop.TotalSeconds * rate);
        for (var at = 0; at + window <= recording.Length; at += hop)
        {
            if (TryRead(recording.Slice(at, window), rate, out var position))
            {
                readings.Add((TimeSpan.FromSeconds((at + (window / 2.0)) / rate), position));
            }
        }

        return readings;
    }

    /// <summary>
    /// How far into the line the listener had heard when it fell silent: the last readings are laid against the clock
    /// of the recording, and carried on to where the sound ends. Good to a few milliseconds; false when nothing was read.
    /// </summary>
    /// <param name="recording">Mono PCM16 that begins before or within the line and ends after it fell silent.</param>
    /// <param name="rate">Sample rate in Hz.</param>
    /// <param name="heard">Position in the line at which the sound ends.</param>
    public static bool TryHeardUntil(ReadOnlySpan<short> recording, int rate, out TimeSpan heard)
    {
        heard = default;
        var readings = Read(recording, rate);
        if (readings.Count == 0)
        {
            return false;
        }

        // A window across two frames reads up to half a frame off, both ways alike: the middle of many is exact.
        var last = readings[^1].At;
        var offsets = readings.Where(r => r.At > last - TimeSpan.FromMilliseconds(150)).Select(r => r.Position - r.At).Order().ToList();
        heard = End(recording, rate, last) + offsets[offsets.Count / 2];
        return true;
    }

    // Where the sound ends after the last reading: the first 2 ms that have less than a hundredth of its power.
    private static TimeSpan End(ReadOnlySpan<short> recording, int rate, TimeSpan last)
    {
        var step = rate / 500;
        var from = (int)(last.TotalSeconds * rate);
        var loud = Energy(recording.Slice(Math.Max(0, from - (5 * step)), 5 * step));
        var at = from;
        while (at + step <= recording.Length && Energy(recording.Slice(at, step)) > loud / 100)
        {
            at += step;
        }

        return TimeSpan.FromSeconds((double)at / rate);
    }

    private static double Energy(ReadOnlySpan<short> pcm)
    {
        var sum = 0.0;
        foreach (var sample in pcm)
        {
            sum += (double)sample * sample;
        }

        return pcm.IsEmpty ? 0 : sum / pcm.Length;
    }

    // A Hann window's zeros lie exactly on the neighbouring tones.
    private static double[] Weigh(ReadOnlySpan<short> pcm)
    {
        var weighted = new double[pcm.Length];
        for (var i = 0; i < pcm.Length; i++)
        {
            weighted[i] = pcm[i] * (1 - Math.Cos(2 * Math.PI * (i + 0.5) / pcm.Length));
        }

        return weighted;
    }

    // Mean power of one tone, by Goertzel's recurrence.
    private static double Tone(ReadOnlySpan<double> weighted, int rate, int frequency)
    {
        var turn = 2 * Math.Cos(2 * Math.PI * frequency / rate);
        double last = 0;
        double before = 0;
        foreach (var sample in weighted)
        {
            (last, before) = (sample + (turn * last) - before, last);
        }

        var power = (last * last) + (before * before) - (turn * last * before);
        return 2 * power / ((double)weighted.Length * weighted.Length);
    }
}
