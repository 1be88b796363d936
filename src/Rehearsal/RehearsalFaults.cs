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
        { DeltaPace: < 0 } => "delta_pace must be 0 or above.",
        { BurstSeconds: < 0 } => "burst_seconds must be 0 or above.",
        { MalformedEvery: < 1 } => "malformed_every must be 1 or above.",
        { UnknownEvery: < 1 } => "unknown_every must be 1 or above.",
        _ => null,
    };
}
