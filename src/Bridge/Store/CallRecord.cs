using System.Text.Json;

namespace Bridge.Store;

/// <summary>What is kept of a call.</summary>
/// <param name="Id">The call.</param>
/// <param name="Role">Slug of the role it began with.</param>
/// <param name="Model">Model that answered.</param>
/// <param name="Started">When it was joined.</param>
/// <param name="Ended">When it was released; null while it runs.</param>
/// <param name="Reason">Why it ended; null while it runs.</param>
/// <param name="Recap">Summary in markdown, when the role asks for one.</param>
/// <param name="Notes">What the agent saved.</param>
/// <param name="Usage">Tokens per modality.</param>
/// <param name="Cost">US dollars at the operator's prices; null when its model has none.</param>
/// <param name="Conversation">The conversation's log.</param>
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
    JsonElement? Conversation);
