using Bridge.Realtime.Conversation;
using Bridge.Realtime.Model;

namespace Bridge.Realtime.Turns;

/// <summary>The agent's words: logged as they become known, shown to the page in step with the audio that was heard.</summary>
internal sealed class AgentTranscript(TurnContext context, ConversationWriter conversation, HeardEstimate heard)
{
    // Answers in text only, until they are whole.
    private readonly Dictionary<string, string> _written = new(StringComparer.Ordinal);

    /// <summary>More of an answer without audio: shown as it comes.</summary>
    public void Write(string itemId, string delta)
    {
        conversation.AddAgentItem(itemId, isAudio: false);
        var text = _written[itemId] = _written.TryGetValue(itemId, out var before) ? before + delta : delta;
        conversation.Show(Speaker.Agent, itemId, text, final: false, interrupted: false, HeardOf(text));
    }

    /// <summary>The text of an item that is not being played is whole: it has no audio, or its audio was played to the end.</summary>
    public void EndUnplayed(string itemId, string text)
    {
        if (conversation.Log.Find(itemId) is { Final: true, Interrupted: false } heard)
        {
            CompleteHeard(heard, text);
            return;
        }

        conversation.AddAgentItem(itemId, isAudio: false);
        _written.Remove(itemId);
        conversation.Append(new ConversationEntry.TextKnown(context.CallTime, itemId, text, Final: true));
        conversation.Show(Speaker.Agent, itemId, text, final: true, interrupted: false, HeardOf(text));
    }

    // Its audio is over: all of it was heard.
    private void CompleteHeard(ConversationItem item, string text)
    {
        if (item.Text != text)
        {
            conversation.Append(new ConversationEntry.TextKnown(context.CallTime, item.Id, text, Final: true));
            conversation.Show(Speaker.Agent, item.Id, text, final: true, interrupted: false, text.Length);
        }
    }

    // In a call that is spoken nobody has heard what was written.
    private int HeardOf(string text) => context.Options.Session.TextOnly ? text.Length : 0;

    /// <summary>The transcript of an item is whole; its audio may still be on its way.</summary>
    public void EndSpoken(SpokenItem item, string text)
    {
        item.Text.Clear().Append(text);
        item.TextDone = true;
        conversation.Append(new ConversationEntry.TextKnown(context.CallTime, item.ItemId, text, Final: true));
    }

    /// <summary>Shows the words that were heard by now, when they are more than the page has.</summary>
    public void ShowHeard(SpokenItem item)
    {
        var text = item.TextSoFar;
        var length = heard.TextHeard(item, text, heard.HeardNow(item), item.IsWhole);
        if (length > item.ShownLength)
        {
            item.ShownLength = length;
            conversation.Show(Speaker.Agent, item.ItemId, text[..length], final: false, interrupted: false, length);
        }
    }

    /// <summary>An item was heard to its end.</summary>
    public void Finish(SpokenItem item)
    {
        heard.LearnRate(item);
        var text = item.TextSoFar;
        conversation.Append(new ConversationEntry.TextKnown(context.CallTime, item.ItemId, text, Final: item.TextDone));
        conversation.Append(new ConversationEntry.AudioHeard(context.CallTime, item.ItemId, item.Generated, item.Generated));
        conversation.Show(Speaker.Agent, item.ItemId, text, final: true, interrupted: false, text.Length);
    }

    /// <summary>An item was cut off at a position, ms.</summary>
    /// <param name="item">The item.</param>
    /// <param name="heardMs">Its audio that was heard.</param>
    /// <param name="tellModel">The model believes that more was heard.</param>
    public void Truncate(SpokenItem item, int heardMs, bool tellModel)
    {
        var text = item.TextSoFar;
        var length = heard.TextHeard(item, text, heardMs, item.IsWhole && !item.BrokenOff);
        var heardText = text[..length];
        conversation.Append(new ConversationEntry.Truncated(context.CallTime, item.ItemId, heardMs, item.Generated, heardText, text[length..]));
        conversation.Show(Speaker.Agent, item.ItemId, text, final: true, interrupted: true, length);
        if (!tellModel || context.Session is not { } session)
        {
            return;
        }

        if (session.Number == item.Session && !context.Has(ServerHabits.NoTruncate))
        {
            context.Send(new ModelCommand.TruncateItem(item.ItemId, item.ContentIndex, heardMs));
        }
        else if (session.Items.Contains(item.ItemId))
        {
            // Replayed into this session as text, or of a server that can't cut: replaced by the words that were heard.
            conversation.EnqueueDelete(item.ItemId);
            if (heardText.Length > 0)
            {
                var id = conversation.NewItemId("h");
                session.Items.Add(id);
                context.Send(new ModelCommand.CreateItem(new ModelItem(id, ModelItemKind.AgentMessage) { Text = heardText }, item.ItemId));
            }
        }
    }

    /// <summary>Logs the words of an item that is still being played, as far as its audio was generated: the next session learns them.</summary>
    public void LogGenerated(SpokenItem item)
    {
        // An item whose audio is whole is logged with all its text when it has been heard: the same here.
        var text = item.TextSoFar;
        if (item.BrokenOff || !(item.TextDone || item.AudioDone))
        {
            text = text[..heard.TextHeard(item, text, item.Generated, complete: false)];
        }

        if (text.Length > 0)
        {
            conversation.Append(new ConversationEntry.TextKnown(context.CallTime, item.ItemId, text, item.TextDone));
        }
    }
}
