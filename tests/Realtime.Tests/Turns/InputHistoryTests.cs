using System.Runtime.InteropServices;
using System.Threading.Channels;
using Bridge.Realtime.Model;

namespace Bridge.Realtime.Tests.Turns;

public class InputHistoryTests
{
    private sealed class Recorder : IModelSession
    {
        public List<short> Heard { get; } = [];

        public ChannelReader<ModelEvent> Events => throw new NotSupportedException();

        public DateTimeOffset? ExpiresAt => null;

        public ModelSessionEnd? End => null;

        public ModelSessionStats Stats => default;

        public ValueTask SendAsync(ModelCommand command, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public bool TrySend(ModelCommand command)
        {
            Heard.AddRange(MemoryMarshal.Cast<byte, short>(Assert.IsType<ModelCommand.AppendInput>(command).Pcm.Span));
            return true;
        }

        public bool TryAppendAudio(ReadOnlySpan<short> pcm24k) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => default;
    }

    private static short[] Ramp(int from, int count) => [.. Enumerable.Range(from, count).Select(i => (short)(i % 30_000))];

    [Fact]
    public void What_was_said_since_an_instant_is_said_again_sample_for_sample()
    {
        var history = new InputHistory(TimeSpan.FromSeconds(2));
        var now = TimeSpan.FromHours(2);
        for (var i = 0; i < 500; i++)
        {
            now += TimeSpan.FromMilliseconds(20);
            history.Append(now, Ramp(i * 480, 480));
        }

        var session = new Recorder();
        Assert.Equal(700, history.ReplayTo(session, now - TimeSpan.FromMilliseconds(700)));
        Assert.Equal(Ramp((500 * 480) - (700 * 24), 700 * 24), session.Heard);
    }

    [Fact]
    public void More_than_is_kept_is_cut_to_what_is_kept()
    {
        var history = new InputHistory(TimeSpan.FromSeconds(1));
        history.Append(TimeSpan.FromSeconds(10), Ramp(0, 48_000));
        var session = new Recorder();
        Assert.Equal(1000, history.ReplayTo(session, TimeSpan.Zero));
        Assert.Equal(Ramp(24_000, 24_000), session.Heard);
    }

    [Fact]
    public void Nothing_is_replayed_of_what_was_never_said()
    {
        var history = new InputHistory(TimeSpan.FromSeconds(1));
        Assert.Equal(0, history.ReplayTo(new Recorder(), TimeSpan.Zero));
        history.Append(TimeSpan.FromSeconds(1), Ramp(0, 480));
        Assert.Equal(20, history.ReplayTo(new Recorder(), TimeSpan.Zero));
        Assert.Equal(0, history.ReplayTo(new Recorder(), TimeSpan.FromSeconds(2)));
    }

    [Fact]
    public void Time_in_which_the_microphone_was_closed_is_not_counted()
    {
        var history = new InputHistory(TimeSpan.FromSeconds(10));
        history.Append(TimeSpan.FromSeconds(1), Ramp(0, 24_000));
        history.Append(TimeSpan.FromSeconds(4), Ramp(1000, 12_000));
        history.Append(TimeSpan.FromSeconds(9), Ramp(2000, 4_800));
        var since = (double seconds) => history.ReplayTo(new Recorder(), TimeSpan.FromSeconds(seconds));
        Assert.Equal([100, 200, 200, 700, 700, 1200], new[] { 8.9, 8.7, 5.0, 3.5, 1.5, 0.5 }.Select(since));
    }

    [Fact]
    public void Recording_costs_no_garbage()
    {
        var history = new InputHistory(TimeSpan.FromSeconds(1));
        var frame = Ramp(0, 480);
        history.Append(TimeSpan.FromSeconds(1), frame);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            history.Append(TimeSpan.FromSeconds(1 + i), frame);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
