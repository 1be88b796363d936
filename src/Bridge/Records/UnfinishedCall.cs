using Bridge.Realtime.Model;

namespace Bridge.Records;

/// <summary>A call that a host held when it crashed, as far as it was written.</summary>
/// <param name="Id">The call.</param>
/// <param name="Origin">The facts of its beginning, with the tokens that are good now.</param>
/// <param name="LastActive">The time of the last thing that was written of it.</param>
/// <param name="Usage">Tokens so far.</param>
/// <param name="Cost">US dollars so far; null when its model has no price.</param>
/// <param name="Log">The conversation as <see cref="Realtime.Conversation.ConversationLog.ToJson"/> writes it, images included.</param>
/// <param name="NextEntry">The place of the next entry in the log.</param>
/// <param name="Heard">By item, the words that were heard of answers that were still playing.</param>
/// <param name="Turns">Answers whose delays are kept.</param>
internal sealed record UnfinishedCall(
    string Id,
    CallOrigin Origin,
    DateTimeOffset LastActive,
    ModelUsage Usage,
    decimal? Cost,
    byte[] Log,
    int NextEntry,
    IReadOnlyDictionary<string, string> Heard,
    int Turns)
{
    /// <summary>
    /// The number of the log's entries that this host's store has; null: all. 0: it does not know the call, which came from another node.
    /// </summary>
    public int? Written { get; init; }
}
