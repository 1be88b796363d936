using System.Buffers.Binary;
using Bridge.Rtc;
using Bridge.Rtc.Dtls;

namespace Bridge.Fuzz.Targets;

/// <summary>
/// A DTLS server of OpenSSL fed with datagrams: each a length of two bytes and its bytes. Seeds are flights of a real client.
/// </summary>
internal sealed class DtlsTarget : FuzzTarget
{
    private static readonly DtlsIdentity Identity = OpenSslIdentity.Create();
    private readonly byte[] _keys = new byte[56];
    private readonly byte[] _buffer = new byte[16_384];

    public override string Name => "dtls";

    public override int LongestInput => 8192;

    public override int ShortRun => 1_500;

    public override IEnumerable<byte[]> Seeds()
    {
        using IDtlsEngine client = Identity.CreateEngine(DtlsRole.Client, 1200);
        using IDtlsEngine server = Identity.CreateEngine(DtlsRole.Server, 1200);
        Instant now = new(0);
        client.Start(now);
        server.Start(now);
        List<byte> flights = [];
        for (int round = 0; round < 6; round++)
        {
            foreach (byte[] datagram in Drain(client, now))
            {
                flights.AddRange([(byte)(datagram.Length >> 8), (byte)datagram.Length]);
                flights.AddRange(datagram);
                server.Receive(now, datagram);
                foreach (byte[] answer in Drain(server, now))
                {
                    client.Receive(now, answer);
                }
            }

            yield return [.. flights];
        }
    }

    public override int Run(ReadOnlySpan<byte> input)
    {
        using IDtlsEngine server = Identity.CreateEngine(DtlsRole.Server, 1200);
        Instant now = new(0);
        server.Start(now);
        int datagrams = 0;
        int answered = 0;
        while (input.Length >= 2 && datagrams++ < 16)
        {
            int length = Math.Min(BinaryPrimitives.ReadUInt16BigEndian(input), input.Length - 2);
            server.Receive(now, input.Slice(2, length));
            input = input[(2 + length)..];
            answered += Drain(server, now).Count;
        }

        Require(!server.TryExportSrtpKeys(_keys), "A handshake completed without its client.");
        return HashCode.Combine(Math.Min(answered, 12), server.Failure is null, server.Failure?.Split(':').Last().Trim());
    }

    private List<byte[]> Drain(IDtlsEngine engine, Instant now)
    {
        List<byte[]> datagrams = [];
        for (int i = 0; i < 64; i++)
        {
            DtlsSignal signal = engine.Poll(now, _buffer, out int length);
            if (signal == DtlsSignal.None)
            {
                break;
            }

            if (signal == DtlsSignal.Datagram)
            {
                datagrams.Add(_buffer.AsSpan(0, length).ToArray());
            }
        }

        return datagrams;
    }
}
