using System.Text.Json;
using System.Text.Json.Serialization;

namespace Bridge.Rehearsal;

/// <summary>
/// Misbehaviour the rehearsal model is asked for: by configuration, or at run time through a control endpoint.
/// All times are seconds; null or zero switches a fault off. JSON names are snake_case (<see cref="TryParse"/>).
/// </summary>
public sealed record RehearsalFaults
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    /// <summary>No fault at all.</summary>
    public static RehearsalFaults None { get; } = new();

    /// <summary>The session ends after this long instead of 60 minutes; <c>expires_at</c> says so.</summary>
    public double? SessionCapSeconds { get; init; }

    /// <summary>The connection drops without a close frame this long after the session opened.</summary>
    public double? DropAfterSeconds { get; init; }

    /// <summary>The connection drops without a close frame after this many server events.</summary>
    public int? DropAfterEvents { get; init; }

    /// <summary>The server closes with <see cref="CloseCode"/> this long after the session opened.</summary>
    public double? CloseAfterSeconds { get; init; }

    /// <summary>Status of <see cref="CloseAfterSeconds"/>: 1000, 4001...</summary>
    public int CloseCode { get; init; } = 1000;

    /// <summary>So many responses of each session end <c>failed</c> with <see cref="FailCode"/>; -1: all.</summary>
    public int FailResponses { get; init; }

    /// <summary>Error code of a failed response: <c>server_error</c>, <c>rate_limit_exceeded</c>...</summary>
    public string FailCode { get; init; } = "server_error";

    /// <summary>Audio seconds sent per second: 0.5 starves the client, 20 floods it, 0 sends everything at once.</summary>
    public double? DeltaPace { get; init; }

    /// <summary>Deltas come in bursts of this many seconds of audio, with the pace kept on average.</summary>
    public double? BurstSeconds { get; init; }

    /// <summary>Time from <c>response.created</c> to the first output.</summary>
    public double? ThinkSeconds { get; init; }

    /// <summary>Time from a commit to the caller's transcript.</summary>
    public double? TranscriptDelaySeconds { get; init; }

    /// <summary>Transcription ends with <c>conversation.item.input_audio_transcription.failed</c>.</summary>
    public bool FailTranscription { get; init; }

    /// <summary>A message of broken JSON is sent before every n-th event.</summary>
    public int? MalformedEvery { get; init; }

    /// <summary>An event of an unknown type is sent before every n-th event.</summary>
    public int? UnknownEvery { get; init; }

    /// <summary><c>rate_limits.updated</c> reports so many remaining requests and tokens.</summary>
    public int? RateLimitRemaining { get; init; }

    /// <summary>HTTP status of every handshake from now on, 400 to 599: 401, 429...</summary>
    public int? HandshakeStatus { get; init; }

    /// <summary>An <c>error</c> event with this code goes before the close of <see cref="CloseAfterSeconds"/>.</summary>
    public string? CloseError { get; init; }

    /// <summary>So many <c>session.update</c>s of each session are refused; -1: all.</summary>
    public int RefuseUpdates { get; init; }

    /// <summary>The error's code of a refused update.</summary>
    public string RefuseCode { get; init; } = "invalid_value";

    /// <summary>The error's <c>param</c> of a refused update: <c>session.tools[1].parameters</c>...</summary>
    public string RefuseParam { get; init; } = "session";

    /// <summary>Answers come as text, whatever modality was asked for.</summary>
    public bool TextOnly { get; init; }

    /// <summary>Every function call has the same <c>call_id</c>, <c>call_0</c>.</summary>
    public bool RepeatCallIds { get; init; }

    /// <summary>Texts and transcripts end in the escape of half a surrogate pair.</summary>
    public bool LoneSurrogates { get; init; }

    /// <summary>
    /// While a response thinks (<see cref="ThinkSeconds"/>), a <c>response.reasoning_summary_text.delta</c> comes once a
    /// second: an event that the published schema does not have.
    /// </summary>
    public bool Reasoning { get; init; }

    /// <summary>
    /// Live: <c>session.start</c> is answered by an <c>error</c> of this code, for instance <c>credit_balance_exhausted</c>, and the
    /// connection drops 2 s later.
    /// </summary>
    public string? StartError { get; init; }

    /// <summary>Live: time from <c>session.start</c> to <c>session.started</c>.</summary>
    public double? StartDelaySeconds { get; init; }

    /// <summary>Live: the session ends with the reason <c>content</c> this long after it started.</summary>
    public double? ContentAfterSeconds { get; init; }

    /// <summary>Live: every n-th <c>session.output_audio.delta</c> is lost.</summary>
    public int? DropOutputEvery { get; init; }

    /// <summary>Live: the model speaks on over the person's voice for this long before it falls silent.</summary>
    public double? TalkOverSeconds { get; init; }

    /// <summary>Live: errors have the code null.</summary>
    public bool NullCodes { get; init; }

    /// <summary>Reads faults from JSON; unknown names and wrong types are refused with a sentence.</summary>
    public static bool TryParse(ReadOnlySpan<byte> utf8, out RehearsalFaults faults, out string? refusal)
    {
        try
        {
            faults = JsonSerializer.Deserialize<RehearsalFaults>(utf8, Json) ?? None;
            refusal = faults.Refusal();
        }
        catch (JsonException exception)
        {
            faults = None;
            refusal = exception.Message;
        }

        if (refusal is not null)
        {
            faults = None;
        }

        return refusal is null;
    }

    /// <summary>These faults as JSON, as <see cref="TryParse"/> reads them.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json);

    private string? Refusal() => this switch
    {
        { SessionCapSeconds: <= 0 } => "session_cap_seconds must be above 0.",
        { CloseCode: not (1000 or 1001 or 1011 or (>= 3000 and <= 4999)) } =>
            "close_code must be 1000, 1001, 1011 or 3000 to 4999.",
        { HandshakeStatus: < 400 or > 599 } => "handshake_status must be 400 to 599.",
        { DeltaPace: < 0 } => "delta_pace must be 0 or above.",
        { BurstSeconds: < 0 } => "burst_seconds must be 0 or above.",
        { MalformedEvery: < 1 } => "malformed_every must be 1 or above.",
        { DropOutputEvery: < 1 } => "drop_output_every must be 1 or above.",
        { TalkOverSeconds: < 0 } => "talk_over_seconds must be 0 or above.",
        { UnknownEvery: < 1 } => "unknown_every must be 1 or above.",
        _ => null,
    };
}
