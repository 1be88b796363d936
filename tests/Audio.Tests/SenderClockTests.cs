using Bridge.Audio.Codecs;
using Bridge.Audio.Uplink;
using static Bridge.Audio.Tests.CallerScript;

namespace Bridge.Audio.Tests;

/// <summary>Stories of a sender's clock that can't be believed, and of those that look like it and can.</summary>
public sealed class SenderClockTests : IDisposable
{
    private static readonly byte[] Silence = [0xF8]; // one byte announces silence (DTX): 20 ms
    private static readonly List<byte[]> SpeechAndPauses = Encode();

    private readonly OpusCodec _codec = new();
    private readonly AudioUplink _uplink;
    private readonly CallerScript _call;

    public SenderClockTests()
    {
        _uplink = new AudioUplink(_codec);
        _call = new CallerScript(_uplink);
    }

    public void Dispose() => _codec.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(20)]
    [InlineData(100)]
    public void A_sender_faster_than_real_time_is_heard_for_the_time_that_passes_and_two_seconds(int times)
    {
        const int Seconds = 8;
        for (int i = 0; i < Seconds * 50 * times; i++)
        {
            _call.Send(Ms(i * 20.0 / times), i, i * 960L, SpeechAndPauses[i % SpeechAndPauses.Count]);
        }

        _call.RunUntil(Ms((Seconds * 1000) - 1));
        int expected = times == 1 ? Seconds * 24_000 : (Seconds + 2) * 24_000;
        Assert.InRange(_call.Heard.Count, expected - 4_800, expected);
        Assert.Equal(times > 1, _uplink.Stats.AheadSamples > 0);

        // At no moment was it further ahead.
        long sent = 0;
        foreach ((TimeSpan at, int samples) in _call.Pulls)
        {
            sent += samples;
            Assert.True(sent <= 2 * 24_000 + (at.TotalSeconds * 24_000) + 1, $"{sent} samples at {at}");
        }
    }

    [Theory]
    [InlineData(9900, 9900)]
    [InlineData(900, 900)]
    [InlineData(300, 300)]
    [InlineData(9900, -9800)]
    [InlineData(900, -20)]
    public void Pauses_for_which_there_was_no_time_are_not_made(int odd, int even)
    {
        long timestamp = 0;
        for (int i = 0; i < 500; i++)
        {
            _call.Send(Ms(i * 20), i, timestamp, Silence);
            timestamp += (i % 2 == 0 ? odd : even) * 48;
        }

        _call.RunUntil(Ms(9999));

        // A second in advance, as one that found a slow way at first may have it, and what a single packet may last.
        Assert.InRange(_uplink.Stats.SilenceSamples / 24.0, 0, 11_200);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(500)]
    [InlineData(-500)]
    public void What_a_stalled_network_brings_at_once_brings_its_pauses(int driftPpm)
    {
        const int Frames = 57 * 50;
        double step = 20 / (1 + (driftPpm / 1e6));
        for (int i = 0, sequence = 0; i < Frames; i++)
        {
            byte[] packet = SpeechAndPauses[i % SpeechAndPauses.Count];
            if (packet.Length > 0)
            {
                // Nothing comes through for nine seconds, and then all of it.
                double sent = (i + 1) * step;
                _call.Send(Ms(sent is > 20_000 and < 29_000 ? 29_000 : sent), sequence++, i * 960, packet);
            }
        }

        _call.RunUntil(Ms(Frames * step));
        Assert.InRange(_call.Heard.Count / 24.0, (Frames * step) - 40, (Frames * step) + 40);
        Assert.Equal((0, 0), (_uplink.Stats.Lost, _uplink.Stats.Late));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(500)]
    [InlineData(-500)]
    public void A_clock_that_starts_anew_costs_the_model_no_time(int driftPpm)
    {
        const int Frames = 121 * 50;
        double step = 20 / (1 + (driftPpm / 1e6));
        for (int i = 0, sequence = 0; i < Frames; i++)
        {
            // Half a second goes missing with the old clock, in the middle of speech.
            byte[] packet = SpeechAndPauses[i % SpeechAndPauses.Count];
            if (packet.Length > 0 && i is < 3005 or >= 3030)
            {
                _call.Send(Ms((i + 1) * step), sequence++, (i < 3030 ? 0 : 3_000_000_000) + (i * 960L), packet);
            }
        }

        _call.RunUntil(Ms(Frames * step));
        Assert.InRange(_call.Heard.Count / 24.0, (Frames * step) - 40, (Frames * step) + 40);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(-1, -9_000)]
    [InlineData(-40, 5_000)]
    [InlineData(-2999, 300)]
    [InlineData(40, -300)]
    [InlineData(2999, 60_000)]
    [InlineData(30_000, -60_000)]
    public void Another_source_is_heard_at_once_whatever_its_numbers(int numbers, int milliseconds)
    {
        for (int i = 0; i < 200; i++)
        {
            // The page was busy for half a second with the change, and a packet of the former source is overtaken by it.
            bool former = i < 75;
            if (i is < 75 or >= 100)
            {
                double at = (i * 20) + (i == 74 ? 565 : 0);
                _call.Send(
                    Ms(at),
                    4000 + i + (former ? 0 : numbers),
                    (i * 960L) + (former ? 0 : milliseconds * 48L),
                    SpeechAndPauses[i % 100],
                    source: former ? 7u : 8u);
            }
        }

        _call.RunUntil(Ms(3999));
        Assert.InRange(_call.Heard.Count / 24.0, 3960, 4000);
        Assert.InRange(_uplink.Stats.Late, 1, 3); // the first packets of another source are not believed (RFC 3550 A.1)
        Assert.Equal(0, _uplink.Stats.DriftSamples);
    }

    [Fact]
    public void Padding_does_not_begin_another_source()
    {
        for (int i = 0; i < 50; i++)
        {
            _call.Send(Ms(i * 20), i, i * 960, SpeechAndPauses[i], source: 7);
        }

        for (int i = 0; i < 4; i++)
        {
            _call.Send(Ms(1000 + (i * 5)), 100 + i, 0, [], source: 8);
        }

        for (int i = 51; i < 100; i++)
        {
            _call.Send(Ms(i * 20), 53 + i, 7_000_000 + (i * 960), SpeechAndPauses[i], source: 8);
        }

        _call.RunUntil(Ms(1999));
        Assert.InRange(_call.Heard.Count / 24.0, 1960, 2000);
        Assert.Equal((0, 0), (_uplink.Stats.Corrupt, _uplink.Stats.DriftSamples));
    }

    private static List<byte[]> Encode()
    {
        using var sender = new OpusCodec(new OpusCodecOptions { Application = OpusApplication.Voip, Dtx = true });
        short[] spoken = Signals.Speech(24000, 4);
        List<short> said = [];
        for (int i = 0; i < 2; i++)
        {
            said.AddRange(spoken.AsSpan(i * 48_000, 48_000));
            said.AddRange(new short[48_000]);
        }

        return OpusCodecTests.Encode(sender, [.. said]);
    }
}
