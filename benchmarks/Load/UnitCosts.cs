using System.Text;
using Bridge.Audio.Codecs;
using Bridge.Realtime.OpenAi;
using Bridge.Rtc.Rtp;
using Bridge.Rtc.Srtp;

namespace Bridge.Benchmarks.Load;

/// <summary>
/// The parts of a call and their cost alone, measured in this process before the load begins: the bare codec on the very packets of
/// the callers, SRTP, and the model's JSON. Microseconds for each packet of 20 ms.
/// </summary>
/// <param name="Decode">Bare decoder to 24 kHz.</param>
/// <param name="Encode">Bare encoder from 24 kHz, settings of a call.</param>
/// <param name="Srtp">Protect or unprotect one packet.</param>
/// <param name="Append">Frame 20 ms as an event for the model.</param>
/// <param name="Delta">Read the share of 20 ms in an event of the model with 200 ms.</param>
internal sealed record UnitCosts(double Decode, double Encode, double Srtp, double Append, double Delta)
{
    private const int Rounds = 15;
    private const int WarmUp = 5; // rounds
    private const int Header = 12;
    private const int PacketsPerDelta = 10;
    private const int SamplesPerDelta = 480 * PacketsPerDelta;

    /// <summary>Both ways of the codec, as a share of one core in per cent, at 50 packets a second each way.</summary>
    internal double BareCodec => (Decode + Encode) * 50 / 10_000;

    internal static UnitCosts Measure(byte[][] packets, bool concentus)
    {
        using IAudioCodec codec = concentus ? new ConcentusCodec() : new OpusCodec();
        short[] pcm = new short[5760];
        byte[] packet = new byte[1275];
        int at = 0;
        short[][] frames = [.. packets.Select(p => pcm[..codec.Decode(p, pcm)])];
        SendQueue queue = new(audioBoundMilliseconds: 1000, commandBound: 16);
        EventReader reader = new();
        byte[] delta = Encoding.UTF8.GetBytes(
            "{\"type\":\"response.output_audio.delta\",\"event_id\":\"event_1\",\"response_id\":\"resp_1\",\"item_id\":\"item_1\","
                + $"\"output_index\":0,\"content_index\":0,\"delta\":\"{Convert.ToBase64String(new byte[SamplesPerDelta * 2])}\"}}");
        double[] times = Costs(
            packets.Length,
            () => codec.Decode(packets[at++ % packets.Length], pcm),
            () => codec.Encode(frames[at++ % frames.Length], packet),
            Protection(),
            () =>
            {
                queue.TryAudio(frames[at++ % frames.Length], 0);
                queue.TryTake(out SendQueue.Entry entry);
                queue.Return(entry);
            },
            () => reader.Read(delta));
        return new UnitCosts(times[0], times[1], times[2] / 2, times[3], times[4] / PacketsPerDelta);
    }

    /// <summary>
    /// Median processor time of each, microseconds; the actions run in turn, so that a noisy moment hits all alike. Not the time on the
    /// wall: on a busy machine that would count other programs.
    /// </summary>
    private static double[] Costs(int operations, params Action[] actions)
    {
        double[][] times = [.. actions.Select(_ => new double[Rounds])];
        for (int round = -WarmUp; round < Rounds; round++)
        {
            for (int a = 0; a < actions.Length; a++)
            {
                TimeSpan used = Environment.CpuUsage.TotalTime;
                for (int i = 0; i < operations; i++)
                {
                    actions[a]();
                }

                if (round >= 0)
                {
                    times[a][round] = (Environment.CpuUsage.TotalTime - used).TotalMicroseconds / operations;
                }
            }
        }

        return [.. times.Select(all => all.Order().ElementAt(Rounds / 2))];
    }

    private static Action Protection()
    {
        byte[] material = [.. Enumerable.Range(0, SrtpKeys.ExportSize(SrtpProfile.AeadAes128Gcm)).Select(i => (byte)(i * 7))];
        SrtpSession sender = SrtpSession.FromExport(SrtpProfile.AeadAes128Gcm, material, isDtlsClient: true);
        SrtpSession receiver = SrtpSession.FromExport(SrtpProfile.AeadAes128Gcm, material, isDtlsClient: false);
        byte[] packet = new byte[256];
        ushort sequence = 0;
        return () =>
        {
            sequence++;
            (packet[0], packet[1], packet[2], packet[3]) = (0x80, 111, (byte)(sequence >> 8), (byte)sequence);
            int length = sender.ProtectRtp(packet, Header, Header + 120);
            if (!RtpHeader.TryParse(packet.AsSpan(0, length), out RtpHeader header)
                || receiver.UnprotectRtp(packet.AsSpan(0, length), header, out _) != SrtpResult.Ok)
            {
                throw new InvalidOperationException("The packet did not come back.");
            }
        };
    }
}
