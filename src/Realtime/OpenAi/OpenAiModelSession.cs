using System.Threading.Channels;

namespace Bridge.Realtime.OpenAi;

/// <summary>A session with an OpenAI-compatible realtime model over the OpenAI package's WebSocket.</summary>
public sealed class OpenAiModelSession : IModelSession
{
    private OpenAiModelSession() { }

    /// <summary>
    /// Connects and waits for session.created. Throws <see cref="ModelSessionException"/> when the service can't be
    /// reached, refuses, or is silent for <see cref="ModelEndpoint.OpenTimeout"/>.
    /// </summary>
    public static Task<OpenAiModelSession> ConnectAsync(ModelEndpoint endpoint, TimeProvider time, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <inheritdoc/>
    public ChannelReader<ModelEvent> Events => throw new NotImplementedException();

    /// <inheritdoc/>
    public DateTimeOffset? ExpiresAt => throw new NotImplementedException();

    /// <inheritdoc/>
    public ModelSessionEnd? End => throw new NotImplementedException();

    /// <inheritdoc/>
    public ModelSessionStats Stats => throw new NotImplementedException();

    /// <inheritdoc/>
    public ValueTask SendAsync(ModelCommand command, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <inheritdoc/>
    public bool TrySend(ModelCommand command) => throw new NotImplementedException();

    /// <inheritdoc/>
    public bool TryAppendAudio(ReadOnlySpan<short> pcm24k) => throw new NotImplementedException();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
