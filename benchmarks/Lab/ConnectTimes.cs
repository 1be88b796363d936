using System.Globalization;
using Bridge.Rtc.Dtls;
using Bridge.Testing.Lab;

namespace Bridge.Benchmarks.Lab;

/// <summary>
/// <c>-- connect [WARM] [HOSTS]</c>: from the making of an offer to <c>connected</c> (a route is selected, DTLS is up) and to an open data
/// channel, by our own client through a host process. The client is warm before the first host that counts is started.
/// Half of the hosts get their first call the moment they say that they listen, the others a second later.
/// </summary>
internal static class ConnectTimes
{
    private const int WarmUp = 30;

    internal static async Task<int> RunAsync(string[] args, TextWriter output)
    {
        int warm = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 100;
        int hosts = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 5;
        using DtlsIdentity identity = OpenSslIdentity.Create();
        using (HostProcess other = HostProcess.Start())
        {
            // First compilations and openings of this process are not the host's.
            await ManyAsync(identity, other, WarmUp);
        }

        var atOnce = new List<Sample>();
        var first = new List<Sample>();
        var later = new List<Sample>();
        var starts = new List<double>();
        for (int i = 0; i < 2 * hosts; i++)
        {
            bool settled = i % 2 == 1;
            using HostProcess host = HostProcess.Start();
            starts.Add(host.StartTime.TotalMilliseconds);
            if (settled)
            {
                await Task.Delay(1000);
            }

            Sample one = (await ManyAsync(identity, host, 1))[0];
            (settled ? first : atOnce).Add(one);
            List<Sample> rest = await ManyAsync(identity, host, warm);
            output.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"host {i + 1}: listening after {starts[^1]:F0} ms, first call{(settled ? " a second later" : "")} {one}, second "
                        + $"{rest[0]}, median of {warm} {Median(rest)}"));
            later.AddRange(rest);
        }

        Write(output, "first call of a process, at its word that it listens", atOnce);
        Write(output, "first call of a process, a second later", first);
        Write(output, "warm", later);
        return 0;
    }

    private static async Task<List<Sample>> ManyAsync(DtlsIdentity identity, HostProcess host, int count)
    {
        var samples = new List<Sample>();
        for (int i = 0; i < count; i++)
        {
            using LabClient client = new(identity);
            await client.ConnectAsync(host.Address);
            samples.Add(
                new Sample(client.AnswerTime.TotalMilliseconds, client.ConnectTime.TotalMilliseconds, client.OpenTime.TotalMilliseconds));
            await client.EndAsync();
        }

        return samples;
    }

    private static Sample Median(List<Sample> samples) => new(
        At(samples, s => s.Answer, 0.5), At(samples, s => s.Connected, 0.5), At(samples, s => s.Open, 0.5));

    private static void Write(TextWriter output, string what, List<Sample> samples)
    {
        output.WriteLine($"{what}, {samples.Count} times, ms");
        One("offer to answer", s => s.Answer);
        One("offer to connected", s => s.Connected);
        One("offer to open channel", s => s.Open);

        void One(string name, Func<Sample, double> value) => output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"  {name,-22} p50 {At(samples, value, 0.5):F2}, quartiles {At(samples, value, 0.25):F2} to {At(samples, value, 0.75):F2}, p99 "
                + $"{At(samples, value, 0.99):F2}, max {At(samples, value, 1):F2}"));
    }

    private static double At(List<Sample> samples, Func<Sample, double> value, double share)
    {
        double[] sorted = [.. samples.Select(value).Order()];
        return sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * share))];
    }

    private readonly record struct Sample(double Answer, double Connected, double Open)
    {
        public override string ToString() =>
            string.Create(CultureInfo.InvariantCulture, $"{Answer:F1}/{Connected:F1}/{Open:F1} ms (answer/connected/channel)");
    }
}
