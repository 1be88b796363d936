using System.Globalization;
using Bridge.Realtime.Conversation;
using Bridge.Realtime.Model;

namespace Bridge.Realtime.Turns;

// Out-of-band responses, at most one: the summary of a long conversation, the recap.
public sealed partial class TurnMachine
{
    private const string SummaryInstructions =
        "Summarise this conversation for an assistant that will carry it on: who the person is, what they want, what was "
        + "agreed, decided and shown, facts and figures, open questions. At most 300 words, no greeting.";

    private string _sidePurpose = "";

    private void OnSideDone(ModelEvent.ResponseDone done)
    {
        _side = null;
        var text = string.Concat(done.Output.Where(item => item.Kind == ModelItemKind.AgentMessage).Select(item => item.Text)).Trim();
        if (_sidePurpose == "recap")
        {
            ShowRecap(text);
        }
        else if (text.Length > 0 && _summaryUpTo is not null)
        {
            Log(new ConversationEntry.Summarised(LogTime, _summaryUpTo, text));
        }
    }

    // An out-of-band response ends with its session.
    private void DropSide()
    {
        if (_side is not null && _sidePurpose == "recap" && !_ending)
        {
            Emit(new TurnCommand.ShowRecap(""));
        }

        _side = null;
    }

    private void StartSide(string purpose, ResponseSettings settings)
    {
        var tag = purpose + (++_responses).ToString(CultureInfo.InvariantCulture);
        _side = new ResponseFlight(tag, WantedResponse.None);
        _sidePurpose = purpose;
        Send(new ModelCommand.CreateResponse(settings with { Tag = tag, OutOfBand = true, TextOnly = true, AllowTools = false }) { Id = tag });
    }

    private void TrySummarise()
    {
        if (_side is null && _response is null && _want == WantedResponse.None && _current is not null && !_userSpeaking && _interruption is null
            && Conversation.Items.Count != _summaryTriedAt && Conversation.ReplayLength() > _options.SummariseAbove
            && Conversation.TryGetOldestPart(out var part, out var last))
        {
            _summaryTriedAt = Conversation.Items.Count;
            _summaryUpTo = last;
            StartSide("summary", new ResponseSettings { Instructions = SummaryInstructions, Input = part });
        }
    }
}
