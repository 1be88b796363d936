using Bridge.Realtime.Model;

namespace Bridge.Realtime.Conversation;

/// <summary>
/// The append-only log of a call, independent of any model session. Entries are facts in the order they became known;
/// <see cref="Items"/> is the conversation they add up to, in the order it was held. One owner; not thread-safe.
/// </summary>
public sealed class ConversationLog
{
    /// <summary>As a previous item: the start of the conversation (the wire's own word).</summary>
    internal const string Root = "root";

    private const string SummaryPrefix = "sum_";
    private const int KeepVerbatim = 6;

    // An entry with its ids, its place in the lists and the item that it makes or changes.
    private const int EntryBytes = 400;
    private readonly List<ConversationEntry> _entries = [];
    private readonly List<ConversationItem> _items = [];
    private readonly Dictionary<string, int> _index = new(StringComparer.Ordinal);

    /// <summary>Everything that became known, oldest first.</summary>
    public IReadOnlyList<ConversationEntry> Entries => _entries;

    /// <summary>The conversation: messages, function calls and outputs, in conversation order.</summary>
    public IReadOnlyList<ConversationItem> Items => _items;

    /// <summary>Bytes of memory that the log holds, images left out; never less than it does by much, and it only grows.</summary>
    public long Bytes { get; private set; }

    /// <summary>All tokens so far.</summary>
    public ModelUsage Usage { get; private set; }

    /// <summary>Summary that stands for the oldest items in <see cref="Replay"/>; null when there is none.</summary>
    public string? Summary { get; private set; }

    /// <summary>The last item <see cref="Summary"/> covers; null when there is no summary.</summary>
    public string? SummarisedUpTo { get; private set; }

    /// <summary>The id is of the summary that <see cref="Replay"/> begins with.</summary>
    internal static bool IsSummary(string itemId) => itemId.StartsWith(SummaryPrefix, StringComparison.Ordinal);

    /// <summary>Adds one fact. A fact about an item that is not there is kept and changes nothing.</summary>
    public void Append(ConversationEntry entry)
    {
        _entries.Add(entry);
        Take(entry);
    }

    /// <summary>
    /// Adds facts that another owner of this log has added behind the first <paramref name="at"/>. Facts that this one added since follow
    /// them; they may be of no item.
    /// </summary>
    internal void Insert(int at, IReadOnlyList<ConversationEntry> entries)
    {
        _entries.InsertRange(at, entries);
        foreach (var entry in entries)
        {
            Take(entry);
        }
    }

    private void Take(ConversationEntry entry)
    {
        Bytes += EntryBytes + (sizeof(char) * (long)Length(entry));
        switch (entry)
        {
            case ConversationEntry.ItemAdded(_, var item, var previous):
                Insert(item, previous);
                break;
            case ConversationEntry.TextKnown(_, var id, var text, var final):
                Change(id, item => item.Interrupted
                    ? item
                    : item with
                    {
                        Text = text, Final = item.Final || (final && (item.Kind == ModelItemKind.UserMessage || !item.IsAudio)),
                    });
                break;
            case ConversationEntry.AudioHeard(_, var id, var heard, var generated):
                Change(id, item => item.Interrupted
                    ? item
                    : item with { HeardMilliseconds = heard, GeneratedMilliseconds = generated, Final = true });
                break;
            case ConversationEntry.Truncated(_, var id, var heard, var generated, var heardText, var unheard):
                Change(id, item => item with
                {
                    Text = heardText,
                    UnheardText = unheard,
                    HeardMilliseconds = heard,
                    GeneratedMilliseconds = generated,
                    Interrupted = true,
                    Final = true,
                });
                break;
            case ConversationEntry.ItemRemoved(_, var id, _):
                Remove(id);
                break;
            case ConversationEntry.UsageRecorded(_, var usage, _):
                Usage += usage;
                break;
            case ConversationEntry.Summarised(_, var last, var summary):
                (SummarisedUpTo, Summary) = (last, summary);
                break;
        }
    }

    /// <summary>The item of that id, or null.</summary>
    public ConversationItem? Find(string itemId) => _index.TryGetValue(itemId, out var at) ? _items[at] : null;

    /// <summary>The id of the item before <paramref name="itemId"/>, or null.</summary>
    public string? PreviousOf(string itemId) =>
        _index.TryGetValue(itemId, out var at) && at > 0 ? _items[at - 1].Id : null;

    /// <summary>
    /// The items to create in a new session so that it knows the conversation, in order: text for what was spoken, of an
    /// interrupted agent only what was heard, and the summary in place of the oldest part.
    /// </summary>
    public IReadOnlyList<ModelItem> Replay()
    {
        var replay = new List<ModelItem>(_items.Count + 1);
        var from = 0;
        if (Summary is not null && SummarisedUpTo is not null && _index.TryGetValue(SummarisedUpTo, out var last))
        {
            from = last + 1;
            replay.Add(new ModelItem(SummaryId(SummarisedUpTo), ModelItemKind.SystemMessage)
            {
                Text = "What was said before, in short: " + Summary,
            });
        }

        for (var i = from; i < _items.Count; i++)
        {
            if (Replayable(_items[i]) is { } item)
            {
                replay.Add(item);
            }
        }

        return replay;
    }

    /// <summary>Characters a <see cref="Replay"/> would send.</summary>
    public int ReplayLength()
    {
        var length = Summary?.Length ?? 0;
        var from = SummarisedUpTo is not null && _index.TryGetValue(SummarisedUpTo, out var last) ? last + 1 : 0;
        for (var i = from; i < _items.Count; i++)
        {
            var item = _items[i];
            length += item.Text.Length + (item.Arguments?.Length ?? 0) + (item.Output?.Length ?? 0);
        }

        return length;
    }

    /// <summary>
    /// The oldest part of a <see cref="Replay"/>, to be summarised; false when it is too short to be worth it. It never
    /// ends between a function call and its output.
    /// </summary>
    /// <param name="items">The entries to summarise, an earlier summary included.</param>
    /// <param name="lastItemId">The last item among them.</param>
    public bool TryGetOldestPart(out IReadOnlyList<ModelItem> items, out string lastItemId)
    {
        var from = SummarisedUpTo is not null && _index.TryGetValue(SummarisedUpTo, out var last) ? last + 1 : 0;
        var to = _items.Count - KeepVerbatim;
        while (to > from && SplitsCall(to))
        {
            to--;
        }

        (items, lastItemId) = ([], "");
        if (to - from < 2)
        {
            return false;
        }

        lastItemId = _items[to - 1].Id;
        var part = new List<ModelItem>();
        if (Summary is not null && from > 0)
        {
            part.Add(new ModelItem(SummaryId(SummarisedUpTo!), ModelItemKind.SystemMessage) { Text = Summary });
        }

        for (var i = from; i < to; i++)
        {
            if (Replayable(_items[i]) is { } item)
            {
                part.Add(item);
            }
        }

        items = part;
        return part.Count > 0;
    }

    /// <summary>The log as UTF-8 JSON for storage.</summary>
    public byte[] ToJson() => ConversationJson.Write(_entries);

    /// <summary>Reads <see cref="ToJson"/>; false when it is not such a log.</summary>
    public static bool TryParse(
        ReadOnlySpan<byte> json, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out ConversationLog? conversation)
    {
        conversation = null;
        if (!ConversationJson.TryRead(json, out var entries))
        {
            return false;
        }

        conversation = new ConversationLog();
        foreach (var entry in entries)
        {
            conversation.Append(entry);
        }

        return true;
    }

    private static int Length(ConversationEntry entry) => entry switch
    {
        ConversationEntry.ItemAdded(_, var item, _) =>
            item.Text.Length + (item.Name?.Length ?? 0) + (item.Arguments?.Length ?? 0) + (item.Output?.Length ?? 0),
        ConversationEntry.TextKnown known => known.Text.Length,
        ConversationEntry.Truncated cut => cut.HeardText.Length + cut.UnheardText.Length,
        ConversationEntry.ToolProgressed told => told.Message.Length,
        ConversationEntry.Summarised summarised => summarised.Summary.Length,
        _ => 0,
    };

    private static string SummaryId(string lastItemId) =>
        SummaryPrefix + (lastItemId.Length > 24 ? lastItemId[^24..] : lastItemId);

    private static ModelItem? Replayable(ConversationItem item) => item.Kind switch
    {
        ModelItemKind.FunctionCall =>
            new ModelItem(item.Id, item.Kind) { CallId = item.CallId, Name = item.Name, Arguments = item.Arguments },
        ModelItemKind.FunctionOutput => new ModelItem(item.Id, item.Kind) { CallId = item.CallId, Output = item.Output },
        ModelItemKind.UserMessage when item.Text.Length == 0 && item.ImageUrl is null =>
            new ModelItem(item.Id, item.Kind) { Text = "(spoken words that were not transcribed)" },
        ModelItemKind.AgentMessage when item.Text.Length == 0 => null,
        ModelItemKind.Other => null,
        _ => new ModelItem(item.Id, item.Kind) { Text = item.Text, ImageUrl = item.ImageUrl },
    };

    private bool SplitsCall(int to)
    {
        for (var i = 0; i < to; i++)
        {
            if (_items[i] is { Kind: ModelItemKind.FunctionCall, CallId: { } call } && !AnsweredBefore(call, to))
            {
                return true;
            }
        }

        return false;
    }

    private bool AnsweredBefore(string callId, int to)
    {
        for (var i = 0; i < to; i++)
        {
            if (_items[i].Kind == ModelItemKind.FunctionOutput && _items[i].CallId == callId)
            {
                return true;
            }
        }

        return false;
    }

    private void Insert(ModelItem item, string? previous)
    {
        if (_index.ContainsKey(item.Id))
        {
            return;
        }

        var at = previous == Root ? 0
            : previous is not null && _index.TryGetValue(previous, out var before) ? before + 1
            : _items.Count;
        _items.Insert(at, new ConversationItem(item.Id, item.Kind)
        {
            Text = item.Text,
            IsAudio = item.IsAudio,
            ImageUrl = item.ImageUrl,
            CallId = item.CallId,
            Name = item.Name,
            Arguments = item.Arguments,
            Output = item.Output,
            Final = !item.IsAudio && item.Kind != ModelItemKind.AgentMessage,
        });
        Reindex(at);
    }

    private void Change(string id, Func<ConversationItem, ConversationItem> change)
    {
        if (_index.TryGetValue(id, out var at))
        {
            _items[at] = change(_items[at]);
        }
    }

    private void Remove(string id)
    {
        if (_index.Remove(id, out var at))
        {
            if (SummarisedUpTo == id)
            {
                SummarisedUpTo = at > 0 ? _items[at - 1].Id : null;
            }

            _items.RemoveAt(at);
            Reindex(at);
        }
    }

    private void Reindex(int from)
    {
        for (var i = from; i < _items.Count; i++)
        {
            _index[_items[i].Id] = i;
        }
    }
}
