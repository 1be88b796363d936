namespace Bridge.Audio.Resampling;

/// <summary>
/// Optimal (equiripple) low-pass filters of odd length by the Parks-McClellan exchange: for a given number of taps no
/// linear-phase filter has a smaller weighted error over pass band and stop band. That is what lets 48 to 24 kHz reach
/// its attenuation already at 12 kHz within the delay that a window needs to reach it at 12.5 kHz.
/// </summary>
internal static class EquirippleDesign
{
    private const int GridDensity = 20;
    private const int MaxRounds = 60;

    /// <summary>Designs the filter.</summary>
    /// <param name="half">Half the order: the filter has 2·half + 1 taps.</param>
    /// <param name="pass">Upper edge of the pass band, cycles per sample.</param>
    /// <param name="stop">Lower edge of the stop band, cycles per sample.</param>
    /// <param name="stopWeight">How many times smaller the stop band's ripple has to be than the pass band's.</param>
    internal static double[] LowPass(int half, double pass, double stop, double stopWeight)
    {
        double[] grid = Grid(half, pass, stop);
        double[] x = [.. grid.Select(f => Math.Cos(2 * Math.PI * f))];
        double[] desired = [.. grid.Select(f => f <= pass ? 1.0 : 0.0)];
        double[] weight = [.. grid.Select(f => f <= pass ? 1.0 : stopWeight)];
        int count = half + 2;
        int[] extremals = [.. Enumerable.Range(0, count).Select(i => (int)((long)i * (grid.Length - 1) / (count - 1)))];
        double[] error = new double[grid.Length];
        Interpolant fit = default;
        for (int round = 0; round < MaxRounds; round++)
        {
            fit = Interpolant.Through(extremals, x, desired, weight);
            for (int i = 0; i < grid.Length; i++)
            {
                error[i] = weight[i] * (desired[i] - fit.At(x[i]));
            }

            int[] next = Extremals(error, count);
            bool settled = next.AsSpan().SequenceEqual(extremals);
            extremals = next;
            if (settled)
            {
                break;
            }
        }

        return Taps(half, fit);
    }

    private static double[] Grid(int half, double pass, double stop)
    {
        double step = 0.5 / (GridDensity * half);
        int passCount = (int)Math.Ceiling(pass / step) + 1;
        int stopCount = (int)Math.Ceiling((0.5 - stop) / step) + 1;
        return
        [
            .. Enumerable.Range(0, passCount).Select(i => pass * i / (passCount - 1)),
            .. Enumerable.Range(0, stopCount).Select(i => stop + ((0.5 - stop) * i / (stopCount - 1))),
        ];
    }

    /// <summary>The largest errors, alternating in sign, exactly as many as the exchange needs.</summary>
    private static int[] Extremals(double[] error, int count)
    {
        List<int> found = [];
        for (int i = 0; i < error.Length; i++)
        {
            double e = Math.Abs(error[i]);
            bool peak = (i == 0 || error[i - 1] * Math.Sign(error[i]) <= e)
                && (i == error.Length - 1 || error[i + 1] * Math.Sign(error[i]) < e);
            if (!peak || error[i] == 0)
            {
                continue;
            }

            if (found.Count > 0 && Math.Sign(error[found[^1]]) == Math.Sign(error[i]))
            {
                // Two neighbours of one sign: the larger stands for both.
                found[^1] = Math.Abs(error[found[^1]]) >= e ? found[^1] : i;
            }
            else
            {
                found.Add(i);
            }
        }

        while (found.Count > count)
        {
            found.RemoveAt(Math.Abs(error[found[0]]) < Math.Abs(error[found[^1]]) ? 0 : found.Count - 1);
        }

        return found.Count == count
            ? [.. found]
            : throw new InvalidOperationException("The exchange has lost its alternation: the design asks for too much precision.");
    }

    /// <summary>The impulse response of a zero-phase amplitude, which half + 1 samples of it determine.</summary>
    private static double[] Taps(int half, Interpolant amplitude)
    {
        int length = (2 * half) + 1;
        double[] samples = [.. Enumerable.Range(0, half + 1).Select(k => amplitude.At(Math.Cos(2 * Math.PI * k / length)))];
        double[] taps = new double[length];
        for (int n = 0; n <= half; n++)
        {
            double sum = samples[0];
            for (int k = 1; k <= half; k++)
            {
                sum += 2 * samples[k] * Math.Cos(2 * Math.PI * k * n / length);
            }

            taps[half - n] = taps[half + n] = sum / length;
        }

        return taps;
    }

    /// <summary>The polynomial in cos ω through the extremal points, in the barycentric form.</summary>
    private readonly struct Interpolant(double[] nodes, double[] values, double[] weights)
    {
        internal static Interpolant Through(int[] extremals, double[] x, double[] desired, double[] weight)
        {
            double[] nodes = [.. extremals.Select(i => x[i])];
            double[] all = Weights(nodes, nodes.Length);

            // The error that alternates on all points: the exchange's delta.
            double numerator = 0;
            double denominator = 0;
            for (int i = 0; i < nodes.Length; i++)
            {
                double sign = (i & 1) == 0 ? 1 : -1;
                numerator += all[i] * desired[extremals[i]];
                denominator += sign * all[i] / weight[extremals[i]];
            }

            double delta = numerator / denominator;

            // One point fewer than there are determines the polynomial; the last one then lies on it too.
            int count = nodes.Length - 1;
            double[] values = new double[count];
            for (int i = 0; i < count; i++)
            {
                double sign = (i & 1) == 0 ? 1 : -1;
                values[i] = desired[extremals[i]] - (sign * delta / weight[extremals[i]]);
            }

            return new Interpolant(nodes[..count], values, Weights(nodes, count));
        }

        internal double At(double x)
        {
            double numerator = 0;
            double denominator = 0;
            for (int i = 0; i < nodes.Length; i++)
            {
                double distance = x - nodes[i];
                if (Math.Abs(distance) < 1e-15)
                {
                    return values[i];
                }

                double part = weights[i] / distance;
                numerator += part * values[i];
                denominator += part;
            }

            return numerator / denominator;
        }

        /// <summary>1 / Π (xᵢ - xⱼ), each factor doubled so that the product of some hundred stays within a double's range.</summary>
        private static double[] Weights(double[] nodes, int count)
        {
            double[] weights = new double[count];
            for (int i = 0; i < count; i++)
            {
                double product = 1;
                for (int j = 0; j < count; j++)
                {
                    if (j != i)
                    {
                        product *= 2 * (nodes[i] - nodes[j]);
                    }
                }

                weights[i] = 1 / product;
            }

            return weights;
        }
    }
}
