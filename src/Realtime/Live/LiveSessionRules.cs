using Bridge.Realtime.Conversation;
using Bridge.Realtime.Model;
using Bridge.Realtime.Turns;

namespace Bridge.Realtime.Live;

/// <summary>
/// The move of a call with a full-duplex model from one session to the next: at a quiet moment, for another role, or because one is lost.
/// </summary>
internal sealed class LiveSessionRules(LiveParts parts, LiveEnding ending, LivePage page)
{
    private const string AnswerThem = "Answer what the person said last.";

    // The pause between two sentences is no quiet moment, and neither is the one before an answer.
    private static readonly TimeSpan QuietFor = TimeSpan.FromMilliseconds(1_500);

    // A model that has said nothing by then has decided to.
    private static readonly TimeSpan AnswerPatience = TimeSpan.FromSeconds(10);
    private TurnOptions? _newOptions;
    private TimeSpan _busyAt;
    private bool _owesAnswer;

    /// <summary>The role was edited; it is taken with the next <see cref="Continue"/>.</summary>
    public void ChangeRole(TurnOptions options) => _newOptions = options;

    /// <summary><c>session.started</c>.</summary>
    public void OnStarted(int session, TimeSpan? lifetime)
    {
        if (parts.Sessions.IsNext(session) && parts.Context.Session is not null)
        {
            LeaveSession();
        }

        if (!parts.Sessions.TryAdopt(session, lifetime))
        {
            return;
        }

        var link = parts.Context.Session!;
        parts.Conversation.Append(new ConversationEntry.SessionAdopted(parts.Context.CallTime, link.Number, link.Reason));
        parts.Meter.Begin();
        parts.Agent.OnSession();
        parts.Person.OnSession();
        parts.Work.OnSession();
        page.SetUplink();
        if (!parts.Appends.OnSession() && _owesAnswer && !parts.Person.IsSpeaking && !parts.Work.IsActive)
        {
            parts.Appends.Instruct(AnswerThem);
        }

        _owesAnswer = false;
        parts.Context.Emit(new TurnCommand.SettleOptions(parts.Context.Options.Version, null));
    }

    /// <summary>The successor said something before it was started: it refuses, or is closed.</summary>
    public void OnSuccessor(int session, ModelEvent what)
    {
        if (what is ModelEvent.Error refusal)
        {
            if (ending.TryEndRefused(refusal.Code))
            {
                return;
            }

            // It was asked for nothing but its start.
            parts.Context.Report("model_error", refusal.Code ?? refusal.Type);
        }
        else if (what is not LiveEvent.SessionClosed)
        {
            return;
        }

        parts.Context.Emit(new TurnCommand.CloseSession(session));
        EndUnless(parts.Sessions.OnNextLost());
    }

    /// <summary>A session is gone, or could not be opened.</summary>
    public void OnLost(int session, string reason, bool isFinal)
    {
        if (isFinal && (parts.Sessions.IsNext(session) || parts.Sessions.IsCurrent(session)))
        {
            ending.EndRefused(reason);
        }
        else if (parts.Sessions.IsNext(session))
        {
            EndUnless(parts.Sessions.OnNextLost());
        }
        else if (parts.Sessions.IsCurrent(session))
        {
            parts.Meter.End(null);
            parts.Appends.OnLost();
            LeaveSession();
            EndUnless(parts.Sessions.OnCurrentLost("lost"));
            parts.Work.OnSession();
        }
    }

    /// <summary>The timer <see cref="TurnTimer.Confirm"/> is due: a session did not start.</summary>
    public void OnUnconfirmed()
    {
        parts.Context.Report("session_unconfirmed", "a session was asked for and did not start in time");
        EndUnless(parts.Sessions.OnUnconfirmed());
    }

    /// <summary>After each input: takes another role, and starts a successor that waits.</summary>
    public void Continue()
    {
        TakeOptions();
        _busyAt = parts.IsQuiet && !parts.Appends.AreWaiting ? _busyAt : parts.Context.Now;
        if (parts.Sessions.CanStart && (parts.Sessions.IsForced || IsQuiet))
        {
            parts.LogWords();
            parts.Sessions.Start(LiveHistory.Of(parts.Conversation.Log));
        }
    }

    // Another role is not kept waiting; a session of the same one has time until it is forced.
    private bool IsQuiet => parts.Sessions.NeedsAnother(parts.Context.Options) ? parts.IsQuiet
        : parts.Context.Now - _busyAt >= (parts.Conversation.IsAnswerDue ? AnswerPatience : QuietFor);

    // The session's last words are played to their end. The next one is told to go on with a sentence that breaks off here, and to
    // answer what this one owes an answer.
    private void LeaveSession()
    {
        _owesAnswer |= parts.Conversation.IsAnswerDue && parts.Context.Now - _busyAt < AnswerPatience;
        parts.Heard.OnBrokenOff(parts.Agent.OnSession());
        var dropped = parts.OutOfBand.Drop();
        if (!ending.IsEnding)
        {
            parts.LastWritings.Take(dropped);
        }
    }

    private void EndUnless(bool goesOn)
    {
        if (!goesOn)
        {
            ending.End(EndReason.ModelUnavailable);
        }
    }

    private void TakeOptions()
    {
        if (_newOptions is not { } options)
        {
            return;
        }

        _newOptions = null;
        var before = parts.Context.Options;
        parts.Context.Options = options;
        if (parts.Context.Session is null)
        {
            return;
        }

        if (parts.Sessions.NeedsAnother(options))
        {
            parts.Sessions.Replace("role");
            return;
        }

        parts.Sessions.Took(options);
        if (options.Session is { Delegation.IsClients: false } && !SameTools(before, options))
        {
            parts.Context.Send(new LiveCommand.UpdateDelegation(options.Session) { Id = parts.Context.NextTag("configure") });
        }

        parts.Context.Emit(new TurnCommand.SettleOptions(options.Version, null));
    }

    private static bool SameTools(TurnOptions a, TurnOptions b) =>
        a.Session.Delegation == b.Session.Delegation && a.Session.Tools.Count == b.Session.Tools.Count
        && a.Session.Tools.Zip(b.Session.Tools).All(pair => pair.First.Name == pair.Second.Name
            && pair.First.Description == pair.Second.Description
            && System.Text.Json.JsonElement.DeepEquals(pair.First.Parameters, pair.Second.Parameters));
}
