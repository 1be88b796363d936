namespace Bridge.Realtime.Model;

/// <summary>
/// The events of a model session, as our typed subset of the GA Realtime server events. Names follow the wire; each case
/// names its event. Audio is raw little-endian PCM, 24 kHz, mono, 16 bit; its memory is never written again after the
/// event was published, so it may be kept and passed on by reference.
/// </summary>
public abstract record ModelEvent
{
    private protected ModelEvent() { }

    /// <summary>
    /// Id of the response that the event is a part of; null when it is of none. <c>response.created</c> begins a response and is no part.
    /// </summary>
    public string? ResponseOf() => this switch
    {
        AudioDelta of => of.ResponseId,
        AudioDone of => of.ResponseId,
        AudioTranscriptDelta of => of.ResponseId,
        AudioTranscriptDone of => of.ResponseId,
        TextDelta of => of.ResponseId,
        TextDone of => of.ResponseId,
        FunctionArgumentsDone of => of.ResponseId,
        OutputItemAdded of => of.ResponseId,
        OutputItemDone of => of.ResponseId,
        ResponseDone of => of.ResponseId,
        Unknown of => of.ResponseId,
        _ => null,
    };

    /// <summary><c>session.created</c>: the handshake is complete.</summary>
    /// <param name="SessionId">The service's session id; empty when it sent none.</param>
    /// <param name="Model">The model that answers.</param>
    /// <param name="ExpiresAt">When the service will end the session (60 minutes at OpenAI); null when unknown.</param>
    public sealed record SessionCreated(string SessionId, string Model, DateTimeOffset? ExpiresAt) : ModelEvent
    {
        /// <summary>The server that sends sessions of this shape, by the name of its profile.</summary>
        public string LooksLike { get; init; } = "openai";
    }

    /// <summary><c>session.updated</c>: our settings were taken.</summary>
    public sealed record SessionUpdated : ModelEvent;

    /// <summary><c>conversation.item.added</c> (or the older <c>.created</c>): an item entered the conversation.</summary>
    public sealed record ItemAdded(string? PreviousItemId, ModelItem Item) : ModelEvent;

    /// <summary><c>conversation.item.done</c>: the item has its final content.</summary>
    public sealed record ItemDone(string? PreviousItemId, ModelItem Item) : ModelEvent;

    /// <summary><c>conversation.item.deleted</c>.</summary>
    public sealed record ItemDeleted(string ItemId) : ModelEvent;

    /// <summary><c>conversation.item.truncated</c>.</summary>
    public sealed record ItemTruncated(string ItemId, int ContentIndex, int AudioEndMilliseconds) : ModelEvent;

    /// <summary><c>input_audio_buffer.speech_started</c>; <paramref name="AudioStartMilliseconds"/> counts all appended audio of the session.</summary>
    public sealed record SpeechStarted(string ItemId, int AudioStartMilliseconds) : ModelEvent;

    /// <summary><c>input_audio_buffer.speech_stopped</c>.</summary>
    public sealed record SpeechStopped(string ItemId, int AudioEndMilliseconds) : ModelEvent;

    /// <summary><c>input_audio_buffer.committed</c>: the caller's turn is now item <paramref name="ItemId"/>.</summary>
    public sealed record InputCommitted(string ItemId, string? PreviousItemId) : ModelEvent;

    /// <summary><c>input_audio_buffer.cleared</c>.</summary>
    public sealed record InputCleared : ModelEvent;

    /// <summary><c>input_audio_buffer.timeout_triggered</c>: the service's own idle timer (the bridge keeps its own).</summary>
    public sealed record IdleTimeout(string ItemId) : ModelEvent;

    /// <summary><c>conversation.item.input_audio_transcription.delta</c>.</summary>
    public sealed record InputTranscriptDelta(string ItemId, int ContentIndex, string Delta) : ModelEvent;

    /// <summary><c>conversation.item.input_audio_transcription.completed</c>; often arrives after the answer began.</summary>
    public sealed record InputTranscriptCompleted(string ItemId, int ContentIndex, string Transcript, ModelUsage Usage) : ModelEvent;

    /// <summary><c>conversation.item.input_audio_transcription.failed</c>.</summary>
    public sealed record InputTranscriptFailed(string ItemId, string? Code, string Message) : ModelEvent;

    /// <summary><c>response.created</c>. <paramref name="Tag"/> is what <see cref="ResponseSettings.Tag"/> said (metadata <c>bridge_tag</c>).</summary>
    public sealed record ResponseCreated(string ResponseId, string? Tag) : ModelEvent;

    /// <summary><c>response.done</c>, whatever its end.</summary>
    /// <param name="ResponseId">Which response.</param>
    /// <param name="Status">completed, cancelled, failed or incomplete.</param>
    /// <param name="Reason">turn_detected, client_cancelled, max_output_tokens, content_filter, or the error's code; null when none.</param>
    /// <param name="Output">The items it made, in order, with their final text.</param>
    /// <param name="Usage">Tokens; zero when the service sent none.</param>
    /// <param name="Tag">As in <see cref="ResponseCreated"/>.</param>
    public sealed record ResponseDone(string ResponseId, string Status, string? Reason, IReadOnlyList<ModelItem> Output, ModelUsage Usage, string? Tag) : ModelEvent;

    /// <summary><c>response.output_item.added</c>.</summary>
    public sealed record OutputItemAdded(string ResponseId, ModelItem Item) : ModelEvent;

    /// <summary><c>response.output_item.done</c>.</summary>
    public sealed record OutputItemDone(string ResponseId, ModelItem Item) : ModelEvent;

    /// <summary><c>response.output_audio.delta</c>: PCM decoded from base64, ready to play.</summary>
    public sealed record AudioDelta(string ResponseId, string ItemId, int ContentIndex, ReadOnlyMemory<byte> Pcm) : ModelEvent
    {
        /// <summary>No sample of it can be heard; only reported by a session of a full-duplex model.</summary>
        public bool IsSilent { get; init; }
    }

    /// <summary><c>response.output_audio.done</c>.</summary>
    public sealed record AudioDone(string ResponseId, string ItemId, int ContentIndex) : ModelEvent;

    /// <summary><c>response.output_audio_transcript.delta</c>: runs ahead of what is heard.</summary>
    public sealed record AudioTranscriptDelta(string ResponseId, string ItemId, int ContentIndex, string Delta) : ModelEvent;

    /// <summary><c>response.output_audio_transcript.done</c>.</summary>
    public sealed record AudioTranscriptDone(string ResponseId, string ItemId, int ContentIndex, string Transcript) : ModelEvent;

    /// <summary><c>response.output_text.delta</c>: a text answer, or the text of an out-of-band response.</summary>
    public sealed record TextDelta(string ResponseId, string ItemId, int ContentIndex, string Delta) : ModelEvent;

    /// <summary><c>response.output_text.done</c>.</summary>
    public sealed record TextDone(string ResponseId, string ItemId, int ContentIndex, string Text) : ModelEvent;

    /// <summary><c>response.function_call_arguments.done</c>: the call can be started before the response ends.</summary>
    public sealed record FunctionArgumentsDone(string ResponseId, string ItemId, string CallId, string Name, string Arguments) : ModelEvent;

    /// <summary><c>rate_limits.updated</c>: the tightest of the limits.</summary>
    public sealed record RateLimitsUpdated(int RemainingRequests, int RemainingTokens, double ResetSeconds) : ModelEvent;

    /// <summary><c>error</c>: the service refused a command or failed; the session stays open.</summary>
    public sealed record Error(string Type, string? Code, string Message, string? Param, string? CommandId) : ModelEvent;

    /// <summary>An event this build does not use.</summary>
    /// <param name="Type">The wire's name.</param>
    /// <param name="ResponseId">The response it is of; null when it is of none.</param>
    public sealed record Unknown(string Type, string? ResponseId = null) : ModelEvent;

    /// <summary>A message that was not a well-formed event; counted, never fatal.</summary>
    public sealed record Malformed(string Why) : ModelEvent;
}
