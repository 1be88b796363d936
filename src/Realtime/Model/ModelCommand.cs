namespace Bridge.Realtime.Model;

/// <summary>
/// The commands to a model session, as our typed subset of the GA Realtime client events. Microphone audio does not come
/// this way but through <see cref="IModelSession.TryAppendAudio"/>.
/// </summary>
public abstract record ModelCommand
{
    private protected ModelCommand() { }

    /// <summary>
    /// The client's <c>event_id</c> (at most 512 characters), echoed in an <see cref="ModelEvent.Error"/> that answers this command; null
    /// sends none.
    /// </summary>
    public string? Id { get; init; }

    /// <summary><c>session.update</c>.</summary>
    /// <param name="Settings">The configuration that the session is to have.</param>
    /// <param name="Before">The configuration before: a field of it that is null now is switched off (null or the service's default), for a
    /// field that is left out stays as it is. Null: the first update.</param>
    public sealed record UpdateSession(SessionSettings Settings, SessionSettings? Before = null) : ModelCommand;

    /// <summary>
    /// <c>input_audio_buffer.append</c> of recorded audio (24 kHz mono 16 bit little-endian), not subject to the bound
    /// on live audio. For <see cref="InputHistory.ReplayTo"/>.
    /// </summary>
    public sealed record AppendInput(ReadOnlyMemory<byte> Pcm) : ModelCommand;

    /// <summary><c>input_audio_buffer.commit</c>: end of a push-to-talk turn.</summary>
    public sealed record CommitInput : ModelCommand;

    /// <summary><c>input_audio_buffer.clear</c>.</summary>
    public sealed record ClearInput : ModelCommand;

    /// <summary>
    /// <c>conversation.item.create</c>, at the end, or after <paramref name="PreviousItemId"/> (<c>"root"</c>: at the start).
    /// </summary>
    public sealed record CreateItem(ModelItem Item, string? PreviousItemId = null) : ModelCommand;

    /// <summary><c>conversation.item.delete</c>.</summary>
    public sealed record DeleteItem(string ItemId) : ModelCommand;

    /// <summary><c>conversation.item.retrieve</c>.</summary>
    public sealed record RetrieveItem(string ItemId) : ModelCommand;

    /// <summary><c>conversation.item.truncate</c>: the audio heard of an agent's message.</summary>
    public sealed record TruncateItem(string ItemId, int ContentIndex, int AudioEndMilliseconds) : ModelCommand;

    /// <summary><c>response.create</c>; null settings take the session's.</summary>
    public sealed record CreateResponse(ResponseSettings? Settings = null) : ModelCommand;

    /// <summary><c>response.cancel</c> of the response in progress, or of <paramref name="ResponseId"/>.</summary>
    public sealed record CancelResponse(string? ResponseId = null) : ModelCommand;
}
