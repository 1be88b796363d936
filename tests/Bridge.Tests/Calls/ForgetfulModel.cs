using System.Threading.Channels;
using Bridge.Realtime.Model;

namespace Bridge.Tests.Calls;

/// <summary>
/// A session with a model that keeps nothing of what it is sent, and says nothing but that it was configured: what is held is held by the
/// call.
/// </summary>
internal sealed class ForgetfulModel : IModelSession
{
    private readonly Channel<ModelEvent> _events = Channel.CreateUnbounded<ModelEvent>();

    public ChannelReader<ModelEvent> Events => _events.Reader;

    public DateTimeOffset? ExpiresAt => null;

    public ModelSessionEnd? End => null;

    public ModelSessionStats Stats => default!;

    public ValueTask SendAsync(ModelCommand command, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;

    public bool TrySend(ModelCommand command) =>
        command is not ModelCommand.UpdateSession || _events.Writer.TryWrite(new ModelEvent.SessionUpdated());

    public bool TryAppendAudio(ReadOnlySpan<short> pcm24k) => true;

    public ValueTask DisposeAsync()
    {
        _events.Writer.TryComplete();
        return ValueTask.CompletedTask;
    }
}
