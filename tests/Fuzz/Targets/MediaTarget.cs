using System.Buffers.Binary;
using Bridge.Rtc;
using Bridge.Rtc.Rtp;
using Bridge.Rtc.Sdp;
using Bridge.Rtc.Srtp;
using Bridge.Testing;

namespace Bridge.Fuzz.Targets;

/// <summary>
/// Media of a caller that holds the keys: each packet of an input is protected honestly and given to the
/// session, so that RED, NACK, feedback, extensions and telephone events see it.
/// </summary>
internal sealed class MediaTarget : FuzzTarget
{
    private static readonly SeededEntropy Entropy = new(2);
    private static readonly AudioTerms Terms = ReadTerms();
    private readonly byte[] _buffer = new byte[4096];

    public override string Name => "media";

    public override int ShortRun => 5_000;

    public override IEnumerable<byte[]> Seeds()
    {
        yield return Join("906f000100000001deadbeefbede00021030221234ff0000f8fffe", "806f000300000781deadbeeff8fffe");
        yield return Join("803f000100000001deadbeefef0f00036ff8fffef8fffe", "803f000200000781deadbeefef0f00036ff8fffef8fffe");
        yield return Join("806e000100000001deadbeef010a00a0", "80ee000200000001deadbeef018a0320");
        yield return Join(
            "80c8000600000001e1e2e3e4f1f2f3f4000000010000000a00000064", "81cd000300000001deadbeef00010003", "81cb000100000001");
        yield return Join("806f000100000001deadbeeff8fffe", "806f000500000001deadbeeff8fffe", "806fffff00000001deadbeeff8fffe");
    }

    public override int Run(ReadOnlySpan<byte> input)
    {
        RtcStats stats = new();
        OutputQueue output = new(stats);
        NullSink sink = new();
        Instant now = new(0);
        Route route = default;
        byte[] material = [.. Enumerable.Range(0, SrtpKeys.ExportSize(SrtpProfile.AeadAes128Gcm)).Select(i => (byte)i)];
        using SrtpSession sender = SrtpSession.FromExport(SrtpProfile.AeadAes128Gcm, material, true);
        using AudioSession session = new(now, Entropy, new RtcPeerOptions { Identity = new FakeDtlsIdentity(Entropy) }, output, stats);
        session.SetKeys(SrtpSession.FromExport(SrtpProfile.AeadAes128Gcm, material, false));
        session.SetTerms(now, Terms);
        int packets = 0;
        while (input.Length >= 2 && packets++ < 32)
        {
            int length = Math.Min(BinaryPrimitives.ReadUInt16BigEndian(input), Math.Min(input.Length - 2, 1400));
            ReadOnlySpan<byte> packet = input.Slice(2, length);
            input = input[(2 + length)..];
            now += TimeSpan.FromMilliseconds(20);
            Give(session, sender, packet, now, route);
            session.Advance(now, route);
            output.Drain(sink);
        }

        for (int i = 0; i < 3; i++)
        {
            now += TimeSpan.FromSeconds(1);
            session.Advance(now, route);
            output.Drain(sink);
        }

        return HashCode.Combine(
            Math.Min(sink.Packets, 6),
            Math.Min(sink.Digits, 3),
            Math.Min(stats.RtpMalformed, 3),
            Math.Min(stats.AudioPacketsLost, 4),
            stats.RoundTripTime is null,
            stats.RemoteLoss > 0);
    }

    private void Give(AudioSession session, SrtpSession sender, ReadOnlySpan<byte> packet, Instant now, Route route)
    {
        packet.CopyTo(_buffer);
        if (packet.Length > 1 && packet[1] is >= 192 and <= 223)
        {
            if (packet.Length >= 8)
            {
                int length = sender.ProtectRtcp(_buffer, packet.Length);
                session.ReceiveRtcp(now, _buffer.AsSpan(0, length), route);
            }
        }
        else if (RtpHeader.TryParse(packet, out RtpHeader header))
        {
            // One session sends one source; the receiver's limit on sources has tests of its own.
            BinaryPrimitives.WriteUInt32BigEndian(_buffer.AsSpan(8), 0xDEADBEEF);
            int length = sender.ProtectRtp(_buffer, header.Length, packet.Length);
            session.ReceiveRtp(now, _buffer.AsSpan(0, length));
        }
    }

    private static AudioTerms ReadTerms()
    {
        string offer = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "sdp", "chromium-156-audio-data-offer.sdp"));
        return RemoteDescription.TryRead(offer, false, null, null, out RemoteDescription? remote, out string refusal)
            ? remote.Audio!
            : throw new InvalidOperationException(refusal);
    }

    private static byte[] Join(params string[] packets)
    {
        List<byte> bytes = [];
        foreach (string packet in packets)
        {
            byte[] one = Convert.FromHexString(packet);
            bytes.Add((byte)(one.Length >> 8));
            bytes.Add((byte)one.Length);
            bytes.AddRange(one);
        }

        return [.. bytes];
    }
}
