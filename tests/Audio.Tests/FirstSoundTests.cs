using Bridge.Audio.Codecs;
using Bridge.Audio.Playout;
using static Bridge.Audio.Tests.CallerScript;

namespace Bridge.Audio.Tests;

/// <summary>The first word of an answer is never the second: the queue and the packet clock's schedule together, in virtual time.</summary>
public sealed class FirstSoundTests : IDisposable
{
    private const int Frame = 480;
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(0.5);

    private readonly OpusCodec _codec = new();
    private readonly OpusCodec _ear = new();
    private readonly PacketSchedule _schedule = new();
    private readonly PacketClockTicket _ticket;
    private readonly PlayoutQueue _queue;
    private readonly byte[] _packet = new byte[1275];
    private readonly short[] _pcm = new short[Frame];
    private readonly List<(TimeSpan At, PlayoutFrame Frame, short[] Heard)> _left = [];
    private TimeSpan _now = Ms(0);

    public FirstSoundTests()
    {
        _ticket = new PacketClockTicket(null, _ => true);
        _schedule.Add(_now, _ticket);
        _queue = new PlayoutQueue(_codec, new PlayoutQueueOptions { Ready = () => _schedule.StartNow(_now, _ticket) });
    }

    public void Dispose()
    {
        _codec.Dispose();
        _ear.Dispose();
    }

    [Theory]
    [InlineData(20)]
    [InlineData(100)]
    [InlineData(1000)]
    public void Its_first_packet_leaves_as_soon_as_20_ms_are_there_and_begins_with_its_first_sample(int deltaMs)
    {
        var random = new Random(deltaMs);
        for (int answer = 0; answer < 20; answer++)
        {
            string item = $"answer {answer}";
            short[] tone = Signals.Tone(400 + (100 * answer), 24_000, 24_000 * deltaMs / 1000);
            int before = _left.Count;
            TimeSpan came = _now;
            _queue.Append(item, 0, tone);
            Pass(Ms(deltaMs + 200));
            var first = _left[before];
            Assert.Equal(came, first.At);
            Assert.True(first.Frame.Marker);
            Assert.True(_queue.TryLocate(first.Frame.RtpTimestamp + (uint)(2 * _codec.EncoderDelay) + 1, out PlayoutPosition position));
            Assert.Equal((item, 0L), (position.ItemId, position.Milliseconds));

            // The codec's own delay is all that lies before it.
            Assert.InRange(Signals.Peak(first.Heard.AsSpan(_codec.EncoderDelay)), 4_000, 20_000);
            _queue.Finish(item);
            Pass(Ms(300 + random.Next(0, 800)) + (random.Next(0, 40) * Step));
        }
    }

    [Fact]
    public void An_answer_in_drops_leaves_when_the_drop_comes_that_makes_20_ms_whole()
    {
        short[] tone = Signals.Tone(500, 24_000, 4 * Frame);
        TimeSpan whole = default;
        for (int at = 0; at < tone.Length; at += 100)
        {
            whole = at < Frame ? _now : whole;
            _queue.Append("drops", 0, tone.AsSpan(at, Math.Min(100, tone.Length - at)));
            Pass(Ms(1));
        }

        Assert.Equal(whole, _left[0].At);
        Assert.True(_left[0].Frame.Marker);
    }

    private void Pass(TimeSpan time)
    {
        for (TimeSpan end = _now + time; _now < end; _now += Step)
        {
            while (_schedule.TakeDue(_now, out _, out _) is { } due)
            {
                bool sent = _queue.TryTake(_now, _packet, out PlayoutFrame frame);
                if (sent)
                {
                    _ear.Decode(_packet.AsSpan(0, frame.Length), _pcm);
                    _left.Add((_now, frame, [.. _pcm]));
                }

                _schedule.Done(_now, due, sent);
            }
        }
    }
}
