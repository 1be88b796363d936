using System.Globalization;
using Bridge.Realtime.Conversation;
using Bridge.Realtime.Model;
using Bridge.Realtime.Turns;

namespace Bridge.Realtime.Live;

/// <summary>
/// Work that the voice model hands on. With <c>responses</c> the service's backend model does it, and its function calls are run here;
/// with <c>client</c> the operator's text model does, which is given the conversation. Either way a call runs once.
/// </summary>
internal sealed class DelegatedWork
{
    /// <summary>Begins the tag of a response of the text model that does delegated work.</summary>
    public const string Tag = "delegation";

    private const string Task =
        "\n\nYou work in the background of a voice conversation; somebody else speaks for you. The person's last words ask for something. "
        + "Do it with the functions that you have, then answer in one to three short sentences that can be said aloud. "
        + "Say only what you know to be true.";

    private const string Failed = "That could not be done: the helper does not answer. Tell the person so, and offer to try again.";

    // The last words of what is asked for come a little after the model has understood them.
    private static readonly TimeSpan WordsPatience = TimeSpan.FromMilliseconds(400);

    // No text model takes longer; and a backend that never ends is not waited for.
    private static readonly TimeSpan MaxWork = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan ThinkEvery = TimeSpan.FromSeconds(5);
    private readonly TurnContext _context;
    private readonly ConversationWriter _conversation;
    private readonly FunctionCalls _calls;
    private readonly LiveAppends _appends;
    private readonly BackendBuffer _buffer;
    private readonly Deadline _due;
    private readonly Deadline _ask;
    private readonly List<Delegation> _open = [];
    private readonly HashSet<(int Session, string CallId)> _known = [];

    // Calls of the session in use that have no output yet.
    private readonly HashSet<string> _owed = new(StringComparer.Ordinal);
    private TimeSpan _toldAt = TimeSpan.MinValue;
    private int _asked;

    public DelegatedWork(TurnContext context, ConversationWriter conversation, FunctionCalls calls, LiveAppends appends)
    {
        (_context, _conversation, _calls, _appends) = (context, conversation, calls, appends);
        _buffer = new BackendBuffer(context);
        _due = context.Timers.Own(TurnTimer.Work);
        _ask = context.Timers.Own(TurnTimer.Commit);
    }

    /// <summary>Something is being worked on.</summary>
    public bool IsActive => _open.Count > 0 || _calls.AreRunning;

    private bool IsClients => _context.Options.Session.Delegation is not { IsClients: false };

    /// <summary><c>session.delegation.created</c>.</summary>
    public void OnDelegated(LiveEvent.Delegated delegated)
    {
        var delegation = Find(delegated.DelegationId, delegated.IsClients);
        if (delegated.IsClients && !delegation.IsAsked)
        {
            delegation.IsDue = true;
            _ask.Set(_context.Now + WordsPatience);
        }
    }

    /// <summary>A function call, as often as the service reports it.</summary>
    public void OnCall(ModelEvent.FunctionArgumentsDone call)
    {
        if (_known.Add((_context.Session!.Number, call.CallId)))
        {
            _owed.Add(call.CallId);
            _buffer.Owe();
            Run(Find(call.ResponseId, isClients: false), new ModelItem(_conversation.NewItemId("c"), ModelItemKind.FunctionCall)
            {
                CallId = call.CallId, Name = call.Name, Arguments = call.Arguments,
            });
        }
    }

    /// <summary>The text model said something of its work ahead of the answer.</summary>
    public void OnProgress(string tag, string text)
    {
        if (_open.Find(d => d.Tag == tag) is { } delegation)
        {
            TellProgress(text, delegation.IsForgotten ? null : delegation.Id);
        }
    }

    /// <summary>The backend model, or the text model, has ended a response.</summary>
    public void OnDone(ModelEvent.ResponseDone done)
    {
        _conversation.RecordUsage(done.Usage, Tag);
        if (_open.Find(d => done.Tag is { } tag ? d.Tag == tag : d.Id == done.ResponseId && !d.IsClients) is not { } delegation)
        {
            return;
        }

        foreach (var call in done.Output.Where(item => item.Kind == ModelItemKind.FunctionCall))
        {
            // Some servers count their calls from zero in each answer.
            var id = _conversation.NewItemId("c");
            Run(delegation, call with { Id = id, CallId = id });
        }

        delegation.Tag = null;
        if (FunctionCalls.TryClose(delegation.Flight))
        {
            _calls.Answer(delegation.Flight.Round, delegation.Steps);
            Answer(delegation);
        }
        else
        {
            End(delegation, done);
        }
    }

    /// <summary>A function has ended, or reported progress: outputs that are whole go out.</summary>
    public void OnTool(TurnInput input)
    {
        var steps = _open.Count > 0 ? _open.Max(d => d.Steps) : 0;
        switch (input)
        {
            case TurnInput.ToolCompleted completed:
                _calls.OnCompleted(completed, steps);
                Answer(null);
                break;
            case TurnInput.PageToolCancelled(var callId):
                _calls.OnCancelledByPerson(callId, steps);
                Answer(null);
                break;
            case TurnInput.ToolProgress(var callId, var message):
                OnToolProgress(callId, message);
                break;
        }
    }

    /// <summary>Functions without an output run again after the call was resumed from storage.</summary>
    public void Resume() => _calls.Resume();

    /// <summary>The person typed or showed something: the one who works is told.</summary>
    public void Say(ModelItem item)
    {
        if (item.Text.Length == 0)
        {
            // An image alone waits for words.
            _appends.Think(IsClients || _buffer.TryAdd(item)
                ? "The person shows an image on the page. Hand on what they ask about it."
                : "The person shows an image on the page, which is too large to be looked at.");
        }
        else if (!IsClients && _open.Count == 0 && _buffer.TryAdd(item))
        {
            _buffer.Ask();
        }
        else
        {
            // Behind a call without an output nothing may be asked.
            _appends.Instruct($"The person typed: {item.Text}");
        }
    }

    /// <summary>
    /// Another session, or none: it knows nothing of delegations of the one before. Outputs of the backend's calls are sent as text;
    /// what the text model was asked is asked again.
    /// </summary>
    public void OnSession()
    {
        _buffer.OnSession();
        _owed.Clear();
        _open.RemoveAll(d => !d.IsClients);
        foreach (var delegation in _open)
        {
            delegation.IsForgotten = true;
            delegation.IsDue |= delegation.Tag is not null;
            delegation.Tag = null;
        }
    }

    /// <summary>After each input: sends what waits, and asks the text model again where its session went.</summary>
    public void Continue()
    {
        if (_context.Session is null)
        {
            return;
        }

        Flush();
        if (!_ask.IsSet)
        {
            AskDue();
        }
    }

    /// <summary>The timer <see cref="TurnTimer.Work"/> is due: what has not ended by now is not waited for.</summary>
    public void OnDue() => _open.RemoveAll(d => !_calls.AreRunning && d.Since + MaxWork <= _context.Now);

    /// <summary>The text model is asked what waits.</summary>
    public void AskDue()
    {
        foreach (var delegation in _open)
        {
            if (delegation.IsDue && _context.Session is not null)
            {
                Ask(delegation);
            }
        }
    }

    private Delegation Find(string id, bool isClients)
    {
        if (_open.Find(d => d.Id == id) is { } known)
        {
            return known;
        }

        var delegation = new Delegation(id, isClients, _context.Now);
        _open.Add(delegation);
        _due.Set(_context.Now + MaxWork);
        return delegation;
    }

    private void Run(Delegation delegation, ModelItem call)
    {
        _conversation.AddItem(call, null);
        _calls.OnCall(delegation.Flight, call, hold: false);
        if (delegation.IsClients && !delegation.IsForgotten)
        {
            _appends.Think($"The function {call.Name} runs for this.", delegation.Id);
        }
    }

    // Outputs go out as soon as a round of calls has all of them; then the one who made the calls goes on.
    private void Answer(Delegation? of)
    {
        Flush();
        foreach (var delegation in of is null ? _open.ToArray() : [of])
        {
            var round = delegation.Flight.Round;
            if (!round.Closed || round.Runs.Count == 0 || !round.Runs.TrueForAll(run => run.Answered))
            {
                continue;
            }

            delegation.Steps++;
            delegation.Flight = new ResponseFlight(delegation.Id, WantedResponse.ToolOutputs);
            var quiet = !round.Runs.Exists(run => run.Policy.AnswersTurn) || round.Quiet;
            if (quiet)
            {
                _open.Remove(delegation);
            }

            if (delegation.IsClients && !quiet)
            {
                Ask(delegation);
            }
            else if (!delegation.IsClients)
            {
                // Also when nothing is to be said: until it is asked the backend waits for the outputs.
                _buffer.Ask();
            }
        }
    }

    private void Ask(Delegation delegation)
    {
        var settings = _context.Options.Session;
        (delegation.IsDue, delegation.IsAsked) = (false, true);
        delegation.Tag = Tag + (++_asked).ToString(CultureInfo.InvariantCulture);
        _context.Send(new ModelCommand.CreateResponse(new ResponseSettings
        {
            Tag = delegation.Tag,
            OutOfBand = true,
            TextOnly = true,
            Model = settings.Delegation?.Model,
            Instructions = (settings.Delegation?.Instructions ?? settings.Instructions) + Task,
            Input = _conversation.Log.Replay(),
            Tools = delegation.Steps < _context.Options.MaxToolSteps ? settings.Tools : [],
            MaxOutputTokens = settings.MaxOutputTokens,
        }) { Id = delegation.Tag });
    }

    private void End(Delegation delegation, ModelEvent.ResponseDone done)
    {
        _open.Remove(delegation);
        if (!delegation.IsClients)
        {
            // Its words are spoken by themselves.
            return;
        }

        var text = string.Concat(done.Output.Where(item => item.Kind == ModelItemKind.AgentMessage).Select(item => item.Text)).Trim();
        if (done.Status == "completed" && text.Length == 0 && delegation.Steps > 0)
        {
            // Its functions have run; it has nothing to say of them.
            _appends.Think("It is done.", delegation.IsForgotten ? null : delegation.Id);
            return;
        }

        if (done.Status != "completed" || text.Length == 0)
        {
            _context.Report("delegation_failed", done.Reason ?? "the text model gave no answer");
            text = Failed;
        }

        _appends.Say(text, delegation.IsForgotten ? null : delegation.Id);
    }

    private void OnToolProgress(string callId, string message)
    {
        _conversation.Append(new ConversationEntry.ToolProgressed(_context.CallTime, callId, message));
        if (_calls.AreRunning)
        {
            TellProgress(message, null);
        }
    }

    private void TellProgress(string message, string? delegation)
    {
        if (_toldAt == TimeSpan.MinValue || _context.Now - _toldAt >= ThinkEvery)
        {
            _toldAt = _context.Now;
            _appends.Think($"Still at work: {LiveText.Head(message, 300)}", delegation);
        }
    }

    private void Flush()
    {
        if (_context.Session is null)
        {
            return;
        }

        foreach (var item in _conversation.TakeWaiting())
        {
            switch (item.Kind)
            {
                case ModelItemKind.FunctionOutput when IsClients:
                    break;
                case ModelItemKind.FunctionOutput when item.CallId is { } call && _owed.Remove(call):
                    _buffer.AddOutput(item);
                    break;
                case ModelItemKind.FunctionOutput:
                    var name = _conversation.Log.Items.LastOrDefault(i => i.Kind == ModelItemKind.FunctionCall
                        && i.CallId == item.CallId)?.Name;
                    var output = LiveText.Head(item.Output ?? "", 1_000);
                    _appends.Instruct($"The function {name}, called before, has returned: {output}. Tell the person.");
                    break;
                case ModelItemKind.UserMessage when item.Id.StartsWith("br_i", StringComparison.Ordinal):
                    ShowImage(item);
                    break;
                case ModelItemKind.UserMessage:
                    Say(item);
                    break;
                default:
                    _appends.Instruct(item.Text);
                    break;
            }
        }
    }

    // The image of a function's result follows its output, and is asked about with it.
    private void ShowImage(ModelItem item)
    {
        if (!IsClients)
        {
            _buffer.TryAdd(item);
        }
    }

    private sealed class Delegation(string id, bool isClients, TimeSpan since)
    {
        public string Id { get; } = id;

        public bool IsClients { get; } = isClients;

        public TimeSpan Since { get; } = since;

        /// <summary>The tag of what the text model was asked; null: nothing.</summary>
        public string? Tag { get; set; }

        /// <summary>Its calls; another one after each round.</summary>
        public ResponseFlight Flight { get; set; } = new(id, WantedResponse.UserTurn);

        /// <summary>Rounds of calls so far.</summary>
        public int Steps { get; set; }

        /// <summary>The session in use does not know it.</summary>
        public bool IsForgotten { get; set; }

        /// <summary>The text model is to be asked.</summary>
        public bool IsDue { get; set; }

        /// <summary>The text model was asked at some time.</summary>
        public bool IsAsked { get; set; }
    }
}
