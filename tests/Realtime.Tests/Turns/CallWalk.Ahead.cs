using Bridge.Realtime.Conversation;
using Bridge.Realtime.Model;
using Bridge.Realtime.Turns;

namespace Bridge.Realtime.Tests.Turns;

// Answers that are asked for before the role's silence has passed: what the walk sees of them, and what must be true.
internal sealed partial class CallWalk
{
    // Of responses that are held, by tag before response.created and by id after it.
    private readonly HashSet<string> _heldTags = [];
    private readonly HashSet<string> _held = [];

    // Messages and calls of responses that were in vain, for ever; and of those that are held.
    private readonly Dictionary<string, string> _responseOf = [];
    private readonly HashSet<string> _vain = [];
    private TimeSpan _silentUntil;
    private TimeSpan _keysUntil;

    /// <summary>Answers that were heard after they were asked for ahead, and answers that were dropped before that.</summary>
    public (int Heard, int InVain) Ahead { get; private set; }

    // Typing, a key or a click waits for no silence: nothing is asked for ahead of it.
    private void LookAt(TurnInput input)
    {
        if (input is TurnInput.DigitPressed)
        {
            _keysUntil = _now + TimeSpan.FromSeconds(2);
        }

        if (input is TurnInput.PageText or TurnInput.PageInterrupt or TurnInput.PushToTalk or TurnInput.DigitPressed)
        {
            _silentUntil = TimeSpan.Zero;
        }
    }

    // A server that answers by itself waits for nobody.
    private bool HoldsAnswers => _options is { AnswerHold.Ticks: > 0, Session.TurnDetection: ServerVad } && !_server.AnswersTurns;

    /// <summary>The walk delivers an event to the machine.</summary>
    private void LookAt(ModelEvent what)
    {
        switch (what)
        {
            case ModelEvent.SpeechStopped when HoldsAnswers && _now > _keysUntil:
                _silentUntil = _now + _options.AnswerHold;
                break;
            case ModelEvent.SpeechStarted:
                EndHold(inVain: true);
                break;
            case ModelEvent.ResponseCreated(var id, { } tag) when _heldTags.Remove(tag):
                (_vain.Remove(tag) ? _vain : _held).Add(id);
                break;
            case ModelEvent.OutputItemAdded(var response, var item):
                _responseOf[item.Id] = response;
                if (item.CallId is { } call)
                {
                    _responseOf[call] = response;
                }

                break;
        }
    }

    // The hold is over for all that are held; a tag without an id stays until that comes.
    private void EndHold(bool inVain)
    {
        _silentUntil = TimeSpan.Zero;
        if (inVain)
        {
            _vain.UnionWith(_held);
            _vain.UnionWith(_heldTags);
        }
        else
        {
            _heldTags.Clear();
        }

        _held.Clear();
    }

    // The machine's work on answers that are held or were in vain.
    private void LookAt(TurnCommand command)
    {
        switch (command)
        {
            case TurnCommand.SendToModel(_, ModelCommand.CreateResponse create) when _now < _silentUntil && create.Id is { } tag:
                _heldTags.Add(tag);
                break;
            case TurnCommand.EndHold(var inVain):
                Ahead = inVain ? (Ahead.Heard, Ahead.InVain + 1) : (Ahead.Heard + 1, Ahead.InVain);
                if (!inVain && _now < _silentUntil)
                {
                    Wrong ??= "an answer is let go before the silence has passed";
                }

                EndHold(inVain);
                break;
            case TurnCommand.PlayAudio(var track, _, _):
                Refuse(track.Split('~')[0], "is played");
                break;
            case TurnCommand.ShowTranscript(var line):
                Refuse(line.ItemId, "is shown");
                break;
            case TurnCommand.InvokeTool(var call, _, _):
                Refuse(call.Split('~')[0], "runs");
                break;
        }
    }

    private void Refuse(string item, string what)
    {
        if (_responseOf.TryGetValue(item, out var response) && (_held.Contains(response) || _vain.Contains(response)))
        {
            Wrong ??= $"{item} of an answer that {(_held.Contains(response) ? "is held" : "was in vain")} {what}";
        }
    }

    // Nothing of an answer in vain is left: not in the log, whose every entry is kept, and not with the model.
    private string? WrongAhead()
    {
        bool IsVain(string id) => _responseOf.TryGetValue(id, out var response) && _vain.Contains(response);
        var logged = _machine.Conversation.Entries.OfType<ConversationEntry.ItemAdded>().FirstOrDefault(e => IsVain(e.Item.Id));
        var held = _links[_current].Model.Items.FirstOrDefault(i => IsVain(i.Id));
        return logged is not null ? $"the log has {logged.Item.Id} of an answer in vain"
            : held is not null ? $"the model still has {held.Id} of an answer in vain"
            : null;
    }
}
