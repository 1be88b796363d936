using Bridge.Realtime.Conversation;
using Bridge.Realtime.Model;

namespace Bridge.Realtime.Turns;

// What the model session says.
public sealed partial class TurnMachine
{
    private void OnModelEvent(int session, ModelEvent what)
    {
        if (_current is not { } link || link.Number != session)
        {
            OnOtherSession(session, what);
            return;
        }

        switch (what)
        {
            case ModelEvent.AudioDelta delta:
                OnAudio(delta);
                break;
            case ModelEvent.AudioTranscriptDelta(var response, var item, _, var text):
                OnAgentText(response, item, text, isAudio: true);
                break;
            case ModelEvent.TextDelta(var response, var item, _, var text):
                OnAgentText(response, item, text, isAudio: false);
                break;
            case ModelEvent.AudioTranscriptDone(var response, var item, _, var text):
                OnAgentTextDone(response, item, text);
                break;
            case ModelEvent.TextDone(var response, var item, _, var text):
                OnAgentTextDone(response, item, text);
                break;
            case ModelEvent.AudioDone(var response, var item, _):
                OnAudioDone(response, item);
                break;
            case ModelEvent.SpeechStarted(var item, var at):
                OnSpeechStarted(item, at);
                break;
            case ModelEvent.SpeechStopped(_, var at):
                OnSpeechStopped(at);
                break;
            case ModelEvent.InputCommitted(var item, var previous):
                OnCommitted(link, item, previous);
                break;
            case ModelEvent.InputTranscriptDelta or ModelEvent.InputTranscriptCompleted or ModelEvent.InputTranscriptFailed:
                OnTranscript(what);
                break;
            case ModelEvent.ItemAdded(var previous, var item):
                OnItemAdded(link, item, previous);
                break;
            case ModelEvent.ItemDeleted(var item):
                link.Items.Remove(item);
                break;
            case ModelEvent.OutputItemAdded(var response, var item):
                OnOutputItem(response, item);
                break;
            case ModelEvent.OutputItemDone(var response, var item):
                OnOutputItemDone(response, item);
                break;
            case ModelEvent.FunctionArgumentsDone(var response, var item, var call, var name, var arguments):
                OnCallComplete(response, item, call, name, arguments);
                break;
            case ModelEvent.ResponseCreated(var response, var tag):
                OnResponseCreated(response, tag);
                break;
            case ModelEvent.ResponseDone done:
                OnResponseDone(done);
                break;
            case ModelEvent.Error error:
                OnError(error);
                break;
            case ModelEvent.RateLimitsUpdated limits:
                OnRateLimits(limits);
                break;
            case ModelEvent.Malformed(var why):
                Report("model_malformed", why);
                break;
        }
    }

    // A predecessor may still owe transcripts; a successor has nothing to say yet but complaints.
    private void OnOtherSession(int session, ModelEvent what)
    {
        switch (what)
        {
            case ModelEvent.InputTranscriptDelta or ModelEvent.InputTranscriptCompleted or ModelEvent.InputTranscriptFailed
                when session == _retired?.Number:
                OnTranscript(what);
                break;
            case ModelEvent.Error error when session == _next?.Number:
                Report("model_refused", $"{error.Code ?? error.Type}{(error.Param is null ? "" : " at " + error.Param)}");
                break;
        }
    }

    private void OnItemAdded(ModelLink link, ModelItem item, string? previous)
    {
        link.Tell(item.Id, previous);

        // Calls are logged when their arguments are known, user audio with its commit, our own when we make them.
        if (item.Kind == ModelItemKind.AgentMessage && _response is { Cancelled: false } flight && flight.Messages.Contains(item.Id))
        {
            LogAgentItem(item.Id, !_options.Session.TextOnly);
        }
    }

    // Where an item of the service's making stands in the log: behind the nearest item before it, in the session's own
    // order, that the log has. Items of ours that are still on their way to the session so come to stand behind it.
    private string Place(ModelLink link, string itemId)
    {
        var at = link.Order.LastIndexOf(itemId);
        for (var i = (at < 0 ? link.Order.Count : at) - 1; i >= 0; i--)
        {
            if (Conversation.Find(link.Order[i]) is not null)
            {
                return link.Order[i];
            }
        }

        return Conversation.SummarisedUpTo ?? ConversationLog.Root;
    }

    private void LogAgentItem(string id, bool isAudio)
    {
        if (Conversation.Find(id) is null)
        {
            Log(new ConversationEntry.ItemAdded(LogTime, new ModelItem(id, ModelItemKind.AgentMessage) { IsAudio = isAudio }, _current is { } link ? Place(link, id) : null));
        }
    }

    private void OnOutputItem(string response, ModelItem item)
    {
        if (_response is not { } flight || flight.Id != response)
        {
            return;
        }

        Touch();
        flight.AnyItem = true;
        flight.OpenItems++;
        _current!.Items.Add(item.Id);
        if (item.Kind == ModelItemKind.AgentMessage && !flight.Messages.Contains(item.Id))
        {
            flight.Messages.Add(item.Id);
        }

        if (flight.Cancelled)
        {
            CancelResponse();
        }
    }

    private void OnOutputItemDone(string response, ModelItem item)
    {
        if (_response is not { } flight || flight.Id != response)
        {
            return;
        }

        Touch();
        flight.OpenItems = Math.Max(0, flight.OpenItems - 1);
        OnOutputDone(flight, item);
    }
}
