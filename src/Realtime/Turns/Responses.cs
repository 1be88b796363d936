using Bridge.Realtime.Model;

namespace Bridge.Realtime.Turns;

/// <summary>
/// The responses of the conversation: at most one at a time, ever. Wishes for another merge, the strongest wins. It counts the
/// rounds of function calls in a turn.
/// </summary>
internal sealed class Responses
{
    // A service that works answers a cancel within a round trip.
    private static readonly TimeSpan CancelWait = TimeSpan.FromSeconds(5);
    private readonly TurnContext _context;
    private readonly WrittenAnswers _written;
    private readonly ResponseLines _lines;
    private readonly Deadline _stall;
    private readonly Deadline _retry;
    private readonly OtherResponse _other;
    private ResponseFlight? _flight;
    private WantedResponse _want;
    private bool _stalledBefore;

    /// <param name="context">The machine's.</param>
    /// <param name="greeted">The conversation has begun already: no greeting.</param>
    /// <param name="written">Answers that were written.</param>
    public Responses(TurnContext context, bool greeted, WrittenAnswers written)
    {
        (_written, _context) = (written, context);
        _lines = new ResponseLines(context, written);
        Greetings = new Greetings(context, greeted);
        Money = new Reservation(context);
        _stall = context.Timers.Own(TurnTimer.Stall);
        _retry = context.Timers.Own(TurnTimer.Retry);
        _other = new OtherResponse(context, _retry);
        Failures = new ResponseFailures(context, _retry);
    }

    /// <summary>An answer is on its way that was not interrupted.</summary>
    public bool IsAnswering => _flight is { Cancelled: false };

    /// <summary>No response is on its way, not even one that was interrupted.</summary>
    public bool IsIdle => _flight is null;

    public ResponseFlight? Active => _flight;

    public Greetings Greetings { get; }

    /// <summary>The response that was asked for and has no id yet.</summary>
    public bool AwaitsCreated => _flight is { Id: null };

    /// <summary>Failures in a row.</summary>
    public ResponseFailures Failures { get; }

    /// <summary>The most that the next response may cost.</summary>
    public Reservation Money { get; }

    /// <summary>The strongest wish.</summary>
    public WantedResponse Wanted => _want;

    /// <summary>The person's turn is being answered or about to be.</summary>
    public bool AnswersUser => _flight is { Cause: WantedResponse.UserTurn } || _want == WantedResponse.UserTurn;

    /// <summary>No item of an answer has come, or it was interrupted or held.</summary>
    public bool HasNoAnswer => _flight is null or { Cancelled: true } or { HasBegun: false } or { IsHeld: true };

    /// <summary>Rounds of function calls in this turn.</summary>
    public int ToolSteps { get; private set; }

    private bool MayCallTools => ToolSteps < _context.Options.MaxToolSteps;

    public ResponseBlockers Blockers =>
        (_flight is not null ? ResponseBlockers.ResponseActive : ResponseBlockers.None)
        | (_other.IsWaitedFor ? ResponseBlockers.OtherResponseActive : ResponseBlockers.None)
        | (_retry.IsSet ? ResponseBlockers.Backoff : ResponseBlockers.None);

    public void Want(WantedResponse response)
    {
        if (response > _want)
        {
            _want = response;
        }
    }

    /// <summary>A line is wanted in place of a blocked response; not in place of such a line.</summary>
    public void Replace(ResponseFlight blocked, string line)
    {
        if (blocked.Cause != WantedResponse.Replacement)
        {
            _lines.Replacement = line;
            Want(WantedResponse.Replacement);
        }
    }

    /// <summary>The agent is to say words of the role.</summary>
    public void WantWords(string words)
    {
        _lines.Words = words;
        Want(WantedResponse.Words);
    }

    public void WantNone() => _want = WantedResponse.None;

    /// <summary>The person interrupted: only wishes of the person or a function stay, and the greeting, which a noise does not cancel.</summary>
    /// <param name="byVoice">False: the stop button, which means the greeting, too.</param>
    public void DropUnaskedWishes(bool byVoice)
    {
        if (_want is WantedResponse.Continuation or WantedResponse.Aloud or WantedResponse.Idle or WantedResponse.Progress or WantedResponse.Words
            || (_want == WantedResponse.Greeting && !byVoice))
        {
            _want = WantedResponse.None;
        }
    }

    /// <summary>Why the next response is wanted; the greeting is, once nothing blocks it. None when nothing is wanted.</summary>
    public WantedResponse Next()
    {
        Want(Greetings.First());
        return _want;
    }

    /// <inheritdoc cref="ResponseLines.Bound"/>
    public ResponseBound BoundOfNext(TimeSpan speech) => _lines.Bound(_want, speech, MayCallTools);

    /// <summary>Requests the response that is wanted. Only to be called when nothing blocks it.</summary>
    /// <param name="paid">Its tag, and the output tokens that are paid for; null: it is not paid ahead.</param>
    /// <returns>Why it was requested.</returns>
    public WantedResponse Request((string Tag, int? MaxOutputTokens) paid)
    {
        var cause = _want;
        _want = WantedResponse.None;
        ToolSteps = cause == WantedResponse.UserTurn ? 0 : ToolSteps;
        Greetings.Count(cause);
        var settings = _lines.SettingsFor(cause, paid.Tag, MayCallTools);
        settings = settings with { MaxOutputTokens = paid.MaxOutputTokens ?? settings.MaxOutputTokens };
        _flight = new ResponseFlight(paid.Tag, cause, paid.MaxOutputTokens) { IsWhole = settings is { AllowTools: true, Input: null } };
        if (cause == WantedResponse.Aloud)
        {
            _written.MakeWay();
        }

        Touch();
        _context.Session?.Size.OnRequested();
        var request = new ModelCommand.CreateResponse(settings) { Id = paid.Tag };
        if (cause == WantedResponse.UserTurn && _context.Session is { Answers.IsExpected: true })
        {
            _flight.Withheld = request;
        }
        else
        {
            _context.Send(request);
        }

        return cause;
    }

    /// <summary>The server was to begin the response by itself, and it was interrupted before.</summary>
    public bool IsWithheldInVain => _flight is { Withheld: not null, Cancelled: true };

    /// <summary>
    /// The server was to begin the response by itself and did not: it is asked for, unless nobody wants it any more. False: it
    /// was asked for already.
    /// </summary>
    public bool TryAskWithheld()
    {
        if (_flight is not { Withheld: { } request } flight)
        {
            return false;
        }

        if (flight.Cancelled)
        {
            _context.Session?.Answers.OnTakenBack();
            return TryDropWithheld();
        }

        flight.Withheld = null;
        _context.Session?.Answers.Forget();
        Touch();
        _context.Send(request);
        return true;
    }

    /// <summary>The server will not begin the response that it was to begin; false: it is not on its way.</summary>
    public bool TryDropWithheld()
    {
        if (_flight is not { Withheld: not null } flight)
        {
            return false;
        }

        Take();
        if (flight.PaidAs is { } tag)
        {
            _context.Emit(new TurnCommand.SettleBudget(tag, default(ModelUsage)));
        }

        return true;
    }

    /// <summary>An event of a response came. Returns the response when it is the active one, and gives it more time.</summary>
    public ResponseFlight? Touch(string responseId)
    {
        if (_flight is not { } flight || flight.Id != responseId)
        {
            return null;
        }

        Touch();
        return flight;
    }

    /// <summary>It is on its way.</summary>
    public bool IsActive(ResponseFlight response) => ReferenceEquals(_flight, response);

    /// <summary>The active response, if it has this id.</summary>
    public ResponseFlight? Find(string responseId) => _flight?.Id == responseId ? _flight : null;

    /// <summary><c>response.created</c> of a response that is not out-of-band.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="tag">Its tag, if any.</param>
    /// <param name="hasUnread">The person typed something that it does not read.</param>
    public void OnCreated(string id, string? tag, bool hasUnread)
    {
        if (_flight is { Id: null } flight && flight.IsTold(tag, _context.ReturnsTags))
        {
            if (flight is { Withheld: not null, Cancelled: false, Cause: WantedResponse.UserTurn } && hasUnread)
            {
                Want(WantedResponse.UserTurn);
            }

            (flight.Id, flight.Withheld) = (id, null);
            _context.Session?.Answers.Forget();
            Touch();
            if (flight.Cancelled)
            {
                Cancel();
            }
        }
        else if (_flight is null)
        {
            // The service began one by itself, or one that another was taken for: it counts as the active one.
            var unwanted = false;
            var answers = tag is null && _context.Session?.Answers.Take(out unwanted) == true && !unwanted;
            _flight = new ResponseFlight(tag ?? "", answers ? WantedResponse.UserTurn : WantedResponse.None) { Id = id, IsWhole = answers };
            Touch();
            if (answers)
            {
                (ToolSteps, _want) = (0, _want == WantedResponse.UserTurn && !hasUnread ? WantedResponse.None : _want);
            }
            else if (unwanted)
            {
                Cancel();
            }
        }
        else
        {
            _context.Session?.Answers.Forget();
            _other.OnCrossed(id);
        }
    }

    /// <summary>True when the message is of the active response, and that was not interrupted and is not held.</summary>
    public bool SaysMessage(string itemId) => _flight is { Cancelled: false, IsHeld: false } flight && flight.Messages.Contains(itemId);

    /// <summary><c>response.output_item.added</c>; false when it is not of the active response.</summary>
    public bool OnItemAdded(string responseId, ModelItem item)
    {
        if (Touch(responseId) is not { } flight)
        {
            return false;
        }

        flight.OnItemAdded(item);
        if (flight.Cancelled)
        {
            Cancel();
        }

        return true;
    }

    /// <summary><c>response.output_item.done</c>; null when it is not of the active response.</summary>
    public ResponseFlight? OnItemDone(string responseId)
    {
        if (Touch(responseId) is not { } flight)
        {
            return null;
        }

        flight.OpenItems = Math.Max(0, flight.OpenItems - 1);
        return flight;
    }

    /// <summary><c>response.done</c> of a response that is not out-of-band; null when it is not the active one.</summary>
    public ResponseFlight? TakeDone(ModelEvent.ResponseDone done)
    {
        _other.OnDone(done.ResponseId);
        return _flight is not { } flight || !(flight.Id == done.ResponseId || (flight.Id is null && flight.IsTold(done.Tag, _context.ReturnsTags))) ? null : Take();
    }

    /// <summary>The service refused the command that asked for the response; null when it was another command.</summary>
    public ResponseFlight? TakeRefused(string commandId) => _flight is { Id: null } flight && flight.Tag == commandId ? Take() : null;

    /// <summary>The session is lost, and the response with it; null when there is none.</summary>
    public ResponseFlight? TakeLost()
    {
        _stall.Clear();
        _retry.Clear();
        _other.Clear();
        var flight = _flight;
        _flight = null;
        return flight;
    }

    /// <summary>The service has a response that is not the call's.</summary>
    public void OnOtherActive() => _other.OnRefused();

    /// <summary>The timer <see cref="TurnTimer.Retry"/> is due.</summary>
    public void OnRetryDue() => _other.OnRetryDue();

    /// <summary>A response ended well.</summary>
    public void OnSucceeded()
    {
        _stalledBefore = false;
        Failures.Clear();
    }

    /// <summary>
    /// The active response is silent for too long: it is cancelled, to be tried once more in the same session. False when
    /// that was tried already, or there is nothing to cancel yet: the session is not to be trusted.
    /// </summary>
    public bool TryCancelStalled()
    {
        if (_stalledBefore || _flight is not { Id: { } id, CancelSent: false } flight)
        {
            _stalledBefore = false;
            return false;
        }

        (_stalledBefore, flight.Stalled, flight.CancelSent) = (true, true, true);
        _context.Send(new ModelCommand.CancelResponse(id));
        _stall.Set(_context.Now + CancelWait);
        return true;
    }

    /// <summary>The response was interrupted: cancels it if it has not ended yet.</summary>
    /// <param name="byVoice">The person's voice did it.</param>
    public void Cancel(bool byVoice = false)
    {
        if (_flight is not { } flight)
        {
            return;
        }

        flight.CutByVoice |= byVoice;
        flight.Cancelled = true;
        if (flight.Withheld is not null)
        {
            // The server is about to begin it: a request now would cross it, and at some cost the words that it answers.
            _stall.Set(_context.Now + CancelWait);
            return;
        }

        if (flight.Id is not null && flight.IsCancellable)
        {
            flight.CancelSent = true;
            _context.Send(new ModelCommand.CancelResponse(flight.Id));
        }
    }

    /// <summary>The person's turn was taken back: it is not to be answered.</summary>
    public void ForgetUserTurn()
    {
        if (_flight is { } flight)
        {
            flight.Cancelled = true;
        }

        if (_want == WantedResponse.UserTurn)
        {
            _want = WantedResponse.None;
        }
    }

    /// <summary>A sound cut off the greeting before anything of it was heard: it is spoken yet, unless there is something to answer by then.</summary>
    public void GreetAgain() => Want(Greetings.Again());

    /// <summary>A response with function calls has ended.</summary>
    public void CountToolStep() => ToolSteps++;

    private ResponseFlight Take()
    {
        var flight = _flight!;
        _flight = null;
        _stall.Clear();
        return flight;
    }

    private void Touch() => _stall.Set(_context.Now + _context.Options.ResponseTimeout);
}
