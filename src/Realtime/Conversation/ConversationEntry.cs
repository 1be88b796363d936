using System.Text.Json.Serialization;
using Bridge.Realtime.Model;

namespace Bridge.Realtime.Conversation;

/// <summary>One fact of a call's log. <see cref="At"/> counts from the call's start.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "fact")]
[JsonDerivedType(typeof(ConversationEntry.ItemAdded), "item")]
[JsonDerivedType(typeof(ConversationEntry.TextKnown), "text")]
[JsonDerivedType(typeof(ConversationEntry.AudioHeard), "heard")]
[JsonDerivedType(typeof(ConversationEntry.Truncated), "truncated")]
[JsonDerivedType(typeof(ConversationEntry.ItemRemoved), "removed")]
[JsonDerivedType(typeof(ConversationEntry.ToolProgressed), "progress")]
[JsonDerivedType(typeof(ConversationEntry.UsageRecorded), "usage")]
[JsonDerivedType(typeof(ConversationEntry.SessionAdopted), "session")]
[JsonDerivedType(typeof(ConversationEntry.Summarised), "summary")]
public abstract record ConversationEntry(TimeSpan At)
{
    /// <summary>
    /// An item entered the conversation behind <paramref name="PreviousItemId"/> (null: at the end; <c>root</c>: at the start).
    /// </summary>
    public sealed record ItemAdded(TimeSpan At, ModelItem Item, string? PreviousItemId) : ConversationEntry(At);

    /// <summary>An item's text is now known (whole).</summary>
    public sealed record TextKnown(TimeSpan At, string ItemId, string Text, bool Final) : ConversationEntry(At);

    /// <summary>The agent's audio for an item is complete, and heard to this point.</summary>
    public sealed record AudioHeard(TimeSpan At, string ItemId, int HeardMilliseconds, int GeneratedMilliseconds) : ConversationEntry(At);

    /// <summary>The agent was cut off: only this much was heard.</summary>
    public sealed record Truncated(
        TimeSpan At,
        string ItemId,
        int HeardMilliseconds,
        int GeneratedMilliseconds,
        string HeardText,
        string UnheardText) : ConversationEntry(At);

    /// <summary>An item was withdrawn (never heard; a cough).</summary>
    public sealed record ItemRemoved(TimeSpan At, string ItemId, string Reason) : ConversationEntry(At);

    /// <summary>A tool reported its progress.</summary>
    public sealed record ToolProgressed(TimeSpan At, string CallId, string Message) : ConversationEntry(At);

    /// <summary>Tokens were used, for <paramref name="Purpose"/> (turn, recap, outcome, summary, transcription).</summary>
    public sealed record UsageRecorded(TimeSpan At, ModelUsage Usage, string Purpose) : ConversationEntry(At);

    /// <summary>The call moved to another model session.</summary>
    public sealed record SessionAdopted(TimeSpan At, int Session, string Reason) : ConversationEntry(At);

    /// <summary>The items up to <paramref name="LastItemId"/> are represented by a summary when replayed into a session.</summary>
    public sealed record Summarised(TimeSpan At, string LastItemId, string Summary) : ConversationEntry(At);

    /// <summary>The entry as UTF-8 JSON, as it stands among the entries of <see cref="ConversationLog.ToJson"/>.</summary>
    public byte[] ToJson() => ConversationJson.Write(this);
}
