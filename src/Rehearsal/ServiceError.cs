namespace Bridge.Rehearsal;

/// <summary>
/// The body of an <c>error</c> event, in the service's words. Codes and sentences marked "observed" stand in public
/// bug reports or in the published reference; the others follow their pattern.
/// </summary>
internal sealed record ServiceError(string? Code, string Message, string? Param = null)
{
    public const string InvalidRequest = "invalid_request_error";

    // --- the event as such

    public static ServiceError NotJson() => new("invalid_json", "The event could not be parsed as a JSON object.");

    // Published example of the error event.
    public static ServiceError NoType() => new("invalid_event", "The 'type' field is missing.");

    // Observed.
    public static ServiceError Unknown(string param) =>
        new("unknown_parameter", $"Unknown parameter: '{param}'.", param);

    // Observed.
    public static ServiceError Missing(string param) =>
        new("missing_required_parameter", $"Missing required parameter: '{param}'.", param);

    // Observed.
    public static ServiceError Value(string param, string got, IReadOnlyList<string> supported) =>
        new("invalid_value", $"Invalid value: '{got}'. Supported values are: {List(supported)}.", param);

    public static ServiceError Kind(string param, string expected, string got) =>
        new("invalid_type", $"Invalid type for '{param}': expected {expected}, but got {got} instead.", param);

    public static ServiceError TooLong(string param, int maximum, int got) => new(
        "string_above_max_length",
        $"Invalid '{param}': string too long. Expected a string with maximum length {maximum}, but got a string with length {got} instead.",
        param);

    public static ServiceError TooFew(string param, int minimum, int got) => new(
        "array_below_min_length",
        $"Invalid '{param}': array too short. Expected an array with minimum length {minimum}, but got an array with length {got} instead.",
        param);

    public static ServiceError TooSmall(string param, bool integer, string minimum, string got) => new(
        integer ? "integer_below_min_value" : "decimal_below_min_value",
        $"Invalid '{param}': {(integer ? "integer" : "decimal")} below minimum value. Expected a value >= {minimum}, but got {got} instead.",
        param);

    public static ServiceError TooLarge(string param, bool integer, string maximum, string got) => new(
        integer ? "integer_above_max_value" : "decimal_above_max_value",
        $"Invalid '{param}': {(integer ? "integer" : "decimal")} above maximum value. Expected a value <= {maximum}, but got {got} instead.",
        param);

    public static ServiceError Invalid(string param, string why) =>
        new("invalid_value", $"Invalid '{param}': {why}", param);

    // --- the connection

    public static ServiceError NoSuchModel(string model) =>
        new("model_not_found", $"The model '{model}' does not exist or you do not have access to it.");

    // Observed.
    public static ServiceError BetaShape() => new(
        "beta_api_shape_disabled", "The Realtime Beta API is no longer supported. Please use /v1/realtime for the GA API.");

    public static ServiceError Asked(string code, string? param = null) =>
        new(code, "The rehearsal model was asked to say so.", param);

    // --- session

    // Observed.
    public static ServiceError VoiceAfterAudio() =>
        new("cannot_update_voice", "Cannot update a conversation's voice if assistant audio is present.");

    public static ServiceError SpeedDuringResponse() =>
        new("cannot_update_speed", "Cannot update a conversation's speed while a response is in progress.");

    public static ServiceError ModelChange() =>
        new("cannot_update_model", "Cannot update a conversation's model.", "session.model");

    // Observed.
    public static ServiceError Parameters(string function, string param) => new(
        "invalid_function_parameters",
        $"Invalid schema for function '{function}': schema must be a JSON Schema of 'type: \"object\"'.", param);

    // Observed.
    public static ServiceError RootBranches(string function, string param) => new(
        "invalid_function_parameters",
        $"Invalid schema for function '{function}': schema must have type 'object' and not have "
        + "'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level.",
        param);

    // Observed.
    public static ServiceError SchemaLacks(string function, string context, string what, string param) => new(
        "invalid_function_parameters", $"Invalid schema for function '{function}': In context={context}, {what}.", param);

    // Observed.
    public static ServiceError SessionType(string got, string is_) => new(
        "invalid_value", $"Passing a {got} session update event to a {is_} session is not allowed.", "session.type");

    // Observed.
    public static ServiceError Expired(TimeSpan cap) => new("session_expired", ExpiredReason(cap));

    public static string ExpiredReason(TimeSpan cap) => cap >= TimeSpan.FromMinutes(1) && cap.Seconds == 0
        ? $"Your session hit the maximum duration of {cap.TotalMinutes:0} minutes."
        : $"Your session hit the maximum duration of {cap.TotalSeconds:0.###} seconds.";

    // --- input audio

    // Observed.
    public static ServiceError CommitEmpty(double milliseconds) => new(
        "input_audio_buffer_commit_empty",
        FormattableString.Invariant(
            $"Error committing input audio buffer: buffer too small. Expected at least 100ms of audio, but buffer only has {milliseconds:0.00}ms of audio."));

    public static ServiceError NotAudio() => new(
        "invalid_value", "Invalid 'audio'. Expected base64-encoded audio bytes, but got an invalid value.", "audio");

    public static ServiceError OddAudio() => new(
        "invalid_value", "Invalid 'audio'. Expected whole 16-bit samples, but got an odd number of bytes.", "audio");

    public static ServiceError AppendTooLarge(int bytes) => new(
        "input_audio_buffer_append_too_large",
        $"Error appending to input audio buffer: expected at most 15 MiB of audio, but got {bytes} bytes.", "audio");

    public static ServiceError NoOutputBuffer() => new(
        "invalid_event", "'output_audio_buffer.clear' is only available to WebRTC and SIP connections.", "type");

    // --- items

    public static ServiceError NoSuchItem(string verb, string doing, string id, string param) => new(
        $"item_{verb}_invalid_item_id", $"Error {doing} item: the item with id '{id}' does not exist.", param);

    public static ServiceError DuplicateItem(string id) => new(
        "item_create_duplicate_item_id",
        $"Error adding item: an item with id '{id}' already exists in the conversation.", "item.id");

    public static ServiceError NoPreviousItem(string id) => new(
        "item_create_invalid_previous_item_id",
        $"Error adding item: the previous item with id '{id}' does not exist.", "previous_item_id");

    // Observed.
    public static ServiceError NoSuchCall(string callId) =>
        new("invalid_tool_call_id", $"Tool call ID '{callId}' not found in conversation.", "item.call_id");

    // Observed.
    public static ServiceError NotTruncatable() =>
        new("unsupported_content_type", "Only model output audio messages can be truncated.");

    // Observed.
    public static ServiceError AudioShorter(long have, long asked) =>
        new("invalid_value", $"Audio content of {have}ms is already shorter than {asked}ms", "audio_end_ms");

    // --- responses

    // Observed.
    public static ServiceError ActiveResponse(string id) => new(
        "conversation_already_has_active_response",
        $"Conversation already has an active response in progress: {id}. Wait until the response is finished before creating a new one.");

    // Observed.
    public static ServiceError NothingToCancel() =>
        new("response_cancel_not_active", "Cancellation failed: no active response found");

    public static ServiceError Modalities(string got) => new(
        "invalid_value",
        $"Invalid modalities: {got}. Supported combinations are: ['text'] and ['audio'].", "output_modalities");

    private static string List(IReadOnlyList<string> values) => values.Count switch
    {
        1 => $"'{values[0]}'",
        2 => $"'{values[0]}' and '{values[1]}'",
        _ => $"{string.Join(", ", values.Take(values.Count - 1).Select(v => $"'{v}'"))}, and '{values[^1]}'",
    };
}
