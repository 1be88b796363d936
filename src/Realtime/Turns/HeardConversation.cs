using Bridge.Realtime.Conversation;
using Bridge.Realtime.Model;

namespace Bridge.Realtime.Turns;

/// <summary>
/// The conversation as it was heard, as the input of one response. <c>conversation.item.truncate</c> takes all words of an
/// answer that was cut off out of the session's memory; here the heard ones stand in the answer's place.
/// </summary>
internal static class HeardConversation
{
    // Such a server takes no input, or has the heard words in the place of the answer already.
    private const ServerHabits WithoutInput = ServerHabits.NoOutOfBand | ServerHabits.NoTruncate | ServerHabits.NoDelete;

    /// <summary>
    /// The items in order, as references where the session has them whole. Null: no answer was cut off after its first word, or
    /// the server takes no input. All of it for a text model.
    /// </summary>
    public static IReadOnlyList<ModelItem>? Of(TurnContext context, ConversationLog log)
    {
        if (context.Options.Session.Delegation is not null)
        {
            // A text model remembers nothing of the call.
            return log.Replay();
        }

        if (context.Session is not { } session || context.Has(WithoutInput) || !session.Order.Exists(id => IsCut(log.Find(id))))
        {
            return null;
        }

        var input = new List<ModelItem>();
        foreach (var id in session.Order.Concat(log.Items.Select(item => item.Id).Where(session.Items.Contains)).Distinct())
        {
            var item = log.Find(id);
            if (IsCut(item))
            {
                input.Add(new ModelItem($"br_said{input.Count}", ModelItemKind.AgentMessage) { Text = item!.Text });
            }
            else if (session.Items.Contains(id) && (item is null ? ConversationLog.IsSummary(id) : IsWhole(item)))
            {
                input.Add(new ModelItem(id, ModelItemKind.Reference));
            }
        }

        return input;
    }

    private static bool IsCut(ConversationItem? item) =>
        item is { Kind: ModelItemKind.AgentMessage, Interrupted: true, Text.Length: > 0 };

    // An answer without words is under way, or none of its words was heard.
    private static bool IsWhole(ConversationItem item) =>
        item.Kind != ModelItemKind.AgentMessage || item is { Interrupted: false, Text.Length: > 0 };
}
