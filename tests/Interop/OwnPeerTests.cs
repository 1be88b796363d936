using System.Diagnostics;
using System.Net;
using Bridge.Rtc;
using Bridge.Rtc.Dtls;
using Bridge.Testing;
using Bridge.Testing.Lab;
using Bridge.WarmUp;

namespace Bridge.Interop;

/// <summary>Our own peer as the client, through real sockets and real DTLS.</summary>
[Collection(nameof(LabHost))]
public sealed class OwnPeerTests(LabHost host)
{
    private static readonly bool Long = Seeds.Long;

    [Fact]
    public async Task Messages_of_all_sizes_come_back_as_they_went()
    {
        using DtlsIdentity identity = OpenSslIdentity.Create();
        using LabClient client = new(identity);
        await client.ConnectAsync(host.Address);
        foreach (int size in (int[])[1, 100, 1150, 16_384, 262_144])
        {
            byte[] message = new byte[size];
            new Random(size).NextBytes(message);
            await client.EchoAsync(1, message);
            Assert.Equal(message, client.LastMessage);
        }

        List<double> trips = [];
        for (int i = 0; i < 500; i++)
        {
            trips.Add((await client.EchoAsync(1, new byte[100])).TotalMilliseconds);
        }

        List<double> megabytes = [];
        for (int i = 0; i < 10; i++)
        {
            megabytes.Add((await client.EchoAsync(64, new byte[16_384])).TotalMilliseconds);
        }

        trips.Sort();
        megabytes.Sort();
        TestContext.Current.SendDiagnosticMessage(
            $"100 bytes p50 {trips[250]:f3} ms, p99 {trips[495]:f3} ms; 1 MB in 16 KB messages there and back: median {megabytes[5]:f1} "
                + $"ms, worst {megabytes[9]:f1} ms; {client.Stats!.Retransmissions} chunks again, {client.Stats.Timeouts} timeouts");
        await client.EndAsync();
    }

    [Fact]
    public void The_host_connects_to_itself_ahead_of_the_first_call_and_leaves_nothing_behind()
    {
        ForeignPeer.NeedsOwnEngine();
        int peers = host.Media.PeerCount;
        Assert.True(MediaWarmUp.Run(host.Media, TestContext.Current.CancellationToken));

        // The host's own warm-up may still have been there when the count began.
        Assert.InRange(host.Media.PeerCount, 0, peers);
    }

    [Fact]
    public async Task A_call_reaches_an_address_that_the_machine_got_after_the_start()
    {
        ForeignPeer.NeedsOwnEngine();
        if (!OperatingSystem.IsLinux())
        {
            Assert.Skip("Only Linux lends every address of 127/8.");
        }

        IPAddress[] former = [.. host.Media.Addresses.Select(a => a.Address)];
        IPAddress added = new([127, 0, 0, 77]);
        using DtlsIdentity identity = OpenSslIdentity.Create();
        try
        {
            host.Media.Refresh([.. former, added]);
            await CallAsync(identity, added);

            // Another address every day: sockets and threads of those long gone are given up.
            for (byte day = 100; day < 140; day++)
            {
                host.Media.Refresh([.. former, new IPAddress([127, 0, 0, day])]);
            }

            Assert.DoesNotContain(host.Media.Candidates, c => c.Address.ToIPAddress().Equals(added));
            Assert.InRange(host.Media.Addresses.Count, former.Length + 1, former.Length + 10);
            host.Media.Refresh([.. former, added]);
            await CallAsync(identity, added);
        }
        finally
        {
            host.Media.Refresh(former);
        }

        Assert.Equal(former.Length, host.Media.Candidates.Count(c => c.Address.Protocol == TransportProtocol.Udp));
        await CallAsync(identity, former[0]);
    }

    /// <summary>A call that knows of one address alone.</summary>
    private async Task CallAsync(DtlsIdentity identity, IPAddress address)
    {
        using LabClient client = new(identity)
        {
            EditAnswer = answer =>
                string.Join(
                    "\r\n",
                    answer.Split("\r\n")
                        .Where(
                            line =>
                                !line.StartsWith("a=candidate", StringComparison.Ordinal)
                                    || line.Contains($" {address} ", StringComparison.Ordinal))),
        };
        await client.ConnectAsync(host.Address);
        await client.EchoAsync(1, [1]);
        Assert.Equal(address, client.RemoteEndPoint!.Address);
        await client.EndAsync();
    }

    [Fact]
    public async Task Connecting_and_closing_leaves_memory_handles_and_threads_where_they_were()
    {
        ForeignPeer.NeedsOwnEngine();
        int cycles = Long ? 2000 : 40;
        using DtlsIdentity identity = OpenSslIdentity.Create();
        await CycleAsync(identity, 20);
        (long bytes, int handles, int threads) = await MeasureAsync();
        await CycleAsync(identity, cycles);
        if (Long)
        {
            // The host's timer queue lets go of a closed peer when its last deadline has passed: half a minute.
            await Task.Delay(TimeSpan.FromSeconds(45), TestContext.Current.CancellationToken);
        }

        (long bytesAfter, int handlesAfter, int threadsAfter) = await MeasureAsync();
        string story =
            $"{cycles} cycles: {bytesAfter - bytes:+#;-#;0} bytes, {handlesAfter - handles:+#;-#;0} handles, "
                + $"{threadsAfter - threads:+#;-#;0} threads";
        TestContext.Current.SendDiagnosticMessage(story);
        Assert.True(bytesAfter - bytes < 3_000_000, story);
        Assert.InRange(handlesAfter - handles, -1000, 16);
        Assert.InRange(threadsAfter - threads, -1000, 8);
    }

    private async Task CycleAsync(DtlsIdentity identity, int count)
    {
        for (int i = 0; i < count; i++)
        {
            using LabClient client = new(identity);
            await client.ConnectAsync(host.Address);
            await client.EchoAsync(4, new byte[2000]);
            await client.EndAsync();
        }
    }

    private static async Task<(long Bytes, int Handles, int Threads)> MeasureAsync()
    {
        // What ends in the background (the host's release of a peer, HTTP) may take a moment: until two readings agree.
        (long Bytes, int Handles, int Threads) last = default;
        for (int i = 0; i < 40; i++)
        {
            await Task.Delay(100);
            using Process self = Process.GetCurrentProcess();
            (long Bytes, int Handles, int Threads) now = (GC.GetTotalMemory(true), self.HandleCount, self.Threads.Count);
            if (i > 0 && Math.Abs(now.Bytes - last.Bytes) < 50_000 && now.Handles == last.Handles && now.Threads == last.Threads)
            {
                return now;
            }

            last = now;
        }

        return last;
    }
}
