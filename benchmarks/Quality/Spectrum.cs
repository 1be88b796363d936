namespace Bridge.Benchmarks.Quality;

/// <summary>The little signal analysis that the report needs.</summary>
internal static class Spectrum
{
    internal static double Decibel(double ratio) => 20 * Math.Log10(Math.Max(ratio, 1e-15));

    internal static float[] Sine(double frequency, int rate, int count)
    {
        float[] samples = new float[count];
        for (int i = 0; i < count; i++)
        {
            samples[i] = (float)(0.5 * Math.Sin(2 * Math.PI * frequency * i / rate));
        }

        return samples;
    }

    internal static double Rms(ReadOnlySpan<float> samples)
    {
        double sum = 0;
        foreach (float sample in samples)
        {
            sum += (double)sample * sample;
        }

        return Math.Sqrt(sum / Math.Max(1, samples.Length));
    }

    /// <summary>Least-squares fit of one tone: its amplitude, its phase, and the RMS of all that it does not explain.</summary>
    internal static (double Amplitude, double Phase, double Residual) Fit(ReadOnlySpan<float> samples, double frequency, int rate)
    {
        double ss = 0, cc = 0, sc = 0, xs = 0, xc = 0;
        for (int i = 0; i < samples.Length; i++)
        {
            (double s, double c) = Math.SinCos(2 * Math.PI * frequency * i / rate);
            ss += s * s;
            cc += c * c;
            sc += s * c;
            xs += samples[i] * s;
            xc += samples[i] * c;
        }

        double determinant = (ss * cc) - (sc * sc);
        double a = ((xs * cc) - (xc * sc)) / determinant;
        double b = ((xc * ss) - (xs * sc)) / determinant;
        double rest = 0;
        for (int i = 0; i < samples.Length; i++)
        {
            (double s, double c) = Math.SinCos(2 * Math.PI * frequency * i / rate);
            rest += Math.Pow(samples[i] - (a * s) - (b * c), 2);
        }

        return (Math.Sqrt((a * a) + (b * b)), Math.Atan2(b, a), Math.Sqrt(rest / samples.Length));
    }

    /// <summary>Magnitudes of a Hann-windowed transform of a power-of-two frame, in dB.</summary>
    internal static double[] LogMagnitudes(ReadOnlySpan<float> frame, double floor)
    {
        int n = frame.Length;
        double[] re = new double[n];
        double[] im = new double[n];
        for (int i = 0; i < n; i++)
        {
            re[i] = frame[i] * (0.5 - (0.5 * Math.Cos(2 * Math.PI * i / n)));
        }

        Transform(re, im);
        double[] magnitudes = new double[n / 2];
        for (int i = 0; i < n / 2; i++)
        {
            magnitudes[i] = 10 * Math.Log10((re[i] * re[i]) + (im[i] * im[i]) + floor);
        }

        return magnitudes;
    }

    /// <summary>Fast Fourier transform in place, radix 2.</summary>
    private static void Transform(double[] re, double[] im)
    {
        int n = re.Length;
        for (int i = 1, j = 0; i < n; i++)
        {
            int bit = n >> 1;
            for (; (j & bit) != 0; bit >>= 1)
            {
                j ^= bit;
            }

            j ^= bit;
            if (i < j)
            {
                (re[i], re[j]) = (re[j], re[i]);
                (im[i], im[j]) = (im[j], im[i]);
            }
        }

        for (int size = 2; size <= n; size *= 2)
        {
            for (int start = 0; start < n; start += size)
            {
                for (int k = 0; k < size / 2; k++)
                {
                    (double s, double c) = Math.SinCos(-2 * Math.PI * k / size);
                    int a = start + k;
                    int b = a + (size / 2);
                    double tr = (re[b] * c) - (im[b] * s);
                    double ti = (re[b] * s) + (im[b] * c);
                    (re[b], im[b]) = (re[a] - tr, im[a] - ti);
                    (re[a], im[a]) = (re[a] + tr, im[a] + ti);
                }
            }
        }
    }
}
