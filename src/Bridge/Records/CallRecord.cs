using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Bridge.Records;

/// <summary>The record of a call.</summary>
/// <param name="Id">The call.</param>
/// <param name="Role">Slug of the role it began with, or was handed to last.</param>
/// <param name="Model">Model that answered.</param>
/// <param name="Started">When it was joined.</param>
/// <param name="Ended">When it was released; null while it runs.</param>
/// <param name="Reason">Why it ended; null while it runs.</param>
/// <param name="Recap">Summary in markdown, when the role asks for one.</param>
/// <param name="Notes">The notes of the agent.</param>
/// <param name="Usage">Tokens per modality.</param>
/// <param name="Cost">US dollars at the operator's prices; null when its model has none.</param>
/// <param name="Conversation">The conversation's log; null in lists.</param>
internal sealed record CallRecord(
    string Id,
    string Role,
    string Model,
    DateTimeOffset Started,
    DateTimeOffset? Ended,
    string? Reason,
    string? Recap,
    IReadOnlyList<CallNote> Notes,
    Realtime.Model.ModelUsage Usage,
    decimal? Cost,
    JsonElement? Conversation)
{
    /// <summary>The form of a record in answers and exports.</summary>
    /// <remarks>
    /// The default encoder writes the angle brackets, the ampersand, quotes and everything beyond ASCII as six bytes; none of the answers
    /// is HTML.
    /// </remarks>
    internal static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The same in one line, for JSON Lines.</summary>
    internal static readonly JsonSerializerOptions JsonLine = new(Json) { WriteIndented = false };

    /// <summary>The person it was for (<c>sub</c> of its ticket); null when nobody vouched for one.</summary>
    public string? Caller { get; init; }

    /// <summary>Its outcome, after the role's <c>outcome.schema.json</c>; null when there is none.</summary>
    public JsonElement? Outcome { get; init; }

    /// <summary>The agent's answers with their delays; null in lists.</summary>
    public IReadOnlyList<TurnTimes>? Turns { get; init; }

    /// <summary>The recordings of its sound, in order; null in lists and exports, and where there is none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<AudioPart>? Audio { get; init; }

    /// <summary>Entries that could not be kept, because the store was away for longer than memory reached.</summary>
    public int Missing { get; init; }
}
