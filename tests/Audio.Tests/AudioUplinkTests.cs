using Bridge.Audio.Codecs;
using Bridge.Audio.Uplink;
using static Bridge.Audio.Tests.CallerScript;

namespace Bridge.Audio.Tests;

/// <summary>Stories of the caller's stream: one for each rule of the uplink.</summary>
public sealed class AudioUplinkTests : IDisposable
{
    private readonly OpusCodec _codec = new();
    private readonly List<byte[]> _speech; // as a browser encodes it: VOIP, with redundancy
    private readonly short[] _spoken = Signals.Speech(24000, 10);
    private readonly AudioUplink _uplink;
    private readonly CallerScript _call;

    public AudioUplinkTests()
    {
        using var sender = new OpusCodec(new OpusCodecOptions { Application = OpusApplication.Voip, ExpectedLossPercent = 20 });
        _speech = OpusCodecTests.Encode(sender, _spoken);
        _uplink = new AudioUplink(_codec);
        _call = new CallerScript(_uplink);
    }

    public void Dispose() => _codec.Dispose();

    [Fact]
    public void Packets_in_order_go_up_at_once()
    {
        for (int i = 0; i < 50; i++)
        {
            Say(i, at: i * 20);
        }

        _call.RunUntil(Ms(999));
        Assert.Equal(50 * 480, _call.Heard.Count);
        Assert.All(_call.Pulls.Select((pull, i) => (pull, i)), p => Assert.Equal(Ms(p.i * 20), p.pull.At));
        Assert.InRange(OpusCodecTests.Likeness(_spoken, [.. _call.Heard], 156), 0.85, 1);
    }

    [Fact]
    public void A_packet_that_is_overtaken_is_waited_for_and_nothing_is_lost()
    {
        for (int i = 0; i < 50; i++)
        {
            Say(i, at: (i * 20) + (i == 20 ? 35 : 0));
        }

        _call.RunUntil(Ms(999));
        Assert.Equal(50 * 480, _call.Heard.Count);
        Assert.Equal(0, _uplink.Stats.Lost);
        Assert.Equal(1, _uplink.Stats.Reordered);
        Assert.Equal(Ms(435), _call.Pulls[20].At);
        Assert.Equal(Ms(435), _call.Pulls[21].At);
    }

    [Fact]
    public void A_lost_packet_is_rebuilt_from_the_redundancy_of_the_next()
    {
        int lost = Enumerable.Range(20, 100).First(i => _codec.HasRedundancy(_speech[i + 1]) && _speech[i].Length > 60);
        for (int i = 0; i < 150; i++)
        {
            if (i != lost)
            {
                Say(i, at: i * 20);
            }
        }

        _call.RunUntil(Ms(2999));
        Assert.Equal(150 * 480, _call.Heard.Count);
        AudioUplinkStats stats = _uplink.Stats;
        Assert.Equal((1, 1, 0), (stats.Lost, stats.Recovered, stats.Concealed));

        // The wait began when the packet after it came, and was the shortest there is.
        Assert.Equal(Ms(((lost + 1) * 20) + 20), _call.Pulls[lost].At);
    }

    [Fact]
    public void Padding_takes_a_number_and_neither_time_nor_sound()
    {
        using var fresh = new OpusCodec();

        // As Chromium probes the path: after a packet another without payload, with the same timestamp.
        for (int i = 0, sequence = 0; i < 100; i++)
        {
            _call.Send(Ms(i * 20), sequence++, i * 960, _speech[i]);
            if (i % 10 == 4)
            {
                _call.Send(Ms((i * 20) + 3), sequence++, i * 960, []);
            }
        }

        _call.RunUntil(Ms(1999));
        Assert.Equal(OpusCodecTests.DecodeAll(fresh, _speech[..100]), _call.Heard);
        AudioUplinkStats stats = _uplink.Stats;
        Assert.Equal((0, 0, 0, 0), (stats.Lost, stats.Corrupt, stats.Concealed, stats.SilenceSamples));
        Assert.All(_call.Pulls, (pull, i) => Assert.Equal(Ms(i * 20), pull.At));
    }

    [Fact]
    public void A_lost_packet_without_redundancy_is_concealed()
    {
        using var sender = new OpusCodec(new OpusCodecOptions { Application = OpusApplication.Voip, ForwardErrorCorrection = false });
        List<byte[]> plain = OpusCodecTests.Encode(sender, _spoken);
        for (int i = 0; i < 50; i++)
        {
            if (i != 20)
            {
                _call.Send(Ms(i * 20), i, i * 960, plain[i]);
            }
        }

        _call.RunUntil(Ms(999));
        Assert.Equal(50 * 480, _call.Heard.Count);
        AudioUplinkStats stats = _uplink.Stats;
        Assert.Equal((1, 0, 1), (stats.Lost, stats.Recovered, stats.Concealed));
    }

    [Fact]
    public void The_wait_grows_with_the_reordering_that_is_seen_up_to_its_bound_and_shrinks_again()
    {
        Assert.Equal(Ms(20), _uplink.Stats.Wait);
        int at = 0;
        for (; at < 50; at++)
        {
            Say(at, at: (at * 20) + (at is 20 or 30 ? 60 : 0)); // 40 ms behind the one that overtook it
        }

        _call.RunUntil(Ms(999));
        Assert.InRange(_uplink.Stats.Wait.TotalMilliseconds, 40, 60);
        Assert.Equal(1, _uplink.Stats.Late); // the first one, before the wait had grown
        for (; at < 60; at++)
        {
            Say(at, at: (at * 20) + (at == 55 ? 320 : 0));
        }

        _call.RunUntil(Ms(1600));
        Assert.Equal(Ms(80), _uplink.Stats.Wait);
        for (; at < 5000; at++)
        {
            _call.Send(Ms(at * 20), at, at * 960, _speech[at % _speech.Count]);
        }

        _call.RunUntil(Ms(100_000));
        Assert.Equal(Ms(20), _uplink.Stats.Wait);
    }

    [Fact]
    public void A_late_packet_is_counted_and_not_played()
    {
        for (int i = 0; i < 50; i++)
        {
            Say(i, at: (i * 20) + (i == 20 ? 150 : 0));
        }

        _call.RunUntil(Ms(999));
        Assert.Equal(50 * 480, _call.Heard.Count);
        Assert.Equal((1, 1), (_uplink.Stats.Late, _uplink.Stats.Lost));
    }

    [Fact]
    public void A_packet_that_comes_twice_is_played_once()
    {
        for (int i = 0; i < 50; i++)
        {
            Say(i, at: i * 20);
            Say(i, at: (i * 20) + 5);
        }

        _call.RunUntil(Ms(999));
        Assert.Equal(50 * 480, _call.Heard.Count);
        Assert.Equal(50, _uplink.Stats.Duplicate);
    }

    [Fact]
    public void Sequence_and_timestamp_wrap_around_unnoticed()
    {
        for (int i = 0; i < 200; i++)
        {
            _call.Send(Ms(i * 20), 65500 + i, uint.MaxValue - 50_000L + (i * 960), _speech[i]);
        }

        _call.RunUntil(Ms(3999));
        Assert.Equal(200 * 480, _call.Heard.Count);
        Assert.Equal(0, _uplink.Stats.Lost);
    }

    [Fact]
    public void Silence_that_the_sender_does_not_send_passes_in_time()
    {
        using var sender = new OpusCodec(new OpusCodecOptions { Application = OpusApplication.Voip, Dtx = true });
        int sent = SendWithDtx(sender, seconds: 10);
        _call.RunUntil(Ms(10_000));
        Assert.True(sent < 400, $"{sent} of 500 packets sent");
        Assert.InRange(_call.Heard.Count, 240_000 - 2400, 240_000);

        // All the way the model's clock was never more than the wait behind.
        long samples = 0;
        foreach ((TimeSpan at, int count) in _call.Pulls)
        {
            samples += count;
            Assert.InRange((at.TotalMilliseconds + 20) - (samples / 24.0), -1, 100);
        }
    }

    [Fact]
    public void A_stalled_network_costs_no_word()
    {
        for (int i = 0; i < 300; i++)
        {
            Say(i, at: i is >= 100 and < 115 ? 2300 : i * 20); // 300 ms of packets come in one burst
        }

        _call.RunUntil(Ms(5999));
        Assert.Equal(300 * 480, _call.Heard.Count);
        Assert.Equal((0, 0), (_uplink.Stats.Lost, _uplink.Stats.Late));
        Assert.InRange(OpusCodecTests.Likeness(_spoken, [.. _call.Heard], 156), 0.85, 1);
    }

    [Fact]
    public void A_long_outage_lets_silence_pass_and_the_count_comes_right_afterwards()
    {
        for (int i = 0; i < 400; i++)
        {
            if (i is < 100 or >= 200)
            {
                Say(i, at: i * 20);
            }
        }

        _call.RunUntil(Ms(3900));
        Assert.InRange(_call.Heard.Count / 24.0, 3400, 3900); // the clock went on during the outage
        _call.RunUntil(Ms(7999));
        Assert.Equal(400 * 480, _call.Heard.Count);
        Assert.Equal(100, _uplink.Stats.Lost);
    }

    [Fact]
    public void A_sender_that_starts_its_counters_anew_is_followed()
    {
        for (int i = 0; i < 50; i++)
        {
            Say(i, at: i * 20);
        }

        for (int i = 50; i < 100; i++)
        {
            _call.Send(Ms(i * 20), 30000 + i, 3_000_000_000 + (i * 960), _speech[i]);
        }

        _call.RunUntil(Ms(1999));
        Assert.InRange(_call.Heard.Count, 98 * 480, 100 * 480); // the first packet after a jump is not believed (RFC 3550 A.1)
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(6)]
    public void Long_packets_come_out_whole(int frames)
    {
        for (int i = 0; i < 30; i++)
        {
            _call.Send(Ms(i * 20 * frames), i, i * 960 * frames, OpusPackets.Join([.. _speech.Skip(i * frames).Take(frames)]));
        }

        _call.RunUntil(Ms(30 * 20 * frames));
        Assert.Equal(30 * frames * 480, _call.Heard.Count);
        Assert.Equal(0, _uplink.Stats.Corrupt);
        Assert.InRange(OpusCodecTests.Likeness(_spoken, [.. _call.Heard], 156), 0.85, 1);
    }

    [Fact]
    public void A_buffer_of_any_length_gets_the_same_samples()
    {
        short[] small = new short[100];
        List<short> heard = [];
        for (int i = 0; i < 50; i++)
        {
            Say(i, at: i * 20);
            _uplink.Push(Ms(i * 20), (ushort)i, (uint)(i * 960), _speech[i]);
            for (int count; (count = _uplink.Pull(Ms(i * 20), small)) > 0;)
            {
                heard.AddRange(small[..count]);
            }
        }

        using var codec = new OpusCodec();
        var other = new AudioUplink(codec);
        short[] large = new short[AudioUplink.MaxPull];
        List<short> expected = [];
        for (int i = 0; i < 50; i++)
        {
            other.Push(Ms(i * 20), (ushort)i, (uint)(i * 960), _speech[i]);
            for (int count; (count = other.Pull(Ms(i * 20), large)) > 0;)
            {
                expected.AddRange(large[..count]);
            }
        }

        Assert.Equal(expected, heard);
    }

    private void Say(int i, double at) => _call.Send(Ms(at), i, i * 960, _speech[i]);

    private int SendWithDtx(OpusCodec sender, int seconds)
    {
        // Two seconds of speech, then silence, in turn.
        byte[] packet = new byte[1275];
        int sequence = 0;
        for (int i = 0; i < seconds * 50; i++)
        {
            ReadOnlySpan<short> frame = i / 100 % 2 == 0 ? _spoken.AsSpan(i % 100 * 480, 480) : new short[480];
            int length = sender.Encode(frame, packet);
            if (length > 0)
            {
                _call.Send(Ms(i * 20), sequence++, i * 960, packet[..length]);
            }
        }

        return sequence;
    }
}
