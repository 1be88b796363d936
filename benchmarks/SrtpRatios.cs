using System.Globalization;
using Bridge.Benchmarks.Peers;
using Bridge.Rtc.Rtp;
using Bridge.Rtc.Srtp;

namespace Bridge.Benchmarks;

/// <summary><c>-- srtp</c>: protect and unprotect of a packet with 100 bytes of payload, ours and libsrtp2's in one run.</summary>
internal static class SrtpRatios
{
    private const int Rounds = 61;
    private const int Operations = 20_000;
    private const int Header = 12;
    private const int Payload = 100;

    internal static int Run(TextWriter output)
    {
        List<(string Name, Action Action)> contenders = [("ours, GCM", Ours(gcm: true)), ("ours, CM-SHA1-80", Ours(gcm: false))];
        if (LibSrtp.IsInstalled)
        {
            contenders.Add(("libsrtp2, GCM", Theirs(gcm: true)));
            contenders.Add(("libsrtp2, CM-SHA1-80", Theirs(gcm: false)));
        }
        else
        {
            output.WriteLine("// skipped, not installed: libsrtp2 (Debian: libsrtp2-1)");
        }

        (double Median, double Low, double High)[] times = Stopwatches.Compare(Rounds, Operations, [.. contenders.Select(c => c.Action)]);
        for (int i = 0; i < times.Length; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int n = 0; n < 1000; n++)
            {
                contenders[i].Action();
            }

            long bytes = GC.GetAllocatedBytesForCurrentThread() - before;
            string ratio = times.Length > 2 && i < 2
                ? string.Create(CultureInfo.InvariantCulture, $", {times[i].Median / times[i + 2].Median:F2} of libsrtp2")
                : "";
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{contenders[i].Name,-22} {times[i].Median:F3} µs ({times[i].Low:F3}-{times[i].High:F3}), {bytes / 1000.0:F1} bytes{ratio}"));
        }

        return 0;
    }

    private static Action Ours(bool gcm)
    {
        SrtpProfile profile = gcm ? SrtpProfile.AeadAes128Gcm : SrtpProfile.Aes128CmHmacSha1Tag80;
        byte[] material = [.. Enumerable.Range(0, SrtpKeys.ExportSize(profile)).Select(i => (byte)(i * 7))];
        SrtpSession sender = SrtpSession.FromExport(profile, material, isDtlsClient: true);
        SrtpSession receiver = SrtpSession.FromExport(profile, material, isDtlsClient: false);
        byte[] packet = new byte[256];
        ushort sequence = 0;
        return () =>
        {
            Write(packet, ++sequence);
            int length = sender.ProtectRtp(packet, Header, Header + Payload);
            if (!RtpHeader.TryParse(packet.AsSpan(0, length), out RtpHeader header)
                || receiver.UnprotectRtp(packet.AsSpan(0, length), header, out int plain) != SrtpResult.Ok || plain != Header + Payload)
            {
                throw new InvalidOperationException("The packet did not come back.");
            }
        };
    }

    private static Action Theirs(bool gcm)
    {
        byte[] key = [.. Enumerable.Range(0, gcm ? 28 : 30).Select(i => (byte)(i * 7))];
        LibSrtp sender = new(gcm, key, outbound: true);
        LibSrtp receiver = new(gcm, key, outbound: false);
        byte[] packet = new byte[256];
        ushort sequence = 0;
        return () =>
        {
            Write(packet, ++sequence);
            if (receiver.Unprotect(packet, sender.Protect(packet, Header + Payload)) != Header + Payload)
            {
                throw new InvalidOperationException("The packet did not come back.");
            }
        };
    }

    private static void Write(byte[] packet, ushort sequence)
    {
        packet[0] = 0x80;
        packet[1] = 111;
        packet[2] = (byte)(sequence >> 8);
        packet[3] = (byte)sequence;
        packet[11] = 1;
    }
}
