using Bridge.Realtime.Conversation;

namespace Bridge.Realtime.Turns;

// The agent's words: collected as they are generated, shown as they are heard.
public sealed partial class TurnMachine
{
    private void OnAgentText(string response, string itemId, string delta, bool isAudio)
    {
        if (_response is not { } flight || flight.Id != response)
        {
            return;
        }

        Touch();
        if (flight.Cancelled)
        {
            return;
        }

        if (isAudio)
        {
            Speak(flight, itemId).Text.Append(delta);
            return;
        }

        LogAgentItem(itemId, isAudio: false);
        var text = _partial[itemId] = _partial.TryGetValue(itemId, out var before) ? before + delta : delta;
        ShowLine(itemId, text, final: false, interrupted: false, text.Length);
    }

    private void OnAgentTextDone(string response, string itemId, string text)
    {
        if (FindSpoken(itemId) is { } item)
        {
            item.Text.Clear().Append(text);
            item.TextDone = true;
            Log(new ConversationEntry.TextKnown(LogTime, itemId, text, Final: true));
        }
        else if (_response is { Cancelled: false } flight && flight.Id == response)
        {
            LogAgentItem(itemId, isAudio: false);
            _partial.Remove(itemId);
            Log(new ConversationEntry.TextKnown(LogTime, itemId, text, Final: true));
            ShowLine(itemId, text, final: true, interrupted: false, text.Length);
        }
    }

    private void ShowAgent(SpokenItem item)
    {
        var text = item.TextSoFar;
        var length = HeardText.Prefix(text, HeardNow(item), item.Generated, item.TextDone && item.AudioDone, _speakingRate);
        if (length > item.ShownLength)
        {
            item.ShownLength = length;
            ShowLine(item.ItemId, text[..length], final: false, interrupted: false, length);
        }
    }

    private void ShowLine(string id, string text, bool final, bool interrupted, int heard) =>
        Emit(new TurnCommand.ShowTranscript(new TranscriptLine(id, Conversation.PreviousOf(id), Speaker.Agent, text, final, interrupted, heard)));
}
