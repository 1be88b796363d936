using Bridge.Rtc.Rtp;
using Bridge.Rtc.Srtp;

namespace Bridge.Fuzz.Targets;

/// <summary>Protected packets of both profiles. Only what the other side really made may pass, and once.</summary>
internal sealed class SrtpTarget : FuzzTarget
{
    private static readonly SrtpProfile[] Profiles = [SrtpProfile.Aes128CmHmacSha1Tag80, SrtpProfile.AeadAes128Gcm];
    private readonly List<byte[]> _genuine = [];

    public override string Name => "srtp";

    public override int ShortRun => 10_000;

    public override IEnumerable<byte[]> Seeds()
    {
        // The first byte of an input picks the profile; a packet follows.
        byte[] rtp = Convert.FromHexString("906f000100000001deadbeefbede00021030221234ff0000f8fffe0102030405");
        byte[] rtcp = Convert.FromHexString("80c8000600000001e1e2e3e4f1f2f3f4000000010000000a00000064");
        for (byte i = 0; i < Profiles.Length; i++)
        {
            using SrtpSession sender = Session(i, true);
            byte[] buffer = [.. rtp, .. new byte[64]];
            Require(RtpHeader.TryParse(rtp, out RtpHeader header), "The seed is no RTP.");
            int length = sender.ProtectRtp(buffer, header.Length, rtp.Length);
            _genuine.Add([i, .. buffer[..length]]);
            buffer = [.. rtcp, .. new byte[64]];
            length = sender.ProtectRtcp(buffer, rtcp.Length);
            _genuine.Add([i, .. buffer[..length]]);
        }

        return _genuine;
    }

    public override int Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty)
        {
            return 0;
        }

        int profile = input[0] & 1;
        byte[] packet = input[1..].ToArray();
        bool genuine = _genuine.Any(g => (g[0] & 1) == profile && g.AsSpan(1).SequenceEqual(packet));
        using SrtpSession receiver = Session(profile, false);
        bool isRtcp = packet.Length > 1 && packet[1] is >= 192 and <= 223;
        SrtpResult result;
        int length;
        RtpHeader header = default;
        if (isRtcp)
        {
            result = receiver.UnprotectRtcp(packet, out length);
        }
        else if (RtpHeader.TryParse(packet, out header))
        {
            result = receiver.UnprotectRtp(packet, header, out length);
        }
        else
        {
            return 1;
        }

        Require(result != SrtpResult.Ok || genuine, "A packet nobody made was taken for authentic.");
        Require(length <= packet.Length, "A packet grew.");
        if (result == SrtpResult.Ok)
        {
            byte[] again = input[1..].ToArray();
            SrtpResult second = isRtcp ? receiver.UnprotectRtcp(again, out _) : receiver.UnprotectRtp(again, header, out _);
            Require(second == SrtpResult.Replayed, "A replayed packet was not noticed.");
        }

        return HashCode.Combine(profile, isRtcp, result, packet.Length < 24);
    }

    private static SrtpSession Session(int profile, bool client)
    {
        byte[] material = [.. Enumerable.Range(0, SrtpKeys.ExportSize(Profiles[profile])).Select(i => (byte)i)];
        return SrtpSession.FromExport(Profiles[profile], material, client);
    }
}
