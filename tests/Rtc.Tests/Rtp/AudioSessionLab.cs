using System.Buffers.Binary;
using Bridge.Rtc.Rtp;
using Bridge.Rtc.Sdp;
using Bridge.Rtc.Srtp;
using Bridge.Testing;

namespace Bridge.Rtc.Tests.Rtp;

/// <summary>A session with the remote side's keys at hand.</summary>
internal sealed class AudioSessionLab
{
    public const uint RemoteSsrc = 0xABCD;
    public static readonly Instant Start = new(1_000_000);
    public static readonly Route Far = new(TransportAddress.FromIPv4(1, 1), 0);

    private readonly SrtpSession _remote;
    private readonly OutputQueue _output;
    private byte[] _lastRtcp = [];

    public AudioSessionLab()
    {
        var entropy = new SeededEntropy(3);
        _output = new OutputQueue(Stats);
        Session = new AudioSession(Start, entropy, new RtcPeerOptions { Identity = new FakeDtlsIdentity(entropy) }, _output, Stats);
        byte[] material = new byte[SrtpKeys.ExportSize(SrtpProfile.AeadAes128Gcm)];
        _remote = SrtpSession.FromExport(SrtpProfile.AeadAes128Gcm, material, isDtlsClient: true);
        Session.SetKeys(SrtpSession.FromExport(SrtpProfile.AeadAes128Gcm, material, isDtlsClient: false));
        Session.SetTerms(Start, new AudioTerms
        {
            Section = 0,
            Mid = "0",
            PayloadType = 111,
            Codec = "opus",
            ClockRate = 48_000,
            Channels = 2,
            RemoteSends = true,
            RemoteReceives = true,
            Red = 63,
            TelephoneEvents = [(110, 48_000)],
            TransportFeedback = true,
            Nack = true,
            ReducedSize = true,
            LevelExtension = 1,
            TransportSequenceExtension = 3,
            MidExtension = 4,
        });
        Sink = new RecordingSink((datagram, _) =>
        {
            if (datagram[1] is >= 192 and <= 223)
            {
                byte[] copy = datagram.ToArray();
                Assert.Equal(SrtpResult.Ok, _remote.UnprotectRtcp(copy, out int length));
                _lastRtcp = copy[..length];
            }
        });
    }

    public RtcStats Stats { get; } = new();

    public AudioSession Session { get; }

    public RecordingSink Sink { get; }

    public byte[] LastRtcp() => _lastRtcp;

    public void Drain() => _output.Drain(Sink);

    public void Receive(
        ushort sequence,
        byte[] payload,
        (byte Id, byte[] Value)[]? extensions = null,
        byte payloadType = 111,
        uint timestamp = 0,
        bool twoByte = false,
        TimeSpan at = default,
        bool padded = false,
        uint ssrc = RemoteSsrc)
    {
        var elements = new List<byte>();
        foreach ((byte id, byte[] value) in extensions ?? [])
        {
            elements.AddRange(twoByte ? [id, (byte)value.Length] : [(byte)((id << 4) | (value.Length - 1))]);
            elements.AddRange(value);
        }

        while (elements.Count % 4 != 0)
        {
            elements.Add(0);
        }

        var packet = new List<byte>(new byte[12]);
        if (elements.Count > 0)
        {
            packet.AddRange(twoByte ? [0x10, 0x00] : [0xBE, 0xDE]);
            packet.AddRange([0, (byte)(elements.Count / 4)]);
            packet.AddRange(elements);
        }

        int headerLength = packet.Count;
        packet.AddRange(payload);
        int length = packet.Count;
        packet.AddRange(new byte[16]);
        byte[] buffer = [.. packet];
        buffer[0] = (byte)((elements.Count > 0 ? 0x90 : 0x80) | (padded ? 0x20 : 0));
        buffer[1] = payloadType;
        BinaryPrimitives.WriteUInt16BigEndian(buffer.AsSpan(2), sequence);
        BinaryPrimitives.WriteUInt32BigEndian(buffer.AsSpan(4), timestamp);
        BinaryPrimitives.WriteUInt32BigEndian(buffer.AsSpan(8), ssrc);

        // One sender context per packet order would track roll-over; here numbers may go back, so indices are explicit.
        length = Direction.ProtectRtp(buffer, headerLength, length, ssrc, sequence);
        Assert.True(Session.ReceiveRtp(Start + at, buffer.AsSpan(0, length)));
    }

    public void ReceiveRtcp(byte[] compound, TimeSpan at)
    {
        byte[] buffer = [.. compound, .. new byte[20]];
        int length = _remote.ProtectRtcp(buffer, compound.Length);
        Assert.True(Session.ReceiveRtcp(Start + at, buffer.AsSpan(0, length), Far));
    }

    private static SrtpDirection Direction { get; } = SrtpDirection.FromMaster(SrtpProfile.AeadAes128Gcm, new byte[16], new byte[12]);
}
