using Bridge.Realtime.Model;

namespace Bridge.Realtime.Turns;

/// <summary>
/// The effects of a budget of money or time on the turns: each response is paid before it is asked for; near the end the model
/// and the person are told; at the end what is paid is said to its end, then goodbye, then the call ends.
/// </summary>
internal sealed class BudgetRules(TurnParts parts, EndingRules ending, InterruptionRules interruptions)
{
    /// <summary>The longest answer of a model, 4,096 tokens, is spoken in 205 s.</summary>
    private static readonly TimeSpan LongestAnswer = TimeSpan.FromMinutes(4);
    private static readonly TimeSpan LongestGoodbye = TimeSpan.FromSeconds(60);

    // From the last packet's leaving to the ear.
    private static readonly TimeSpan LastSound = TimeSpan.FromMilliseconds(500);
    private readonly Deadline _end = parts.Context.Timers.Own(TurnTimer.Goodbye);
    private (string? Tag, ResponseFlight? Response) _own;
    private bool _warned;
    private string? _closing;
    private string? _reason;
    private Farewell _farewell;

    private enum Farewell
    {
        /// <summary>A response that is paid is said to its end.</summary>
        Waits,

        /// <summary>It is to be said.</summary>
        Due,

        /// <summary>It is being said.</summary>
        Said,

        /// <summary>Its last sound is on its way.</summary>
        Over,
    }

    /// <summary>The budget is used up: the call comes to its end.</summary>
    public bool IsSpent => _reason is not null;

    /// <summary>The host waits for the money of a response.</summary>
    public ResponseBlockers Blockers => parts.Responses.Money.IsAwaited ? ResponseBlockers.Budget : ResponseBlockers.None;

    /// <summary>An input that concerns the budget; false when it does not.</summary>
    public bool TryHandle(TurnInput input)
    {
        switch (input)
        {
            case TurnInput.BudgetGranted(var tag, var tokens):
                if (!parts.Responses.Money.TryGrant(tag, tokens) && !parts.OutOfBand.Money.TryGrant(tag, tokens) && !TryGrantOwn(tag))
                {
                    // Nobody wants it any more.
                    parts.Context.Emit(new TurnCommand.SettleBudget(tag, default(ModelUsage)));
                }

                return true;
            case TurnInput.BudgetRefused(var tag, var reason):
                OnRefused(tag, reason);
                return true;
            case TurnInput.BudgetWarned(var what):
                OnWarned(what);
                return true;
            case TurnInput.BudgetSpent(var reason):
                OnSpent(reason);
                return true;
            default:
                // The call is over but for the goodbye: no new turn begins.
                return IsSpent && input is TurnInput.PageText or TurnInput.PageImage or TurnInput.PushToTalk or TurnInput.PageSpeech or TurnInput.DigitPressed;
        }
    }

    /// <summary>The timer <see cref="TurnTimer.Goodbye"/> is due.</summary>
    public void OnDue()
    {
        if (_reason is { } reason)
        {
            ending.HangUp(reason);
        }
    }

    /// <summary>After each input: says the words that are due, when nobody speaks.</summary>
    public void Continue()
    {
        var quiet = parts.Responses.IsIdle && !parts.Playback.IsAudible && !parts.User.IsSpeaking && !parts.User.IsVerdictPending;
        if (IsSpent)
        {
            parts.Responses.WantNone();
            Part(quiet);
        }
        else if (_closing is not null && quiet && parts.Responses.Wanted == WantedResponse.None && !parts.Calls.AreRunning)
        {
            parts.Responses.WantWords(_closing);
        }
    }

    /// <summary>Requests the response that is wanted, or first the money for it. Only to be called when nothing blocks it.</summary>
    /// <returns>Why it was requested; None when none was.</returns>
    public WantedResponse Request()
    {
        var (responses, money) = (parts.Responses, parts.Responses.Money);
        if (responses.Next() == WantedResponse.None)
        {
            money.Release();
            return WantedResponse.None;
        }

        var isPaid = parts.Context.Options.IsBudgeted;
        if (isPaid && !money.TryHold(responses.BoundOfNext(parts.User.SpeechLength), "t", _farewell == Farewell.Due))
        {
            return WantedResponse.None;
        }

        var cause = responses.Request(isPaid ? money.Take() : (parts.Context.NextTag("t"), null));
        if (cause == WantedResponse.Words)
        {
            (_closing, _farewell) = (null, IsSpent ? Farewell.Said : _farewell);
        }

        return cause;
    }

    /// <summary>A response is over: the host gets its usage.</summary>
    /// <param name="flight">The response.</param>
    /// <param name="usage">Its usage; null: not known.</param>
    public void Settle(ResponseFlight flight, ModelUsage? usage)
    {
        if (flight.PaidAs is { } tag)
        {
            parts.Context.Emit(new TurnCommand.SettleBudget(tag, usage));
        }
    }

    /// <summary>The server began a response by itself: nobody could pay it ahead, so its money is asked for as it begins.</summary>
    public void ReserveFor(ResponseFlight own)
    {
        if (parts.Context.Options.IsBudgeted && parts.Context.Session is { } session)
        {
            // It is limited by the session alone, so less than all of it would not do.
            var bound = ResponseBound.Of(session.Size.Largest, parts.Context.Options.Session.MaxOutputTokens, parts.Context.Options.Session.TextOnly);
            var tag = parts.Context.NextTag("own");
            _own = (tag, own);
            parts.Context.Emit(new TurnCommand.ReserveBudget(tag, bound with { LeastOutput = bound.MostOutput }));
        }
    }

    private bool TryGrantOwn(string tag)
    {
        if (tag != _own.Tag || _own.Response is not { } response || !parts.Responses.IsActive(response))
        {
            return false;
        }

        response.PaidAs = tag;
        return true;
    }

    private void OnRefused(string tag, string reason)
    {
        if (tag == _own.Tag)
        {
            if (_own.Response is { } response && parts.Responses.IsActive(response))
            {
                interruptions.InterruptNow();
            }

            OnSpent(reason);
        }
        else if (parts.OutOfBand.Money.TryRefuse(tag))
        {
            parts.LastWritings.Take(parts.OutOfBand.Drop());
        }
        else if (parts.Responses.Money.TryRefuse(tag))
        {
            if (_farewell == Farewell.Due)
            {
                ending.HangUp(reason);
            }
            else
            {
                OnSpent(reason);
            }
        }
    }

    private void OnWarned(string what)
    {
        if (_warned || IsSpent || ending.IsEnding)
        {
            return;
        }

        _warned = true;
        var words = parts.Context.Options.ClosingWords;
        parts.Context.Emit(new TurnCommand.ShowNotice(what, words));
        parts.Conversation.EnqueueNote(words.Length == 0
            ? "This call will soon be ended. Bring the conversation to its end in the next turns."
            : $"This call will soon be ended. Bring the conversation to its end in the next turns. The person is told: {words}");
        _closing = words.Length > 0 ? words : null;
    }

    private void OnSpent(string reason)
    {
        if (IsSpent || ending.IsEnding)
        {
            return;
        }

        (_reason, _closing) = (reason, null);
        parts.Context.Emit(new TurnCommand.ShowNotice(reason, parts.Context.Options.GoodbyeWords));
        parts.User.StopListening();
        _end.Set(parts.Context.Now + LongestAnswer);
    }

    private void Part(bool quiet)
    {
        if (_farewell == Farewell.Waits && quiet)
        {
            _farewell = parts.Context.Options.GoodbyeWords.Length > 0 ? Farewell.Due : Farewell.Over;
            _end.Set(parts.Context.Now + (_farewell == Farewell.Due ? LongestGoodbye : LastSound));
        }

        if (_farewell == Farewell.Due)
        {
            parts.Responses.WantWords(parts.Context.Options.GoodbyeWords);
        }
        else if (_farewell == Farewell.Said && quiet)
        {
            _farewell = Farewell.Over;
            _end.Set(parts.Context.Now + LastSound);
        }
    }
}
