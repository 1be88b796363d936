using System.Threading.Channels;

namespace Bridge.Realtime.Model;

/// <summary>
/// One session with a realtime model. Not bound to a call's life: a call lives through several (rollover).
/// All members may be used from any thread.
/// </summary>
public interface IModelSession : IAsyncDisposable
{
    /// <summary>
    /// The model's events, in order, beginning with <see cref="ModelEvent.SessionCreated"/>. Completes, without a
    /// fault, when the session has ended for whatever reason; <see cref="End"/> is set by then.
    /// </summary>
    ChannelReader<ModelEvent> Events { get; }

    /// <summary>When the service will end this session; null when unknown.</summary>
    DateTimeOffset? ExpiresAt { get; }

    /// <summary>How the server deviates from OpenAI's; known once the session is open.</summary>
    ServerHabits Habits => ServerHabits.None;

    /// <summary>Why the session ended; null while it lives.</summary>
    ModelSessionEnd? End { get; }

    /// <summary>The traffic so far.</summary>
    ModelSessionStats Stats { get; }

    /// <summary>
    /// Queues a command; commands and audio leave in the order of the calls. Completes when it was written to the
    /// socket. On an ended session it completes at once and the command is dropped: the end is reported by <see cref="Events"/>.
    /// </summary>
    ValueTask SendAsync(ModelCommand command, CancellationToken cancellationToken = default);

    /// <summary>Queues a command without waiting for the socket; false when the session has ended.</summary>
    bool TrySend(ModelCommand command);

    /// <summary>
    /// Queues microphone audio (24 kHz mono). Never blocks, allocates nothing. When the socket stalls and more than the
    /// bound is waiting, the oldest audio is dropped and counted. False when the session has ended.
    /// </summary>
    bool TryAppendAudio(ReadOnlySpan<short> pcm24k);
}
