using BenchmarkDotNet.Attributes;
using Bridge.Rtc;
using Bridge.Rtc.Dtls;

namespace Bridge.Benchmarks.Suites;

/// <summary>
/// DTLS 1.2 through OpenSSL in memory: a whole handshake of two sides (ECDHE, both with P-256 certificates), and a record there.
/// </summary>
[MemoryDiagnoser]
public class DtlsBenchmarks
{
    private const int Mtu = 1200;
    private static readonly Instant Now = new(1);

    private readonly byte[] _buffer = new byte[16_384];
    private readonly byte[] _message = new byte[100];
    private OpenSslIdentity _here = null!;
    private OpenSslIdentity _there = null!;
    private IDtlsEngine _client = null!;
    private IDtlsEngine _server = null!;

    [GlobalSetup]
    public void Setup()
    {
        _here = OpenSslIdentity.Create();
        _there = OpenSslIdentity.Create();
        (_client, _server) = Connect();
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _client.Dispose();
        _server.Dispose();
        _here.Dispose();
        _there.Dispose();
    }

    /// <summary>Both sides: four flights, the certificates checked against their fingerprints, close and release.</summary>
    [Benchmark]
    public void Handshake()
    {
        (IDtlsEngine client, IDtlsEngine server) = Connect();
        client.Dispose();
        server.Dispose();
    }

    /// <summary>100 bytes of application data, encrypted by one side and decrypted by the other.</summary>
    [Benchmark]
    public void Record()
    {
        if (!_client.TrySend(Now, _message) || Carry(_client, _server) != 1
            || _server.Poll(Now, _buffer, out int length) != DtlsSignal.ApplicationData || length != _message.Length)
        {
            throw new InvalidOperationException("The record did not arrive.");
        }

        while (_server.Poll(Now, _buffer, out _) != DtlsSignal.None)
        {
        }
    }

    private (IDtlsEngine Client, IDtlsEngine Server) Connect()
    {
        IDtlsEngine client = _here.CreateEngine(DtlsRole.Client, Mtu);
        IDtlsEngine server = _there.CreateEngine(DtlsRole.Server, Mtu);
        client.Start(Now);
        server.Start(Now);
        while (Carry(client, server) + Carry(server, client) > 0)
        {
        }

        if (client.Profile is null || server.Profile is null || !client.PeerMatches(_there.Fingerprint)
            || !server.PeerMatches(_here.Fingerprint))
        {
            throw new InvalidOperationException("The handshake did not complete.");
        }

        return (client, server);
    }

    /// <summary>Brings over all that one side has to send; its other signals are of no interest here.</summary>
    /// <returns>Datagrams carried.</returns>
    private int Carry(IDtlsEngine from, IDtlsEngine to)
    {
        int carried = 0;
        while (true)
        {
            DtlsSignal signal = from.Poll(Now, _buffer, out int length);
            if (signal == DtlsSignal.None)
            {
                return carried;
            }

            if (signal == DtlsSignal.Datagram)
            {
                to.Receive(Now, _buffer.AsSpan(0, length));
                carried++;
            }
        }
    }
}
