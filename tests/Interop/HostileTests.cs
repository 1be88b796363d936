using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using Bridge.Metrics;
using Bridge.Rtc.Dtls;
using Bridge.Rtc.Sctp;
using Bridge.Testing;
using Bridge.Testing.Lab;

namespace Bridge.Interop;

/// <summary>
/// Hostile traffic through the real endpoint beside running calls. Senders wait for the host to have counted what they sent, so that
/// nothing
/// is lost in a full socket and the outcome does not depend on how fast the machine is. BRIDGE_LONG=1 sends ten times as much of what is
/// not random, and all of it ten times over.
/// </summary>
[Collection(nameof(LabHost))]
public sealed class HostileTests(LabHost host)
{
    private const int Batch = 64;
    private const int Seed = 20261121;
    private static readonly int Many = Seeds.Long ? 100_000 : 10_000;
    private static readonly int Rounds = Seeds.Long ? 10 : 1;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Calls_keep_their_audio_beside_floods_of_every_kind_and_each_kind_is_counted()
    {
        ForeignPeer.NeedsOwnEngine();
        using DtlsIdentity identity = OpenSslIdentity.Create();
        TappedIdentity tapped = new(identity);
        using LabClient first = new(identity);
        using LabClient second = new(identity);

        // It ignores the limits that the host states: messages of half a megabyte, four hundred channels at once.
        using LabClient attacker = new(tapped, options => options with { MaxChannels = 1000 })
        {
            Records = true,
            EditAnswer = answer => answer.Replace("max-message-size:262144", "max-message-size:1000000", StringComparison.Ordinal),
        };
        foreach (LabClient client in (LabClient[])[first, second, attacker])
        {
            await client.ConnectAsync(host.Address);
            await client.EchoAsync(1, [1]);
        }

        using Speaker speaker = new([first, second]);
        attacker.SendAudio(new byte[80], 0);
        int peers = host.Media.PeerCount;
        int connections = host.Media.TcpConnections;
        long memory = GC.GetTotalMemory(forceFullCollection: true);
        Dictionary<string, long> before = Read();

        for (int round = 0; round < Rounds; round++)
        {
            await RandomDatagramsAsync(attacker.RemoteEndPoint!);
            await ForgedChecksAsync(attacker);
            await HellosFromForgedAddressesAsync(attacker);
            await ReplayedAudioAsync(attacker);
            await InitsAsync(attacker, tapped);
            await ChannelsAsync(attacker);
            await OversizeAsync(attacker);
        }

        speaker.Stop();
        for (int call = 0; call < 2; call++)
        {
            await UntilAsync(() => speaker.Back(call), speaker.Sent, $"packets of call {call}");
        }

        Dictionary<string, long> after = Read();
        string story = string.Join(", ", after.Select(k => $"{k.Key} +{k.Value - before.GetValueOrDefault(k.Key)}"));
        double[] gaps = speaker.Gaps;
        TestContext.Current.SendDiagnosticMessage(
            $"{speaker.Sent} packets on each of 2 calls, all back; gaps p50 {gaps[gaps.Length / 2]:f1}, p99 "
                + $"{gaps[gaps.Length * 99 / 100]:f1}, max {gaps[^1]:f1} ms; {story}");
        Assert.Equal(peers, host.Media.PeerCount);
        Assert.Equal(connections, host.Media.TcpConnections);
        long growth = GC.GetTotalMemory(forceFullCollection: true) - memory;
        TestContext.Current.SendDiagnosticMessage($"{growth} bytes more");
        Assert.True(growth < 6_000_000, $"{growth} bytes more; {story}");
        foreach (string kind in (string[])["unclaimed.dtls", "unclaimed.other", "rejected.stun", "rejected.srtp_replayed",
            "rejected.sctp_init", "rejected.channel", "rejected.message_oversize"])
        {
            Assert.True(after[kind] > before.GetValueOrDefault(kind), $"{kind} was not counted: {story}");
        }
    }

    /// <summary>The counters of meter "Bridge" by name and kind.</summary>
    private static Dictionary<string, long> Read()
    {
        Dictionary<string, long> counts = [];
        using MeterListener listener = new();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == BridgeMetrics.MeterName && instrument.Name is "bridge.media.unclaimed" or "bridge.media.rejected")
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
            counts[$"{instrument.Name["bridge.media.".Length..]}.{tags[0].Value}"] = value);
        listener.Start();
        listener.RecordObservableInstruments();
        return counts;
    }

    private static async Task UntilAsync(Func<long> count, long goal, string what)
    {
        long start = Stopwatch.GetTimestamp();
        while (count() < goal)
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < Patience, $"{count()} of {goal} {what} after {Patience.TotalSeconds} s");
            await Task.Yield();
        }
    }

    /// <summary>Sends in batches, each after the one before it was counted by the host.</summary>
    private static async Task FloodAsync(int total, Func<long> counted, string what, Action<int> send)
    {
        long start = counted();
        for (int i = 0; i < total;)
        {
            for (int end = Math.Min(total, i + Batch); i < end; i++)
            {
                send(i);
            }

            await UntilAsync(() => counted() - start, i, what);
        }
    }

    private static Socket Stranger(byte c = 0, byte d = 1)
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);

        // Any address of 127/8 is this machine's, on Linux.
        socket.Bind(new IPEndPoint(OperatingSystem.IsLinux() ? new IPAddress([127, 0, c, d]) : IPAddress.Loopback, 0));
        return socket;
    }

    private async Task RandomDatagramsAsync(IPEndPoint target)
    {
        using Socket socket = Stranger();
        Random random = new(Seed);
        byte[] noise = new byte[1200];
        await FloodAsync(100_000, () => host.Media.Unclaimed.Total, $"random datagrams (seed {Seed})", _ =>
        {
            Span<byte> datagram = noise.AsSpan(0, random.Next(1, 300));
            random.NextBytes(datagram);
            socket.SendTo(datagram, target);
        });
    }

    private async Task ForgedChecksAsync(LabClient attacker)
    {
        using Socket socket = Stranger();
        byte[] forged = ForgedCheck.Like(attacker.LastCheck);
        await FloodAsync(Many / 10, () => host.Media.Rejected.Stun, "forged checks", _ => socket.SendTo(forged, attacker.RemoteEndPoint!));
    }

    private async Task HellosFromForgedAddressesAsync(LabClient attacker)
    {
        const int Addresses = 200;
        Socket[] sockets = [.. Enumerable.Range(0, Addresses).Select(i => Stranger((byte)(1 + (i / 100)), (byte)(1 + (i % 100))))];
        try
        {
            await FloodAsync(
                Many / 10,
                () => host.Media.Unclaimed.Total,
                "hellos",
                i => sockets[i % Addresses].SendTo(attacker.FirstHello, attacker.RemoteEndPoint!));
        }
        finally
        {
            Array.ForEach(sockets, s => s.Dispose());
        }
    }

    private async Task ReplayedAudioAsync(LabClient attacker) =>
        await FloodAsync(Many / 10, () => host.Media.Rejected.SrtpReplayed, "replayed packets", _ => attacker.SendRaw(attacker.LastAudio));

    private async Task InitsAsync(LabClient attacker, TappedIdentity tapped)
    {
        await FloodAsync(Many / 10, () => host.Media.Rejected.SctpInits, "INITs", i =>
            attacker.With((_, now) => Assert.True(tapped.SendInit(now, (uint)(i + 1)))));

        // The association is still the one it was.
        await attacker.EchoAsync(1, [2]);
    }

    /// <summary>
    /// Opened as many at once as fit, closed, opened again. The attacker numbers its channels itself, so these 400 are its own count; the
    /// host keeps 128 and refuses the rest.
    /// </summary>
    private static async Task ChannelsAsync(LabClient attacker)
    {
        const int AtOnce = 400;
        for (int opened = 0; opened < Many;)
        {
            List<ushort> streams = [];
            await UntilAsync(
                () =>
                {
                    attacker.With((peer, now) =>
                    {
                        while (streams.Count < AtOnce
                            && peer.OpenDataChannel(now, new DataChannelOptions { Label = "flood" }) is { } stream)
                        {
                            streams.Add(stream);
                        }
                    });
                    return streams.Count;
                },
                AtOnce,
                "channels opened");
            opened += streams.Count;
            attacker.With((peer, now) => streams.ForEach(s => peer.CloseDataChannel(now, s)));
        }

        await attacker.EchoAsync(1, [3]);
    }

    private async Task OversizeAsync(LabClient attacker)
    {
        ushort? stream = null;
        long before = host.Media.Rejected.Oversize;
        await UntilAsync(
            () =>
            {
                attacker.With((peer, now) => stream ??= peer.OpenDataChannel(now, new DataChannelOptions { Label = "big" }));
                return stream is null ? 0 : 1;
            },
            1,
            "channel for an oversize message");
        attacker.With((peer, now) => Assert.Equal(DataSendResult.Queued, peer.Send(now, stream!.Value, new byte[500_000], binary: true)));
        await UntilAsync(() => host.Media.Rejected.Oversize, before + 1, "oversize messages");
    }
}
