using Bridge.Realtime.Model;
using Bridge.Realtime.Turns;

namespace Bridge.Realtime.Tests.Turns;

/// <summary>
/// The truncation point against what came out of a simulated browser: packets of 20 ms through a network with jitter, a
/// jitter buffer that grows to the delays it sees, page reports that travel back through the same network. A page either
/// plays what still arrives, or silences its speaker when it is asked for its position, and says so. Beside it the
/// estimate of a server that counts the time since it began to play.
/// </summary>
public class HeardAccuracyTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(0, false)]
    [InlineData(100, false)]
    [InlineData(400, false)]
    [InlineData(0, true)]
    [InlineData(100, true)]
    [InlineData(400, true)]
    public void The_truncation_is_within_forty_milliseconds_of_what_came_out_of_the_speaker(int jitterMs, bool silences)
    {
        var seed = Seeds.First;
        var (errors, clockErrors) = (new List<int>(), new List<int>());
        for (var run = 0; run < 150; run++)
        {
            var (truncated, heard, byClock) = new Ear(new Random(seed + run), jitterMs, silences).Interrupt();
            errors.Add(Math.Abs(truncated - heard));
            clockErrors.Add(Math.Abs(byClock - heard));
        }

        errors.Sort();
        clockErrors.Sort();
        output.WriteLine($"jitter {jitterMs} ms, {(silences ? "silencing" : "playing on")}: error p50 {errors[75]} p95 {errors[142]} max "
            + $"{errors[^1]} ms; "
            + $"wall clock p50 {clockErrors[75]} p95 {clockErrors[142]} max {clockErrors[^1]} ms; seed {seed}");
        Assert.True(errors[142] <= 40, $"p95 {errors[142]} ms, seed {seed}");
    }

    private sealed class Ear(Random random, int jitterMs, bool silences)
    {
        private const int BaseMs = 15;
        private readonly Queue<(TimeSpan At, int Ms)> _arriving = new();
        private readonly PriorityQueue<(int Ms, bool Silenced), TimeSpan> _reports = new();
        private readonly CallLab _lab = new(new TurnOptions { Session = new SessionSettings { TranscriptionModel = "t" } })
        {
            Plans = _ => new Plan { Text = "Words and words and words and words.", AudioMs = 12_000 },
        };
        private double _buffer = 40;
        private int _speaker;
        private TimeSpan _lastOut;
        private TimeSpan? _asked;
        private bool _silent;

        private TimeSpan Travel => TimeSpan.FromMilliseconds(BaseMs + (random.NextDouble() * jitterMs));

        public (int Truncated, int Heard, int ByClock) Interrupt()
        {
            _lab.Start();
            _lab.Input(new TurnInput.PageText("Go on."));
            _lab.Generate();
            var track = _lab.Tracks[0];
            var begin = _lab.Now;
            var bargeIn = begin + TimeSpan.FromMilliseconds(random.Next(800, 9000));
            while (_lab.Now < bargeIn)
            {
                Step();
                _lastOut = _lab.Now + Travel > _lastOut ? _lab.Now + Travel : _lastOut;
                _arriving.Enqueue((_lastOut, track.Played));
                Hear(track.Name);
            }

            var byClock = (int)(_lab.Now - begin).TotalMilliseconds;
            _asked = _lab.Now + Travel;
            _lab.Model.SpeechStarts(100);
            _lab.Deliver();
            Assert.False(_lab.Audible);
            for (var i = 0; i < 100; i++)
            {
                Step();
                Hear(track.Name);
            }

            return (_lab.Sent<ModelCommand.TruncateItem>().Single().AudioEndMilliseconds, _speaker, byClock);
        }

        private void Step() => _lab.Run(20);

        private void Hear(string track)
        {
            // The buffer's delay follows the longest delay seen; a packet comes out that long after the shortest way.
            while (!_silent && _arriving.TryPeek(out var packet) && packet.At <= _lab.Now - TimeSpan.FromMilliseconds(_buffer))
            {
                _buffer = Math.Max(40, Math.Min(jitterMs, _buffer + 2));
                _speaker = _arriving.Dequeue().Ms;
            }

            if (silences && _asked <= _lab.Now && !_silent)
            {
                _silent = true;
                _reports.Enqueue((_speaker, true), _lab.Now + Travel);
            }
            else if (_lab.Now.Ticks / TimeSpan.TicksPerMillisecond % 140 == 0 && _speaker > 0)
            {
                _reports.Enqueue((_speaker, _silent), _lab.Now + Travel);
            }

            while (_reports.TryPeek(out var report, out var at) && at <= _lab.Now)
            {
                _reports.Dequeue();
                _lab.Input(new TurnInput.PlayoutReported(track, report.Ms, PlayoutSource.Page, report.Silenced));
            }
        }
    }
}
