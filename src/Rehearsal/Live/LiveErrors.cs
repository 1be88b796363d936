namespace Bridge.Rehearsal.Live;

/// <summary>
/// Errors of the Live protocol beside those that both protocols share. Sentences marked "observed" stand in published recordings or
/// bug reports of the service; the others follow their pattern.
/// </summary>
internal static class LiveErrors
{
    /// <summary>The most characters of one append that surely pass: about 500 tokens (1,756 passed, 1,900 did not).</summary>
    public const int MaxAppendCharacters = 1800;

    // --- the order of a session

    public static ServiceError NotStarted() => new(null, "The first event of a Live session must be session.start.", "type");

    public static ServiceError Starting() => new(null, "The Live session has not started yet: wait for session.started.", "type");

    public static ServiceError StartedAlready() => new(null, "The Live session has already started.", "type");

    // --- session.start, session.update

    public static ServiceError VoiceForbidden(string voice) =>
        new("forbidden", $"The voice '{voice}' is not available to Live sessions.", "session.audio.output.voice");

    public static ServiceError TooManyMessages(int got) => new(
        "array_above_max_length",
        $"Invalid 'session.input': array too long. Expected an array with maximum length {LiveConfig.MaxHistory}, but got an array "
        + $"with length {got} instead.",
        "session.input");

    public static ServiceError OnePart(int index, int got) => new(
        "invalid_value",
        $"Invalid 'session.input[{index}].content': expected exactly one content part, but got {got}.",
        $"session.input[{index}].content");

    public static ServiceError HistoryTooLong() => new(
        "invalid_value", $"Session input must not exceed {LiveConfig.MaxHistoryTokens} tokens.", "session.input");

    public static ServiceError InstructionsTooLong() => new(
        "invalid_value", $"Session instructions must not exceed {LiveConfig.MaxInstructionTokens} tokens.", "session.instructions");

    public static ServiceError NoDecisions() => new(
        "invalid_value", "The rehearsal model does not play Decisions delegation.", "session.delegation.type");

    public static ServiceError DelegationType() => new(
        "immutable_field_update", "The delegation type of a Live session cannot change.", "session.delegation.type");

    // --- audio

    // Observed.
    public static ServiceError OddAudio() => new("invalid_audio", "PCM16 audio must contain an even number of bytes", "audio");

    public static ServiceError NoAudio() => new("invalid_audio", "Audio must not be empty", "audio");

    public static ServiceError NotBase64() => new("invalid_audio", "Audio must be valid base64", "audio");

    public static ServiceError AudioTooLong(int seconds) =>
        new("invalid_audio", $"An audio fixture must not exceed {seconds} seconds", "audio");

    public static ServiceError FixtureActive() => new(null, "An audio fixture is already playing.", "type");

    // --- appends

    // Observed.
    public static ServiceError AppendTooLong() =>
        new("invalid_value", "Context append text must not exceed 500 tokens.", "content");

    public static ServiceError AppendDuringFixture() => new(null, "Context cannot be appended while an audio fixture is playing.", "type");

    public static ServiceError AppendsFull(int most) => new(
        "rate_limit_exceeded", $"{most} context appends wait for audio already: the timeline moves with input audio alone.", "type");

    public static ServiceError ForeignDelegation() => new(
        "invalid_value", "A delegation_id is accepted with client delegation only.", "delegation_id");

    public static ServiceError NoSuchDelegation(string id) => new(
        "invalid_value", $"The delegation '{id}' does not exist in this session.", "delegation_id");

    // The code is observed, the sentence is not.
    public static ServiceError Unplaced() => new(
        "context_injection_incomplete", "The session closed before this context was added to its timeline.");

    // --- the backend

    // Observed, with no code.
    public static ServiceError NeedsResponses(string type) => new(null, $"{type} requires Responses delegation.", "type");

    public static ServiceError NeedsDecisions(string type) => new(null, $"{type} requires Decisions delegation.", "type");

    // Observed.
    public static ServiceError OutputsRequired() => new(
        "function_call_outputs_required", "Submit the pending function call outputs before response.create.");

    public static ServiceError BufferFull() => new(
        "response_input_buffer_full",
        $"At most {LiveBackend.MaxItems} items and {LiveBackend.MaxBytes} bytes can wait for response.create.", "item");

    public static ServiceError NoSuchCall(string callId) => new(
        null, $"No tool call found for function call output with call_id {callId}.", "item.call_id");

    public static ServiceError ResponseRuns() => new(null, "A delegated response is already in progress.", "type");

    // --- the connection

    // Observed.
    public static ServiceError WrongProtocol(string model) => new(
        "invalid_model", $"The model '{model}' is not supported by the Realtime API. Use /v1/live/sessions.", "model");

    public static ServiceError Asked(string code) => new(code, "The rehearsal model was asked to say so.");
}
