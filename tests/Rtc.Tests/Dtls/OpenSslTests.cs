using Bridge.Rtc.Dtls;
using Bridge.Rtc.Srtp;

namespace Bridge.Rtc.Tests.Dtls;

public sealed class OpenSslTests
{
    private static readonly Instant Now = new(123_456_789);

    [Fact]
    public void Two_engines_shake_hands_and_agree_on_keys_and_prefer_GCM()
    {
        using OpenSslIdentity one = OpenSslIdentity.Create();
        using OpenSslIdentity two = OpenSslIdentity.Create();
        using IDtlsEngine client = one.CreateEngine(DtlsRole.Client, 1200);
        using IDtlsEngine server = two.CreateEngine(DtlsRole.Server, 1200);
        var wire = new Wire(client, server);
        wire.Run();

        Assert.Equal([DtlsSignal.Connected], wire.ClientSignals);
        Assert.Equal([DtlsSignal.Connected], wire.ServerSignals);
        Assert.Equal(SrtpProfile.AeadAes128Gcm, client.Profile);
        Assert.Equal(SrtpProfile.AeadAes128Gcm, server.Profile);
        Assert.True(client.PeerMatches(two.Fingerprint));
        Assert.True(server.PeerMatches(one.Fingerprint));
        Assert.False(client.PeerMatches(one.Fingerprint));
        byte[] a = new byte[56];
        byte[] b = new byte[56];
        Assert.True(client.TryExportSrtpKeys(a));
        Assert.True(server.TryExportSrtpKeys(b));
        Assert.Equal(a, b);
        Assert.True(wire.LongestDatagram <= 1200, $"A datagram of {wire.LongestDatagram} bytes.");
    }

    [Fact]
    public void A_side_that_offers_only_the_other_profile_gets_it()
    {
        using OpenSslIdentity one = OpenSslIdentity.Create(SrtpProfile.Aes128CmHmacSha1Tag80);
        using OpenSslIdentity two = OpenSslIdentity.Create();
        using IDtlsEngine client = one.CreateEngine(DtlsRole.Client, 1200);
        using IDtlsEngine server = two.CreateEngine(DtlsRole.Server, 1200);
        new Wire(client, server).Run();
        Assert.Equal(SrtpProfile.Aes128CmHmacSha1Tag80, server.Profile);
    }

    [Fact]
    public void A_small_MTU_cuts_the_flights()
    {
        using OpenSslIdentity one = OpenSslIdentity.Create();
        using IDtlsEngine client = one.CreateEngine(DtlsRole.Client, 300);
        using IDtlsEngine server = one.CreateEngine(DtlsRole.Server, 300);
        var wire = new Wire(client, server);
        wire.Run();
        Assert.Equal([DtlsSignal.Connected], wire.ClientSignals);
        Assert.True(wire.LongestDatagram <= 300, $"A datagram of {wire.LongestDatagram} bytes.");
    }

    [Fact]
    public void Application_data_goes_both_ways_one_record_per_datagram_and_close_notify_ends_it()
    {
        using OpenSslIdentity one = OpenSslIdentity.Create();
        using IDtlsEngine client = one.CreateEngine(DtlsRole.Client, 1200);
        using IDtlsEngine server = one.CreateEngine(DtlsRole.Server, 1200);
        var wire = new Wire(client, server);
        wire.Run();
        Assert.True(client.TrySend(Now, "one"u8));
        Assert.True(client.TrySend(Now, "two"u8));
        Assert.True(server.TrySend(Now, "three"u8));
        wire.Run();
        Assert.Equal(["one", "two"], wire.ServerData);
        Assert.Equal(["three"], wire.ClientData);

        server.Close(Now);
        wire.Run();
        Assert.Equal(DtlsSignal.Closed, wire.ClientSignals[^1]);
        Assert.False(server.TrySend(Now, "late"u8));
    }

    [Fact]
    public void Noise_between_the_flights_harms_nothing()
    {
        var random = new Random(7);
        using OpenSslIdentity one = OpenSslIdentity.Create();
        using IDtlsEngine client = one.CreateEngine(DtlsRole.Client, 1200);
        using IDtlsEngine server = one.CreateEngine(DtlsRole.Server, 1200);
        var wire = new Wire(client, server)
        {
            Noise = () =>
            {
                byte[] noise = new byte[random.Next(1, 200)];
                random.NextBytes(noise);
                noise[0] = (byte)random.Next(20, 64);
                return noise;
            },
        };
        wire.Run();
        Assert.Equal([DtlsSignal.Connected], wire.ClientSignals);
        Assert.Equal([DtlsSignal.Connected], wire.ServerSignals);
    }

    [Fact]
    public void A_lost_last_flight_is_sent_again_for_whoever_repeats_the_one_before()
    {
        using OpenSslIdentity one = OpenSslIdentity.Create();
        using IDtlsEngine client = one.CreateEngine(DtlsRole.Client, 1200);
        using IDtlsEngine server = one.CreateEngine(DtlsRole.Server, 1200);
        var wire = new Wire(client, server);
        // The server's last flight begins with ChangeCipherSpec. On a machine so busy that a tenth of a second passes here, the client asks
        // for it already, and its repetition begins otherwise.
        wire.Lose = (from, datagram) => from == server && (datagram[0] == 20 || wire.ServerSignals.Count > 0);
        wire.Run();
        Assert.Equal([DtlsSignal.Connected], wire.ServerSignals);
        Assert.Empty(wire.ClientSignals);
        wire.Lose = null;

        // OpenSSL's retransmission follows its own clock: this is the one test that waits, for about 100 ms.
        while (client.NextDeadline(Now).At > Now)
        {
            Thread.Yield();
        }

        wire.Run();
        Assert.Equal([DtlsSignal.Connected], wire.ClientSignals);
    }

    [Fact]
    public void What_is_no_record_is_told_apart_from_what_may_be_one()
    {
        byte[] record = [23, 0xFE, 0xFD, 0, 1, 0, 0, 0, 0, 0, 1, 0, 24, .. new byte[24]];
        Assert.True(DtlsRecord.IsPlausible(record));
        Assert.True(DtlsRecord.IsPlausible([.. record, .. record]));
        for (int length = 1; length < record.Length; length++)
        {
            Assert.False(DtlsRecord.IsPlausible(record.AsSpan(0, length)));
        }

        foreach ((int at, byte value) in ((int, byte)[])[(0, 19), (0, 24), (1, 3), (2, 0xFC), (3, 1), (4, 2), (11, 1), (12, 25), (12, 23),
            (12, 0)])
        {
            byte[] mutated = [.. record];
            mutated[at] = value;
            Assert.False(DtlsRecord.IsPlausible(mutated));
        }
    }

    /// <summary>Carries datagrams between two engines until both are silent.</summary>
    private sealed class Wire(IDtlsEngine client, IDtlsEngine server)
    {
        private readonly byte[] _buffer = new byte[20_000];
        private readonly Queue<(IDtlsEngine To, byte[] Datagram)> _inFlight = [];
        private bool _started;

        public List<DtlsSignal> ClientSignals { get; } = [];

        public List<DtlsSignal> ServerSignals { get; } = [];

        public List<string> ClientData { get; } = [];

        public List<string> ServerData { get; } = [];

        public int LongestDatagram { get; private set; }

        public Func<IDtlsEngine, byte[], bool>? Lose { get; set; }

        public Func<byte[]>? Noise { get; init; }

        public void Run()
        {
            if (!_started)
            {
                _started = true;
                client.Start(Now);
            }

            Drain(client);
            Drain(server);
            while (_inFlight.TryDequeue(out (IDtlsEngine To, byte[] Datagram) next))
            {
                if (Noise is not null)
                {
                    next.To.Receive(Now, Noise());
                    Drain(next.To);
                }

                next.To.Receive(Now, next.Datagram);
                Drain(next.To);
            }
        }

        private void Drain(IDtlsEngine from)
        {
            (IDtlsEngine to, List<DtlsSignal> signals, List<string> data) = from == client
                ? (server, ClientSignals, ClientData)
                : (client, ServerSignals, ServerData);
            while (from.Poll(Now, _buffer, out int length) is var signal and not DtlsSignal.None)
            {
                switch (signal)
                {
                    case DtlsSignal.Datagram:
                        LongestDatagram = Math.Max(LongestDatagram, length);
                        if (Lose?.Invoke(from, _buffer) != true)
                        {
                            _inFlight.Enqueue((to, _buffer[..length]));
                        }

                        break;
                    case DtlsSignal.ApplicationData:
                        data.Add(System.Text.Encoding.UTF8.GetString(_buffer, 0, length));
                        break;
                    default:
                        signals.Add(signal);
                        break;
                }
            }
        }
    }
}
