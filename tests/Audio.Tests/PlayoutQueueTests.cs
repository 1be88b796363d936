using Bridge.Audio.Codecs;
using Bridge.Audio.Playout;
using Bridge.Audio.Resampling;
using static Bridge.Audio.Tests.CallerScript;

namespace Bridge.Audio.Tests;

/// <summary>Stories of the answer's way to the ear.</summary>
public sealed class PlayoutQueueTests : IDisposable
{
    private readonly OpusCodec _codec = new();
    private readonly OpusCodec _ear = new();
    private readonly PlayoutQueue _queue;
    private readonly byte[] _packet = new byte[1275];
    private readonly List<short> _heard = [];
    private readonly List<PlayoutFrame> _frames = [];
    private double _now = 1000;
    private int _starts;

    public PlayoutQueueTests() =>
        _queue = new PlayoutQueue(_codec, new PlayoutQueueOptions { FirstTimestamp = 4_294_900_000, Ready = () => _starts++ });

    public void Dispose()
    {
        _codec.Dispose();
        _ear.Dispose();
    }

    [Fact]
    public void Every_tick_takes_one_packet_and_its_timestamp_goes_on_by_20_ms()
    {
        _queue.Append("a", 0, Signals.Speech(24000, 1));
        Assert.Equal(TimeSpan.FromSeconds(1), _queue.Buffered);
        Tick(50);
        Assert.Equal(50, _frames.Count);
        Assert.Equal(Enumerable.Range(0, 50).Select(i => unchecked(4_294_900_000 + (uint)(i * 960))), _frames.Select(f => f.RtpTimestamp));
        Assert.True(_frames[0].Marker);
        Assert.DoesNotContain(_frames.Skip(1), f => f.Marker);
    }

    [Fact]
    public void What_is_heard_is_the_answer_whole_from_the_first_word_to_the_last()
    {
        short[] speech = [.. Signals.Tone(300, 24000, 12_345)]; // sounds up to its very last sample
        foreach (short[] piece in speech.Chunk(777))
        {
            _queue.Append("a", 0, piece);
        }

        _queue.Finish("a");
        Tick(40);
        Assert.True(_heard.Count >= speech.Length + _codec.EncoderDelay);
        Assert.InRange(
            OpusCodecTests.Likeness(speech, [.. _heard.Take(speech.Length + _codec.EncoderDelay)], _codec.EncoderDelay), 0.85, 1);
        Assert.InRange(Signals.Peak([.. _heard.Skip(_codec.EncoderDelay).Take(480)]), 5000, 11000);
        Assert.InRange(Signals.Peak([.. _heard.Skip(speech.Length + _codec.EncoderDelay - 240).Take(240)]), 5000, 11000);
    }

    [Fact]
    public void An_item_is_reported_as_finished_when_its_last_packet_is_taken_and_not_before()
    {
        _queue.Append("a", 0, new short[1000]);
        _queue.Append("b", 0, new short[480]);
        _queue.Finish("b");
        for (int i = 0; i < 3; i++)
        {
            Assert.False(_queue.TryDequeueFinished(out _));
            Tick();
        }

        Assert.True(_queue.TryDequeueFinished(out string? first));
        Assert.Equal("a", first); // another item than the last ends that one
        Tick();
        Assert.False(_queue.TryDequeueFinished(out _)); // one more packet for what the codec holds back
        Tick();
        Assert.True(_queue.TryDequeueFinished(out string? second));
        Assert.Equal("b", second);
        Assert.False(_queue.TryDequeueFinished(out _));
    }

    [Fact]
    public void An_item_without_sound_is_finished_at_once()
    {
        _queue.Append("a", 0, []);
        _queue.Finish("a");
        Assert.True(_queue.TryDequeueFinished(out string? item));
        Assert.Equal("a", item);
        Assert.False(Tick());
    }

    [Fact]
    public void Barge_in_empties_the_queue_at_once_and_tells_where_it_was()
    {
        _queue.Append("a", 2, Signals.Speech(24000, 5));
        Tick(25);
        PlayoutPosition? position = _queue.Clear();
        Assert.Equal(new PlayoutPosition("a", 2, 25 * 480), position);
        Assert.Equal(500, position!.Value.Milliseconds);
        Assert.Equal(TimeSpan.Zero, _queue.Buffered);
        Tick(10);
        Assert.Equal(27, _frames.Count); // two packets of silence close the stream
        Assert.True(Signals.Peak([.. _heard.Skip(26 * 480)]) < 200, "silence within 20 ms");
        Assert.False(_queue.TryDequeueFinished(out _));
        Assert.Equal(4.5 * 24000, _queue.Stats.ClearedSamples);
    }

    [Fact]
    public void Barge_in_before_the_first_packet_has_no_position()
    {
        Assert.Null(_queue.Clear());
        _queue.Append("a", 0, Signals.Speech(24000, 1));
        Assert.Null(_queue.Clear());
        Assert.False(Tick());
    }

    [Fact]
    public void Barge_in_after_an_item_ran_dry_tells_how_much_of_it_had_left()
    {
        _queue.Append("a", 0, new short[480 * 7]);
        Tick(7 + 60);
        Assert.Equal(new PlayoutPosition("a", 0, 480 * 7), _queue.Clear());
        int sent = _frames.Count;
        Assert.False(Tick());
        Assert.Equal(sent, _frames.Count); // the stream had been closed when it ran dry
        _queue.Append("b", 0, new short[480]);
        _queue.Finish("b");
        Tick(60);
        Assert.Null(_queue.Clear()); // all of it has left
    }

    [Fact]
    public void After_barge_in_the_next_answer_starts_clean()
    {
        short[] speech = Signals.Speech(24000, 2);
        _queue.Append("a", 0, speech);
        Tick(20);
        _queue.Clear();
        Tick(30);
        _heard.Clear();
        _queue.Append("b", 0, speech);
        _queue.Finish("b");
        Tick(120);
        Assert.InRange(OpusCodecTests.Likeness(speech, [.. _heard.Take(speech.Length)], _codec.EncoderDelay), 0.85, 1);
    }

    [Fact]
    public void A_timestamp_is_mapped_to_the_sample()
    {
        _queue.Append("a", 0, new short[1000]);
        _queue.Finish("a");
        Tick(3);
        Tick(10); // silence
        _queue.Append("b", 1, new short[4800]);
        Tick(10);
        uint a = _frames[0].RtpTimestamp;
        uint b = _frames[3].RtpTimestamp;
        Assert.Equal(13 * 960u, unchecked(b - a));
        uint delay = (uint)_codec.EncoderDelay * 2;

        Assert.False(_queue.TryLocate(unchecked(a - 1), out _));
        Assert.False(_queue.TryLocate(unchecked(a + delay), out _)); // nothing has been heard yet
        Assert.Equal(("a", 1L), Located(a + delay + 2));
        Assert.Equal(("a", 999L), Located(a + delay + 1998));
        Assert.Equal(("a", 1000L), Located(a + delay + 2000));
        Assert.Equal(("a", 1000L), Located(b - 1));
        Assert.Equal(("a", 1000L), Located(b + delay));
        Assert.Equal(("b", 1L), Located(b + delay + 2));
        Assert.Equal(("b", 4800L), Located(b + delay + 9600));
        Assert.Equal(("b", 4800L), Located(b + delay + 9602)); // never beyond what was appended
        Assert.False(_queue.TryLocate(b + 200_000, out _)); // beyond what was sent
        Assert.True(_queue.TryLocate(b + delay + 2, out PlayoutPosition position) && position.ContentIndex == 1);
    }

    [Fact]
    public void The_clock_is_called_once_when_there_is_something_to_take_and_never_while_it_plays()
    {
        _queue.Append("a", 0, new short[479]);
        Assert.Equal(0, _starts); // not a packet yet
        _queue.Append("a", 0, Signals.Speech(24000, 1));
        Assert.Equal(1, _starts);
        Tick(10);
        _queue.Append("a", 0, Signals.Speech(24000, 1));
        _queue.Finish("a");
        Assert.Equal(1, _starts);
        Tick(150);
        _queue.Append("b", 0, new short[100]);
        Assert.Equal(1, _starts);
        _queue.Finish("b"); // its end makes it a packet
        Assert.Equal(2, _starts);
    }

    [Fact]
    public void The_first_packet_may_be_taken_while_the_rest_of_the_piece_is_still_encoded()
    {
        int starts = 0;
        TimeSpan left = TimeSpan.MaxValue;
        PlayoutQueue queue = null!;
        queue = new PlayoutQueue(_codec, new PlayoutQueueOptions
        {
            Ready = () =>
            {
                starts++;
                left = queue.Buffered;
            },
        });
        queue.Append("a", 0, Signals.Speech(24000, 1));
        Assert.Equal(1, starts);
        Assert.Equal(Ms(20), left);
    }

    [Fact]
    public void After_an_underrun_the_clock_is_called_when_enough_is_there_to_go_on()
    {
        _queue.Append("a", 0, Signals.Speech(24000, 0.1));
        Tick(20);
        Assert.Equal(1, _queue.Stats.Underruns);
        _queue.Append("a", 0, Signals.Speech(24000, 0.04));
        Assert.Equal(1, _starts);
        _queue.Append("a", 0, Signals.Speech(24000, 0.04));
        Assert.Equal(2, _starts);
        Assert.True(Tick());
    }

    [Fact]
    public void An_underrun_fades_and_the_rest_fades_in()
    {
        short[] tone = Signals.Tone(400, 24000, 48000, 12000);
        _queue.Append("a", 0, tone.AsSpan(0, 480 * 10));
        Tick(20);
        Assert.Equal(13, _frames.Count); // ten, one that fades, two of silence
        Assert.Equal(1, _queue.Stats.Underruns);
        _queue.Append("a", 0, tone.AsSpan(480 * 10, 480 * 20));
        Tick(20);
        _queue.Finish("a");
        Tick(10);
        Assert.Equal(1, _queue.Stats.Underruns);
        Assert.True(
            LargestStep(_heard) <= LargestStep(tone) * 2, $"a step of {LargestStep(_heard)} in a tone whose steps are {LargestStep(tone)}");
        Assert.True(_queue.TryDequeueFinished(out _));
    }

    [Fact]
    public void After_an_underrun_the_item_goes_on_when_60_ms_are_there_or_it_is_complete()
    {
        _queue.Append("a", 0, new short[480]);
        Tick(5);
        int before = _frames.Count;
        _queue.Append("a", 0, new short[480 * 2]);
        Assert.False(Tick(2));
        _queue.Append("a", 0, new short[480]);
        Assert.True(Tick(6));
        Assert.False(Tick(2));
        _queue.Append("a", 0, new short[480]);
        Assert.False(Tick());
        _queue.Finish("a");
        Assert.True(Tick());
        Assert.True(_frames.Count > before + 4);
    }

    [Theory]
    [InlineData(90, 12)]
    [InlineData(75, 16)]
    public void A_model_slower_than_real_time_is_paused_for_long_and_seldom(int pace, int most)
    {
        // 30 s of deltas of 100 ms, each in 100 / pace of its length.
        var delta = 0;
        for (int elapsed = 0; delta < 300; elapsed += 20)
        {
            for (; delta < 300 && delta * 100 * 100 / pace <= elapsed; delta++)
            {
                _queue.Append("a", 0, Signals.Speech(24000, 0.1));
            }

            Tick();
        }

        Assert.True(_queue.Stats.Underruns is > 0 && _queue.Stats.Underruns <= most, $"{_queue.Stats.Underruns} pauses");
    }

    [Fact]
    public void A_model_that_has_become_fast_again_is_no_longer_waited_for()
    {
        var refill = new RefillTarget(isLive: false);
        Stretch(refill, frames: 50, headStart: 5);
        Assert.Equal(24_000 * 3 / 10, refill.Samples);
        Stretch(refill, frames: 1500, headStart: 5);
        Assert.Equal(60 * 24, refill.Samples);

        // Too short to judge: each time twice as much.
        Stretch(refill, frames: 10, headStart: 5);
        Assert.Equal(120 * 24, refill.Samples);
    }

    [Fact]
    public void A_live_senders_late_packet_is_sent_at_once_and_is_no_gap()
    {
        var queue = new PlayoutQueue(_codec, new PlayoutQueueOptions { FirstTimestamp = 1000, IsLive = true, Ready = () => _starts++ });
        short[] frame = Signals.Speech(24000, 0.02);
        TimeSpan at = Ms(100);
        for (int i = 0; i < 10; i++)
        {
            queue.Append("echo", 0, frame);
            Assert.True(queue.TryTake(at, _packet, out PlayoutFrame sent));
            Assert.Equal((1000u + (uint)(960 * i), i == 0), (sent.RtpTimestamp, sent.Marker));

            // The tick finds nothing, and the frame that comes 3 ms later is asked for.
            Assert.False(queue.TryTake(at += Ms(20), _packet, out _));
            at += Ms(3);
        }

        Assert.Equal(10, _starts);
        Assert.Equal((10, 10), (queue.Stats.Sent, queue.Stats.Underruns));

        // A pause is one.
        queue.Append("echo", 0, frame);
        Assert.True(queue.TryTake(at + Ms(500), _packet, out PlayoutFrame after));
        Assert.True(after.Marker);
        Assert.True(after.RtpTimestamp > 1000 + (960 * 9) + (48 * 500));
    }

    [Fact]
    public void The_map_stays_exact_when_the_encoder_changes_its_delay()
    {
        int quick = _codec.EncoderDelay * 2;
        _queue.Append("a", 0, new short[480 * 10]);
        _codec.ExpectLoss(20);
        _queue.Append("a", 0, new short[480 * 10]);
        int slow = _codec.EncoderDelay * 2;
        Tick(20);
        Assert.True(slow > quick);
        Assert.Equal(("a", 2400L), Located((uint)(_frames[0].RtpTimestamp + quick + 4800)));
        Assert.Equal(("a", 7200L), Located(unchecked((uint)(_frames[10].RtpTimestamp + slow + 4800))));
    }

    [Fact]
    public void An_underrun_with_a_part_of_a_frame_plays_that_part_and_counts_it_as_heard()
    {
        _queue.Append("a", 0, Signals.Tone(400, 24000, 700));
        Tick(5);
        Assert.Equal(4, _frames.Count); // one, the part, two of silence
        Assert.Equal(700, _queue.Clear()?.Samples ?? Located(_frames[1].RtpTimestamp + 4000).Samples);
    }

    [Fact]
    public void Between_answers_the_rtp_clock_goes_on_with_the_wall_clock()
    {
        _queue.Append("a", 0, new short[480 * 3]);
        Tick(3);
        _now += 5007;
        _queue.Finish("a");
        _queue.Append("b", 0, new short[480]);
        Tick(4);
        uint gap = unchecked(_frames[^1].RtpTimestamp - _frames[0].RtpTimestamp);
        Assert.InRange(gap, (uint)(5000 * 48), (uint)(5200 * 48));
    }

    [Fact]
    public void A_full_queue_drops_and_counts()
    {
        using var codec = new OpusCodec();
        var queue = new PlayoutQueue(codec, new PlayoutQueueOptions { Capacity = TimeSpan.FromSeconds(1) });
        queue.Append("a", 0, new short[36000]);
        Assert.Equal(TimeSpan.FromSeconds(1), queue.Buffered);
        Assert.Equal(12000, queue.Stats.DroppedSamples);
    }

    [Fact]
    public void Silence_within_an_item_need_not_be_sent_and_the_map_stays_exact()
    {
        using var codec = new OpusCodec(new OpusCodecOptions { Application = OpusApplication.Voip, Dtx = true });
        var queue = new PlayoutQueue(codec, new PlayoutQueueOptions { FirstTimestamp = 5000 });
        short[] speech = Signals.Speech(24000, 1);
        queue.Append("a", 0, speech);
        queue.Append("a", 0, new short[24000 * 3]);
        queue.Append("a", 0, speech);
        queue.Finish("a");
        List<PlayoutFrame> sent = [];
        for (int tick = 0; tick < 252; tick++)
        {
            if (queue.TryTake(Ms(tick * 20), _packet, out PlayoutFrame frame))
            {
                sent.Add(frame);
                Assert.Equal(5000u + (uint)(960 * tick), frame.RtpTimestamp);
            }
        }

        Assert.True(sent.Count < 200, $"{sent.Count} of 250 packets sent");
        Assert.Contains(sent.Skip(1), frame => frame.Marker); // the first after the silence
        Assert.True(queue.TryLocate((uint)(5000 + (codec.EncoderDelay * 2) + (48000 * 4) + 480), out PlayoutPosition position));
        Assert.Equal((24000 * 4) + 240, position.Samples);
        Assert.True(queue.TryDequeueFinished(out _));
        Assert.Equal(0, queue.Stats.Underruns);
    }

    [Fact]
    public async Task A_producer_that_never_rests_and_a_consumer_that_never_rests_lose_nothing_between_them()
    {
        short[] speech = Signals.Speech(24000, 1);
        const int Items = 300;
        Task produce = Task.Run(() =>
        {
            var random = new Random(17);
            for (int i = 0; i < Items; i++)
            {
                string item = $"item {i:D3}";
                for (int piece = random.Next(1, 5); piece > 0; piece--)
                {
                    _queue.Append(item, 0, speech.AsSpan(0, random.Next(1, 2000)));
                }

                if (i % 7 == 0)
                {
                    _queue.Clear();
                }
                else
                {
                    _queue.Finish(item);
                }
            }
        }, TestContext.Current.CancellationToken);

        List<string> finished = [];
        bool done;
        do
        {
            done = produce.IsCompleted;
            while (_queue.TryTake(Ms(_now += 20), _packet, out _))
            {
                while (_queue.TryDequeueFinished(out string? item))
                {
                    finished.Add(item);
                }
            }
        }
        while (!done);

        await produce;
        Assert.Equal(TimeSpan.Zero, _queue.Buffered);
        Assert.Equal(finished.Order(StringComparer.Ordinal).Distinct(), finished); // each once, in order
        Assert.DoesNotContain(finished, item => int.Parse(item[5..], System.Globalization.CultureInfo.InvariantCulture) % 7 == 0);
        Assert.Equal(0, _queue.Stats.DroppedSamples);
        Assert.Equal(0, _queue.Stats.EncodeErrors);
    }

    [Theory]
    [InlineData(G711Law.Mu)]
    [InlineData(G711Law.A)]
    public void With_G711_the_clock_is_8_kHz_and_the_map_is_as_exact(G711Law law)
    {
        using var codec = new G711Codec(law);
        var queue = new PlayoutQueue(codec, new PlayoutQueueOptions { FirstTimestamp = 1000 });
        queue.Append("a", 0, Signals.Speech(24000, 1));
        for (int i = 0; i < 10; i++)
        {
            Assert.True(queue.TryTake(Ms(i * 20), _packet, out PlayoutFrame frame));
            Assert.Equal((160, 1000u + (uint)(160 * i)), (frame.Length, frame.RtpTimestamp));
        }

        int delay = (int)Math.Round(new PolyphaseResampler(24000, 8000).Delay.TotalSeconds * 8000);
        Assert.True(queue.TryLocate((uint)(1000 + delay + 800), out PlayoutPosition position));
        Assert.InRange(position.Samples, 2397, 2403);
    }

    private static void Stretch(RefillTarget refill, int frames, int headStart)
    {
        for (int i = 1; i <= frames; i++)
        {
            refill.OnTaken(480, Math.Max(0, headStart - i) * 480);
        }

        Assert.True(refill.EndStretch(isDry: true));
    }

    private (string Item, long Samples) Located(uint timestamp)
    {
        Assert.True(_queue.TryLocate(timestamp, out PlayoutPosition position));
        return (position.ItemId, position.Samples);
    }

    private bool Tick(int count = 1)
    {
        bool sent = false;
        for (int i = 0; i < count; i++, _now += 20)
        {
            sent = _queue.TryTake(Ms(_now), _packet, out PlayoutFrame frame);
            short[] pcm = new short[480];
            if (sent)
            {
                _frames.Add(frame);
                _ear.Decode(_packet.AsSpan(0, frame.Length), pcm);
            }
            else if (_frames.Count > 0)
            {
                _ear.Conceal([], pcm);
            }

            _heard.AddRange(pcm);
        }

        return sent;
    }

    private static int LargestStep(IEnumerable<short> samples) =>
        samples.Zip(samples.Skip(1), (a, b) => Math.Abs(b - a)).Max();
}
