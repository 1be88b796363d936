using Bridge.Realtime.Conversation;
using Bridge.Realtime.Model;

namespace Bridge.Realtime.Live;

/// <summary>
/// The conversation so far as the <c>input</c> of a new session: text messages alone, and no more of them than the service takes. The
/// oldest part is left out, unless a summary in the log stands for it.
/// </summary>
internal static class LiveHistory
{
    /// <summary>Messages that <c>input</c> takes.</summary>
    public const int MaxMessages = 128;

    /// <summary>Weight of all messages (<see cref="LiveAppends.Weigh"/>): 8,192 rendered tokens of some three characters.</summary>
    public const int MaxWeight = 24_000;

    // The rendering of a message beside its text.
    private const int MessageWeight = 30;
    private const int MaxFunctionText = 600;
    private const string LeftOut = "The earlier part of this conversation is left out here.";

    /// <summary>The messages, oldest first.</summary>
    public static IReadOnlyList<ModelItem> Of(ConversationLog log)
    {
        var all = log.Replay();
        var kept = new List<ModelItem>();
        var weight = MessageWeight + LeftOut.Length;
        var isWhole = true;

        // The summary comes first in a replay, and stands for the oldest part here, too.
        var summary = all.Count > 0 && ConversationLog.IsSummary(all[0].Id) ? all[0] : null;
        weight += summary is null ? 0 : Math.Min(MaxWeight / 4, LiveAppends.Weigh(summary.Text)) + MessageWeight;
        for (var i = all.Count - 1; i >= (summary is null ? 0 : 1); i--)
        {
            if (Message(all[i]) is not { } message)
            {
                continue;
            }

            var own = LiveAppends.Weigh(message.Text) + MessageWeight;
            if (kept.Count == MaxMessages - 2 || weight + own > MaxWeight)
            {
                isWhole = false;
                break;
            }

            weight += own;
            kept.Add(message);
        }

        if (!isWhole)
        {
            kept.Add(new ModelItem("left_out", ModelItemKind.SystemMessage) { Text = LeftOut });
        }

        if (summary is not null)
        {
            kept.Add(summary with { Text = Cut(summary.Text, MaxWeight / 4) });
        }

        kept.Reverse();
        return kept;
    }

    private static ModelItem? Message(ModelItem item) => item.Kind switch
    {
        ModelItemKind.FunctionCall =>
            Note(item, $"The function {item.Name} was called with {Cut(item.Arguments ?? "{}", MaxFunctionText)}"),
        ModelItemKind.FunctionOutput => Note(item, $"It returned {Cut(item.Output ?? "", MaxFunctionText)}"),
        ModelItemKind.UserMessage when item.Text.Length == 0 => Note(item, "The person showed an image."),
        ModelItemKind.UserMessage or ModelItemKind.AgentMessage or ModelItemKind.SystemMessage =>
            item with { Text = Cut(item.Text, MaxWeight / 2), ImageUrl = null },
        _ => null,
    };

    private static ModelItem Note(ModelItem item, string text) => new(item.Id, ModelItemKind.SystemMessage) { Text = text };

    // Weight is at most three a character; a text of another script is cut earlier than it had to be.
    private static string Cut(string text, int weight)
    {
        if (LiveAppends.Weigh(text) <= weight)
        {
            return text;
        }

        var length = Math.Min(text.Length, weight / 3);
        return text[..(length > 0 && char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)] + " ...";
    }
}
