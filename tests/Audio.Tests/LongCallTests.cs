using Bridge.Audio.Codecs;
using Bridge.Audio.Uplink;
using static Bridge.Audio.Tests.CallerScript;

namespace Bridge.Audio.Tests;

/// <summary>Ten virtual minutes: the count of samples that the model gets has to keep to the wall clock.</summary>
public sealed class LongCallTests
{
    private const int Minutes = 10;
    private static readonly List<byte[]> Spoken = Encode(dtx: false);
    private static readonly List<byte[]> SpokenWithDtx = Encode(dtx: true);

    [Fact]
    public void Ten_minutes_with_2_percent_loss_and_80_ms_jitter_keep_to_the_wall_clock_within_20_ms()
    {
        AudioUplinkStats stats = Call(seed: 20, loss: 0.02, jitter: 80, dtx: false, driftPpm: 0);
        Assert.InRange(stats.Samples / 24.0, (Minutes * 60_000) - 20, (Minutes * 60_000) + 20);
        Assert.InRange(stats.Lost, 450, 750); // 600 of 30000
        Assert.InRange(stats.Late, 0, 90); // 3 in 1000: nearly all that is overtaken is waited for
        Assert.Equal(stats.Lost, stats.Recovered + stats.Concealed);
        Assert.True(stats.Recovered > stats.Lost / 4, $"{stats}"); // pauses carry no redundancy
    }

    [Fact]
    public void Ten_minutes_in_which_silence_is_not_sent_keep_to_the_wall_clock_within_20_ms()
    {
        AudioUplinkStats stats = Call(seed: 21, loss: 0.02, jitter: 80, dtx: true, driftPpm: 0);
        Assert.InRange(stats.Samples / 24.0, (Minutes * 60_000) - 20, (Minutes * 60_000) + 20);
        Assert.True(stats.SilenceSamples > 24000 * 60, $"{stats}");
    }

    [Theory]
    [InlineData(200, false)]
    [InlineData(-200, false)]
    [InlineData(200, true)]
    [InlineData(-200, true)]
    public void A_sender_whose_clock_is_wrong_by_200_ppm_is_kept_to_the_wall_clock(int ppm, bool dtx)
    {
        AudioUplinkStats stats = Call(seed: 22, loss: 0.01, jitter: 20, dtx, ppm);
        Assert.InRange(stats.Samples / 24.0, (Minutes * 60_000) - 20, (Minutes * 60_000) + 20);
        Assert.InRange(Math.Abs(stats.DriftSamples), 24 * 80, 24 * 200); // 120 ms in ten minutes
    }

    /// <param name="seed">For loss and jitter.</param>
    /// <param name="loss">Share of packets lost.</param>
    /// <param name="jitter">Each packet is late by 0 to so many ms, each on its own, so that they overtake each other.</param>
    /// <param name="dtx">Whether the sender leaves silence out.</param>
    /// <param name="driftPpm">By how much the sender's clock runs fast.</param>
    private static AudioUplinkStats Call(int seed, double loss, double jitter, bool dtx, double driftPpm)
    {
        var random = new Random(seed);
        using var codec = new OpusCodec();
        var uplink = new AudioUplink(codec);
        var call = new CallerScript(uplink);
        double step = 20 / (1 + (driftPpm / 1e6));
        int sequence = 0;
        int frames = (int)(Minutes * 60_000 / step);
        for (int i = 0; i < frames; i++)
        {
            byte[] packet = (dtx ? SpokenWithDtx : Spoken)[i % Spoken.Count];
            if (packet.Length > 0)
            {
                // A packet leaves at the end of its 20 ms.
                double arrival = ((i + 1) * step) + (random.NextDouble() * jitter);
                if (random.NextDouble() >= loss)
                {
                    call.Send(Ms(arrival), sequence, i * 960L, packet);
                }

                sequence++;
            }

            if (i % 50 == 0)
            {
                // What has been sent so far can be delivered up to now, less what may still be overtaken.
                call.RunUntil(Ms(Math.Max(0, i * step)));
            }
        }

        // The last packets and waits; silence that would pass after the end of the call is not part of it.
        call.RunUntil(Ms((Minutes * 60_000) + jitter + 20));
        return uplink.Stats;
    }

    private static List<byte[]> Encode(bool dtx)
    {
        using var sender = new OpusCodec(new OpusCodecOptions { Application = OpusApplication.Voip, Dtx = dtx, ExpectedLossPercent = 10 });
        return OpusCodecTests.Encode(sender, Signals.Speech(24000, 20));
    }
}
