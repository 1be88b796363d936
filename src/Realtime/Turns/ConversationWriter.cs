using Bridge.Realtime.Conversation;
using Bridge.Realtime.Model;

namespace Bridge.Realtime.Turns;

/// <summary>
/// Keeps the call's log and the conversation of the model's session the same. Items of ours wait here for the end of a
/// response, so that both agree on the order.
/// </summary>
internal sealed class ConversationWriter(TurnContext context, ConversationLog log)
{
    /// <summary>Ids of our own begin with this.</summary>
    public const string OwnId = "br_";

    private readonly List<ModelCommand.CreateItem> _outbox = [];
    private readonly List<string> _deletes = [];
    private readonly int _begun = log.Entries.Count;
    private int _ownItems = log.Entries.Count;

    public ConversationLog Log => log;

    /// <summary>True when the person's last message has no answer yet.</summary>
    public bool IsUnanswered
    {
        get
        {
            for (var i = log.Items.Count - 1; i >= 0 && log.Items[i].Kind != ModelItemKind.AgentMessage; i--)
            {
                if (log.Items[i].Kind == ModelItemKind.UserMessage)
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>True when the person typed something since the agent's last message.</summary>
    public bool IsTypedUnanswered => log.Items.Reverse().TakeWhile(item => item.Kind != ModelItemKind.AgentMessage)
        .Any(item => item is { Kind: ModelItemKind.UserMessage, IsAudio: false, Text.Length: > 0 });

    /// <summary>True when the conversation ends with something that the agent should answer; an image alone waits for words.</summary>
    public bool IsAnswerDue
    {
        get
        {
            for (var i = log.Items.Count - 1; i >= 0; i--)
            {
                switch (log.Items[i])
                {
                    case { Kind: ModelItemKind.UserMessage } said when said.IsAudio || said.Text.Length > 0:
                        return true;
                    case { Kind: ModelItemKind.FunctionOutput, CallId: { } callId }:
                        var call = log.Items.LastOrDefault(item => item.Kind == ModelItemKind.FunctionCall && item.CallId == callId);
                        return call?.Name is { } name && context.Options.PolicyOf(name).AnswersTurn;
                    case { Kind: ModelItemKind.AgentMessage or ModelItemKind.FunctionCall }:
                        return false;
                }
            }

            return false;
        }
    }

    /// <summary>The person typed something that a response which begins now does not read.</summary>
    public bool HasUnread => _outbox.Exists(create => create.Item.Kind == ModelItemKind.UserMessage) || context.Session is { Unread.Count: > 0 };

    public void Append(ConversationEntry entry) => log.Append(entry);

    public void RecordUsage(ModelUsage usage, string purpose, bool isReserved = false)
    {
        if (usage != default)
        {
            Append(new ConversationEntry.UsageRecorded(context.CallTime, usage, purpose));
            context.Emit(new TurnCommand.RecordUsage(usage, purpose, isReserved));
        }
    }

    /// <summary>An id for an item of ours: unique in the call, at most 32 characters, different from the service's own.</summary>
    public string NewItemId(string kind) => $"{OwnId}{kind}{++_ownItems}";

    /// <summary>Creates an item of ours at the next <see cref="Flush"/>.</summary>
    public void Enqueue(ModelItem item) => _outbox.Add(new ModelCommand.CreateItem(item));

    /// <summary>
    /// The person typed, or showed an image. It is shown and waits at once; it enters the log with the model's conversation,
    /// when no response is in its way.
    /// </summary>
    public void Say(string text, string? imageUrl)
    {
        var item = new ModelItem(NewItemId("u"), ModelItemKind.UserMessage) { Text = text, ImageUrl = imageUrl };
        Enqueue(item);
        if (text.Length > 0)
        {
            var last = log.Items.Count > 0 ? log.Items[^1].Id : null;
            context.Emit(new TurnCommand.ShowTranscript(new TranscriptLine(item.Id, last, Speaker.User, text, true, false, text.Length)));
        }
    }

    /// <summary>Creates a system message at the next <see cref="Flush"/>.</summary>
    public void EnqueueNote(string text) => Enqueue(new ModelItem(NewItemId("n"), ModelItemKind.SystemMessage) { Text = text });

    /// <summary>Creates the output of a function call at the next <see cref="Flush"/>.</summary>
    public void EnqueueOutput(string callId, string? output) =>
        Enqueue(new ModelItem(NewItemId("o"), ModelItemKind.FunctionOutput) { CallId = callId, Output = output });

    /// <summary>Deletes an item from the session's conversation at the next <see cref="Flush"/>.</summary>
    public void EnqueueDelete(string itemId) => _deletes.Add(itemId);

    /// <summary>Sends what waits to the session. Not to be called while a response is active.</summary>
    public void Flush()
    {
        if (context.Session is not { } session)
        {
            return;
        }

        _deletes.AddRange(session.TakeStrays());
        foreach (var id in _deletes)
        {
            if (session.Items.Remove(id))
            {
                context.Send(new ModelCommand.DeleteItem(id));
            }
        }

        _deletes.Clear();
        foreach (var create in _outbox)
        {
            session.Items.Add(create.Item.Id);
            if (create.Item.Kind == ModelItemKind.UserMessage)
            {
                session.Unread.Add(create.Item.Id);
            }

            AddItem(create.Item, create.PreviousItemId);
            context.Send(create);
        }

        _outbox.Clear();
    }

    /// <summary>Logs what waits and returns it, for a session that takes items in another way.</summary>
    public ModelItem[] TakeWaiting()
    {
        // After each input of a call nothing waits, and nothing is allocated for it.
        ModelItem[] waiting = _outbox.Count == 0 ? [] : [.. _outbox.Select(create => create.Item)];
        FlushIntoLog();
        _deletes.Clear();
        return waiting;
    }

    /// <summary>The call ends: items that were on their way to the model still belong into the log.</summary>
    public void FlushIntoLog()
    {
        foreach (var create in _outbox)
        {
            AddItem(create.Item, create.PreviousItemId);
        }

        _outbox.Clear();
    }

    /// <summary>Creates the conversation in the session that was just adopted.</summary>
    public void Replay()
    {
        foreach (var item in log.Replay())
        {
            context.Session!.Items.Add(item.Id);
            context.Session.Order.Add(item.Id);
            context.Send(new ModelCommand.CreateItem(item) { Id = "replay" });
        }

        _deletes.Clear();
    }

    /// <summary>
    /// Takes facts that another host has added to the log since this one has it. A session that has the conversation gets the rest of it;
    /// an item that is another one now is replaced, with all that follow it.
    /// </summary>
    public void Continue(IReadOnlyList<ConversationEntry> facts)
    {
        var known = context.Session is null ? [] : log.Replay();
        log.Insert(_begun, facts);
        _ownItems = Math.Max(_ownItems, log.Entries.Count);
        if (context.Session is not { } session)
        {
            return;
        }

        var whole = log.Replay();
        var same = 0;
        while (same < known.Count && same < whole.Count && known[same] == whole[same])
        {
            same++;
        }

        foreach (var item in known.Skip(same))
        {
            session.Items.Remove(item.Id);
            context.Send(new ModelCommand.DeleteItem(item.Id));
        }

        foreach (var item in whole.Skip(same))
        {
            session.Items.Add(item.Id);
            session.Order.Add(item.Id);
            context.Send(new ModelCommand.CreateItem(item) { Id = "replay" });
        }
    }

    /// <summary>Logs an item, once.</summary>
    public void AddItem(ModelItem item, string? previous)
    {
        if (log.Find(item.Id) is null)
        {
            Append(new ConversationEntry.ItemAdded(context.CallTime, item, previous));
        }
    }

    /// <summary>Logs an item of the service's making where the session has it, once.</summary>
    public void AddServiceItem(ModelItem item)
    {
        if (log.Find(item.Id) is not null)
        {
            return;
        }

        if (context.Session is { } session && !session.Order.Contains(item.Id))
        {
            // A server that does not tell of its items before they speak: it stands behind all others.
            session.Tell(item.Id, null);
        }

        AddItem(item, context.Session is { } known ? Place(known, item.Id) : null);
    }

    /// <summary>Logs a message of the agent, whose words and audio are still to come, once.</summary>
    public void AddAgentItem(string id, bool isAudio) => AddServiceItem(new ModelItem(id, ModelItemKind.AgentMessage) { IsAudio = isAudio });

    /// <summary>Withdraws an item from the log and the page, and deletes it from the session at the next <see cref="Flush"/>.</summary>
    public void RemoveItem(string id, string reason)
    {
        if (log.Find(id) is not null)
        {
            Append(new ConversationEntry.ItemRemoved(context.CallTime, id, reason));
            context.Emit(new TurnCommand.WithdrawTranscript(id));
        }

        EnqueueDelete(id);
    }

    /// <summary>Shows a line of the transcript behind the item that the log has before it.</summary>
    public void Show(Speaker speaker, string id, string text, bool final, bool interrupted, int heard) =>
        context.Emit(new TurnCommand.ShowTranscript(new TranscriptLine(id, log.PreviousOf(id), speaker, text, final, interrupted, heard)));

    // Where an item of the service's making stands in the log: behind the nearest item before it, in the session's own
    // order, that the log has. Items of ours that are still on their way to the session so come to stand behind it.
    private string Place(ModelLink session, string itemId)
    {
        var at = session.Order.LastIndexOf(itemId);
        for (var i = (at < 0 ? session.Order.Count : at) - 1; i >= 0; i--)
        {
            if (log.Find(session.Order[i]) is not null)
            {
                return session.Order[i];
            }
        }

        return log.SummarisedUpTo ?? ConversationLog.Root;
    }
}
