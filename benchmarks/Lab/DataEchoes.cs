using System.Globalization;
using Bridge.Rtc.Dtls;
using Bridge.Testing.Lab;

namespace Bridge.Benchmarks.Lab;

/// <summary>
/// <c>-- data [ROUNDS]</c>: messages there and back over a data channel, by our own client through a host process and its real UDP port.
/// </summary>
internal static class DataEchoes
{
    private const int Small = 100;
    private const int Large = 16_384;
    private const int LargeInMegabyte = 64;
    private const int SmallPerRound = 200;
    private const int WarmUp = 10;

    internal static async Task<int> RunAsync(string[] args, TextWriter output)
    {
        int rounds = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 50;
        using DtlsIdentity identity = OpenSslIdentity.Create();
        using HostProcess host = HostProcess.Start();
        using LabClient client = new(identity);
        await client.ConnectAsync(host.Address);
        byte[] small = new byte[Small];
        byte[] large = new byte[Large];
        List<double> trips = [];
        List<double> megabytes = [];
        for (int round = -WarmUp; round < rounds; round++)
        {
            for (int i = 0; i < SmallPerRound; i++)
            {
                trips.Add((await client.EchoAsync(1, small)).TotalMilliseconds);
            }

            megabytes.Add((await client.EchoAsync(LargeInMegabyte, large)).TotalMilliseconds);
        }

        Write(output, "100 bytes there and back", trips[(WarmUp * SmallPerRound)..]);
        Write(output, "1 MB in 16 KB messages", megabytes[WarmUp..]);
        output.WriteLine(
            $"  sent again: {client.Stats!.Retransmissions} of {client.Stats.PacketsSent} packets, {client.Stats.Timeouts} timeouts");
        await client.EndAsync();
        return 0;
    }

    private static void Write(TextWriter output, string what, List<double> times)
    {
        times.Sort();
        double At(double share) => times[Math.Min(times.Count - 1, (int)(times.Count * share))];
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{what}, {times.Count} times, ms: p50 {At(0.5):F3}, quartiles {At(0.25):F3} to {At(0.75):F3}, p99 {At(0.99):F3}, max "
                + $"{At(1):F3}"));
    }
}
