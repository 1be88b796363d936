using System.Threading.Channels;
using Bridge.Realtime.Live;
using Bridge.Realtime.Model;

namespace Bridge.Tests.Calls;

/// <summary>A session with a full-duplex model that starts when it is told to, and then says what the test tells it to.</summary>
internal sealed class LiveModel : IModelSession
{
    private const int BytesPerMillisecond = 48;
    private readonly Channel<ModelEvent> _events = Channel.CreateUnbounded<ModelEvent>();
    private readonly List<ModelCommand> _sent = [];

    public ChannelReader<ModelEvent> Events => _events.Reader;

    public DateTimeOffset? ExpiresAt => null;

    public ServerHabits Habits => ServerHabits.NoTruncate | ServerHabits.NoOutOfBand;

    public ModelSessionEnd? End => null;

    public ModelSessionStats Stats => default;

    public IReadOnlyList<ModelCommand> Sent
    {
        get
        {
            lock (_sent)
            {
                return [.. _sent];
            }
        }
    }

    public void Tell(ModelEvent what) => _events.Writer.TryWrite(what);

    /// <summary>A sentence of so many milliseconds, and silence after it.</summary>
    public void Say(string text, int milliseconds)
    {
        for (var at = 0; at < milliseconds; at += 100)
        {
            var pcm = new byte[100 * BytesPerMillisecond];
            pcm[^2] = 9;
            Tell(new ModelEvent.AudioDelta("", "", 0, pcm));
        }

        Tell(new LiveEvent.OutputSpoken(text, 0, milliseconds));
        for (var i = 0; i < 3; i++)
        {
            Tell(new ModelEvent.AudioDelta("", "", 0, new byte[100 * BytesPerMillisecond]) { IsSilent = true });
        }
    }

    public ValueTask SendAsync(ModelCommand command, CancellationToken cancellationToken = default)
    {
        TrySend(command);
        return ValueTask.CompletedTask;
    }

    public bool TrySend(ModelCommand command)
    {
        lock (_sent)
        {
            _sent.Add(command);
        }

        if (command is LiveCommand.Start)
        {
            Tell(new LiveEvent.SessionStarted("live_1", TimeSpan.FromHours(2)));
        }

        return true;
    }

    public bool TryAppendAudio(ReadOnlySpan<short> pcm24k) => true;

    public ValueTask DisposeAsync()
    {
        _events.Writer.TryComplete();
        return ValueTask.CompletedTask;
    }
}
