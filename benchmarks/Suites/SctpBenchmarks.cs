using BenchmarkDotNet.Attributes;
using Bridge.Rtc;
using Bridge.Rtc.Sctp;

namespace Bridge.Benchmarks.Suites;

/// <summary>A message on an ordered, reliable data channel to the other association and back, without a network.</summary>
[MemoryDiagnoser]
public class SctpBenchmarks
{
    private readonly End _client = new(new SctpOptions { IsDtlsClient = true });
    private readonly End _server = new(new SctpOptions());
    private byte[] _message = [];
    private ushort _stream;
    private Instant _now = new(1_000_000);

    [Params(100, 16_000)]
    public int Bytes { get; set; } = 100;

    [GlobalSetup]
    public void Setup()
    {
        _message = new byte[Bytes];
        _server.Echo = true;
        _client.Association.Connect(_now);
        if (!_client.Association.TryOpenChannel(_now, new DataChannelOptions { Label = "bridge" }, out _stream))
        {
            throw new InvalidOperationException("No channel.");
        }

        Exchange();
    }

    [Benchmark]
    public long Echo()
    {
        long before = _client.Messages;
        _client.Association.Send(_now, _stream, _message, binary: true);
        Exchange();
        return _client.Messages > before ? _client.Messages : throw new InvalidOperationException("No echo came.");
    }

    private void Exchange()
    {
        bool busy = true;
        while (busy)
        {
            _now += TimeSpan.FromMicroseconds(100);
            _client.Association.Advance(_now, _client);
            _server.Association.Advance(_now, _server);
            busy = _client.DeliverTo(_server, _now) | _server.DeliverTo(_client, _now);
        }
    }

    private sealed class End(SctpOptions options) : ISctpSink
    {
        private readonly byte[] _wire = new byte[1 << 20];
        private readonly int[] _lengths = new int[4096];
        private readonly byte[] _heard = new byte[1 << 16];
        private int _packets;
        private int _used;
        private int _heardLength;
        private ushort _heardStream;

        internal SctpAssociation Association { get; } = new(new Instant(1_000_000), SystemEntropy.Instance, options);

        internal bool Echo { get; set; }

        internal long Messages { get; private set; }

        public void Transmit(ReadOnlySpan<byte> packet)
        {
            packet.CopyTo(_wire.AsSpan(_used));
            _used += packet.Length;
            _lengths[_packets++] = packet.Length;
        }

        public void Message(ushort stream, ReadOnlySpan<byte> message, bool binary)
        {
            Messages++;
            message.CopyTo(_heard);
            (_heardStream, _heardLength) = (stream, message.Length);
        }

        public void Established()
        {
        }

        public void ChannelOpened(ushort stream, DataChannelOptions channel)
        {
        }

        public void ChannelClosed(ushort stream)
        {
        }

        public void BufferedAmountLow(ushort stream)
        {
        }

        public void Closed(SctpCloseReason reason)
        {
        }

        internal bool DeliverTo(End other, Instant now)
        {
            bool any = _packets > 0;
            for (int i = 0, at = 0; i < _packets; at += _lengths[i++])
            {
                other.Association.Receive(now, _wire.AsSpan(at, _lengths[i]));
            }

            _packets = _used = 0;
            if (Echo && _heardLength > 0)
            {
                Association.Send(now, _heardStream, _heard.AsSpan(0, _heardLength), binary: true);
                _heardLength = 0;
                any = true;
            }

            return any;
        }
    }
}
