namespace Bridge.Realtime;

/// <summary>
/// The append-only log of a call, independent of any model session. Entries are facts in the order they became known;
/// <see cref="Items"/> is the conversation they add up to, in the order it was held.
/// </summary>
public sealed class Conversation
{
    /// <summary>Everything that became known, oldest first.</summary>
    public IReadOnlyList<ConversationEntry> Entries => throw new NotImplementedException();

    /// <summary>The conversation: messages, function calls and outputs, in conversation order.</summary>
    public IReadOnlyList<ConversationItem> Items => throw new NotImplementedException();

    /// <summary>All tokens so far.</summary>
    public ModelUsage Usage => throw new NotImplementedException();

    /// <summary>Adds one fact.</summary>
    public void Append(ConversationEntry entry) => throw new NotImplementedException();

    /// <summary>The items to create in a new session so that it knows the conversation, in order.</summary>
    public IReadOnlyList<ModelItem> Replay() => throw new NotImplementedException();

    /// <summary>The log as UTF-8 JSON for storage.</summary>
    public byte[] ToJson() => throw new NotImplementedException();

    /// <summary>Reads <see cref="ToJson"/>; false when it is not such a log.</summary>
    public static bool TryParse(ReadOnlySpan<byte> json, out Conversation? conversation) => throw new NotImplementedException();
}
