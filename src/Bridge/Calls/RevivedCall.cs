using System.Diagnostics.CodeAnalysis;
using Bridge.Realtime.Conversation;
using Bridge.Realtime.Model;
using Bridge.Records;

namespace Bridge.Calls;

/// <summary>A call that goes on after its host crashed: its conversation, with the state of what the crash interrupted.</summary>
/// <param name="Before">The call's row in the store.</param>
/// <param name="Log">The conversation.</param>
/// <param name="Written">Entries of the log that are in the store; the later ones are not yet.</param>
/// <param name="Passport">Its person.</param>
internal sealed record RevivedCall(UnfinishedCall Before, ConversationLog Log, int Written, CallPassport Passport)
{
    /// <summary>Reads what the store has; false when it is not enough to go on.</summary>
    /// <param name="before">The call.</param>
    /// <param name="callTime">Time since its start.</param>
    /// <param name="revived">The state to go on with.</param>
    public static bool TryRead(UnfinishedCall before, TimeSpan callTime, [NotNullWhen(true)] out RevivedCall? revived)
    {
        revived = null;
        if (before.Origin.Resume is not { } json || !CallPassport.TryRead(json, out var passport)
            || !ConversationLog.TryParse(before.Log, out var log))
        {
            return false;
        }

        var written = Math.Min(before.Written ?? log.Entries.Count, log.Entries.Count);
        CutOff(log, before.Heard, callTime);
        revived = new RevivedCall(before, log, written, passport);
        return true;
    }

    // An answer that was playing was cut off: the person heard what the page had been shown. One of which nothing was heard never
    // was. So the model neither repeats words that were heard nor believes that others were.
    private static void CutOff(ConversationLog log, IReadOnlyDictionary<string, string> heard, TimeSpan callTime)
    {
        foreach (var item in log.Items.Where(i => i is { Kind: ModelItemKind.AgentMessage, Final: false }).ToList())
        {
            if (!heard.TryGetValue(item.Id, out var words) || words.Length == 0)
            {
                log.Append(new ConversationEntry.ItemRemoved(callTime, item.Id, "host_died"));
                continue;
            }

            var rest = item.Text.StartsWith(words, StringComparison.Ordinal) ? item.Text[words.Length..] : "";
            log.Append(new ConversationEntry.Truncated(callTime, item.Id, item.HeardMilliseconds, item.GeneratedMilliseconds, words, rest));
        }
    }
}
