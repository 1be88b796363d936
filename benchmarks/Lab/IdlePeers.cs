using System.Globalization;
using Bridge.Rtc;
using Bridge.Rtc.Dtls;
using Bridge.Testing.Lab;

namespace Bridge.Benchmarks.Lab;

/// <summary>
/// <c>-- idle [PEERS] [SECONDS]</c>: what connected peers cost a host process while nobody speaks: processor time and memory. Each
/// peer of the client checks its consent, reports by RTCP and keeps its data channel alive, as a browser does.
/// </summary>
internal static class IdlePeers
{
    private const int AtOnce = 8;

    // Long enough for the runtime to have compiled what the checks run through.
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(20);

    internal static async Task<int> RunAsync(string[] args, TextWriter output)
    {
        int peers = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 1000;
        int seconds = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 30;
        using DtlsIdentity identity = OpenSslIdentity.Create();
        using HostProcess host = HostProcess.Start();
        for (int i = 0; i < 20; i++)
        {
            using LabClient warm = new(identity);
            await warm.ConnectAsync(host.Address);
            await warm.EndAsync();
        }

        HostProcess.HostFigures before = await host.MeasureAsync();
        LabClient[] clients = [.. Enumerable.Range(0, peers).Select(_ => new LabClient(identity))];
        await Parallel.ForEachAsync(
            clients, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (client, _) => await client.ConnectAsync(host.Address));
        await Task.Delay(Settle);

        HostProcess.HostFigures start = await host.MeasureAsync();
        long sent = clients.Sum(c => c.Counters.DatagramsSent);
        long received = clients.Sum(c => c.Counters.DatagramsReceived);
        await Task.Delay(TimeSpan.FromSeconds(seconds));
        sent = clients.Sum(c => c.Counters.DatagramsSent) - sent;
        received = clients.Sum(c => c.Counters.DatagramsReceived) - received;
        HostProcess.HostFigures end = await host.MeasureAsync();

        int connected = clients.Count(c => c.State == RtcPeerState.Connected);
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{end.Peers} peers at the host, {connected} of {peers} connected at the client after {seconds} s of quiet"));
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"  processor: {(end.ProcessorMilliseconds - start.ProcessorMilliseconds) / seconds / 10:F2} % of a core; datagrams to the "
                    + $"host {(double)sent / seconds / peers:F2}, from it {(double)received / seconds / peers:F2} a second and peer"));
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"  managed: {(end.ManagedBytes - before.ManagedBytes) / 1000.0 / peers:F1} kB a peer; resident: "
                    + $"{(end.ResidentBytes - before.ResidentBytes) / 1000.0 / peers:F1} kB a peer, OpenSSL's included"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  threads: {before.Threads} before, {end.Threads} with the peers"));
        foreach (LabClient client in clients)
        {
            client.Dispose();
        }

        return connected == peers ? 0 : 1;
    }
}
