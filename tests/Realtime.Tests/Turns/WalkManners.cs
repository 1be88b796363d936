using Bridge.Realtime.Model;
using Bridge.Realtime.Turns;

namespace Bridge.Realtime.Tests.Turns;

/// <summary>
/// Things that a call may not do, whatever the walk does to it: ask a server that answers by itself, let an answer to nothing be
/// heard, stop at words that the role ignores or at "mhm", ask for ever to have a text said.
/// </summary>
internal sealed class WalkManners(TurnMachine machine, TurnOptions options, WalkServer server)
{
    /// <summary>The listed sound that the caller makes now and then.</summary>
    public const string ListeningSound = "mhm";

    // Beyond the longest verdict: whatever was said before is decided.
    private static readonly TimeSpan Decided = TimeSpan.FromSeconds(3);
    private readonly HashSet<string> _ignored = [];
    private readonly HashSet<string> _overAgent = [];
    private readonly HashSet<string> _unwanted = [];
    private readonly HashSet<string> _spoke = [];
    private readonly HashSet<string> _aloud = [];
    private readonly Dictionary<string, int> _reports = [];
    private ServerHabits _habits;
    private TimeSpan _now;
    private TimeSpan _speechAt = TimeSpan.MinValue;
    private (string Item, TimeSpan At)? _committed;
    private string? _last;
    private string? _forbidden;
    private bool _mayPlay = true;
    private bool _handles; // an input; a timer may lose its patience
    private bool _awaits;
    private bool _onlyWrites;
    private int _current;
    private int _expected;
    private int _listened;
    private int _refused;

    public string? Wrong { get; private set; }

    /// <summary>The count of each.</summary>
    public IEnumerable<(string What, int Times)> Counts =>
    [
        ("words over the agent were ignored", _ignored.Count),
        ("sounds of a listener were talked over", _listened),
        ("written answers were asked for aloud", _aloud.Count),
        ("servers never confirmed", _reports.GetValueOrDefault("configuration_assumed")),
        ("servers took one session at a time", KnowsOneSession ? 1 : 0),
        ("updates were refused and told", _refused),
    ];

    /// <summary>The count of each with a server that answers by itself.</summary>
    public IEnumerable<(string What, int Times)> OwnCounts =>
    [
        ("turns were the server's to answer", _expected),
        ("answers of the server were unwanted", _unwanted.Count),
    ];

    /// <summary>The host knows that the server takes one session at a time.</summary>
    public bool KnowsOneSession => _habits.HasFlag(ServerHabits.OneSession);

    private bool IgnoresWords => options is { InterruptSpeaking.IsDropped: true, InterruptThinking.IsDropped: true };

    /// <summary>The host has learned this of the server.</summary>
    public void Knows(ServerHabits habits) => _habits |= habits;

    /// <summary>The machine is about to be told this.</summary>
    public void Before(TimeSpan now, TurnInput input)
    {
        (_now, _forbidden, _mayPlay, _handles) = (now, null, true, true);
        if (input is TurnInput.ModelEventReceived(var session, var what))
        {
            // A session that was left still ends what it began; the call listens to its transcripts alone.
            if (session == _current || what is ModelEvent.InputTranscriptCompleted or ModelEvent.InputTranscriptFailed)
            {
                OnEvent(what);
            }
        }
        else if (input is TurnInput.PageText)
        {
            _committed = null;
        }
        else if (input is TurnInput.SessionLost)
        {
            (_committed, _last, _awaits) = (null, null, false);
        }
    }

    /// <summary>The machine was told it.</summary>
    public void After() => (_forbidden, _mayPlay, _handles) = (null, true, false);

    /// <summary>The machine wants this done.</summary>
    public void Carry(TurnCommand command)
    {
        switch (command)
        {
            case TurnCommand.ClearPlayout or TurnCommand.SendToModel(_, ModelCommand.CancelResponse or ModelCommand.TruncateItem)
                when _forbidden is not null:
                Wrong ??= $"{command} at {_forbidden}";
                break;
            case TurnCommand.ShowTranscript({ Speaker: Speaker.User, ItemId: var item }) when _ignored.Contains(item):
                Wrong ??= $"{item} was said over an agent that ignores it, and is shown";
                break;
            case TurnCommand.PlayAudio when !_mayPlay:
                Wrong ??= "an answer to nothing is heard";
                break;
            case TurnCommand.AdoptSession(var session, _):
                (_current, _committed, _last, _awaits) = (session, null, null, false);
                break;
            case TurnCommand.ReportProblem(var code, _):
                _reports[code] = _reports.GetValueOrDefault(code) + 1;
                _refused += code is "setting_refused" or "role_refused" ? 1 : 0;
                var once = code is "answered_in_text" or "configuration_assumed" or "no_out_of_band";
                Wrong ??= once && _reports[code] > 1 ? $"{code} is told twice" : null;
                break;
            case TurnCommand.SendToModel(_, ModelCommand.CreateResponse { Settings: { Tag: { } tag } settings }) when tag[0] == 't':
                OnAsked(tag, settings);
                break;
        }
    }

    private void OnAsked(string tag, ResponseSettings settings)
    {
        _awaits = true;
        if (_handles && _committed is { } turn && _now - turn.At < options.ResponseTimeout
            && machine.Conversation.Find(turn.Item) is not null)
        {
            Wrong ??= $"{tag} is asked for, and the server is about to answer {turn.Item}";
        }

        _committed = null;
        if (settings.AudioOnly)
        {
            Wrong ??= _onlyWrites ? $"{tag} is to be said aloud, and the model only writes" : null;
            _aloud.Add(tag);
        }
    }

    private void OnEvent(ModelEvent what)
    {
        switch (what)
        {
            case ModelEvent.SpeechStarted(var item, _):
                if (machine.State == CallState.Speaking && _now - Decided > _speechAt)
                {
                    _overAgent.Add(item);
                    if (IgnoresWords)
                    {
                        _ignored.Add(item);
                        _forbidden = "the begin of words that the role ignores";
                    }
                }

                (_speechAt, _committed) = (_now, null);
                break;
            case ModelEvent.SpeechStopped(var item, _):
                _speechAt = _now;
                Forbid(item);
                break;
            case ModelEvent.InputCommitted(var item, _):
                Forbid(item);
                if (server.AnswersTurns && _habits.HasFlag(ServerHabits.AnswersTurns) && !_ignored.Contains(item))
                {
                    _committed = (item, _now);
                    _expected++;
                }

                _last = item;

                break;
            case ModelEvent.InputTranscriptCompleted(var item, _, var words, _):
                Forbid(item);
                if (_overAgent.Contains(item) && words.Trim() == ListeningSound)
                {
                    _listened++;
                    _forbidden = "a sound of a listener";
                }

                Forget(item, words.Trim().Length == 0);
                break;
            case ModelEvent.InputTranscriptFailed(var item, _, _):
                Forbid(item);
                Forget(item, true);
                break;
            case ModelEvent.ResponseCreated(var id, var tag):
                if (tag is null && !_awaits && _habits.HasFlag(ServerHabits.AnswersTurns)
                    && _last is { } turn && machine.Conversation.Find(turn) is null)
                {
                    _unwanted.Add(id);
                }

                (_committed, _last, _awaits) = (null, null, false);
                break;
            case ModelEvent.AudioDelta(var response, _, _, _):
                _spoke.Add(response);
                _mayPlay = !_unwanted.Contains(response);
                break;
            case ModelEvent.ResponseDone { Status: "completed", Tag: { } tag } done
                when _aloud.Contains(tag) && !_spoke.Contains(done.ResponseId):
                _onlyWrites |= done.Output.Any(item => item.Text.Length > 0);
                break;
        }
    }

    private void Forbid(string item)
    {
        if (_ignored.Contains(item))
        {
            _forbidden = "words that the role ignores";
        }
    }

    private void Forget(string item, bool wordless)
    {
        if (wordless && _committed?.Item == item)
        {
            _committed = null;
        }
    }
}
