using Bridge.Realtime.Model;

namespace Bridge.Realtime.Turns;

/// <summary>The effects on the parts when an answer is asked for before the role's silence has passed.</summary>
internal sealed class HeldAnswerRules(TurnParts parts, ResponseRules responses, InterruptionRules interruptions)
{
    /// <summary>Any event that can be of a response.</summary>
    public void OnEvent(ModelEvent what)
    {
        // An item that begins is not held: it has to be known to be deleted.
        if (parts.Held.Flight is { Id: { } id } flight && what is not (ModelEvent.OutputItemAdded or ModelEvent.Unknown)
            && id == what.ResponseOf())
        {
            Keep(flight, id, what);
            return;
        }

        var begins = what is ModelEvent.ResponseCreated && parts.Responses.IsIdle;
        responses.OnEvent(what);
        if (begins && parts.Responses.Active is { Id: not null } begun)
        {
            OnRequested(begun.Cause);
        }
    }

    /// <summary>A response was asked for.</summary>
    public void OnRequested(WantedResponse cause)
    {
        if (cause == WantedResponse.UserTurn && parts.Held.IsPausing && parts.Responses.Active is { Cancelled: false } flight)
        {
            parts.Held.Begin(flight);
        }
    }

    /// <summary>The service hears speech. Within the pause the person goes on, and what was to be the answer never was.</summary>
    public void OnSpeechStarted(ModelEvent.SpeechStarted speech)
    {
        var goesOn = parts.Held.EndPause();
        if (goesOn && parts.Held.Flight is not null)
        {
            parts.Held.IsOwed = true;
            parts.Responses.Cancel(byVoice: true);
        }

        interruptions.Carry(
            parts.User.OnSpeechStarted(speech.ItemId, speech.AudioStartMilliseconds, parts.Playback.IsAudible, parts.IsAgentBusy));
        if (goesOn && parts.Responses.Wanted == WantedResponse.UserTurn)
        {
            parts.Held.IsOwed = true;
            parts.Responses.WantNone();
        }
    }

    /// <summary>The timer <see cref="TurnTimer.Hold"/> is due: the role's silence has passed.</summary>
    public void OnDue()
    {
        if (parts.Held.Flight is not { Cancelled: false } flight)
        {
            return;
        }

        foreach (var what in parts.Held.Release())
        {
            if (what is ModelEvent.OutputItemDone(_, var item))
            {
                responses.OnOutput(flight, item);
            }
            else
            {
                responses.OnEvent(what);
            }
        }
    }

    /// <summary>After each input, before anything else follows from it.</summary>
    public void Continue()
    {
        if (parts.Held.Flight is { } flight)
        {
            if (flight != parts.Responses.Active)
            {
                parts.Held.Drop();
            }
            else if (flight.Cancelled && parts.Held.Withdraw() is { } done)
            {
                responses.OnEvent(done);
            }
        }

        if (parts.Held.IsOwed && !parts.User.IsSpeaking && !parts.User.IsVerdictPending)
        {
            parts.Held.IsOwed = false;
            parts.Responses.Want(WantedResponse.UserTurn);
        }
    }

    private void Keep(ResponseFlight flight, string id, ModelEvent what)
    {
        parts.Responses.Touch(id);
        parts.Held.Keep(what);
        switch (what)
        {
            case ModelEvent.AudioDelta:
                parts.Context.Session!.Spoke = true;
                break;
            case ModelEvent.OutputItemDone:
                parts.Responses.OnItemDone(id);
                break;
            case ModelEvent.ResponseDone:
                // Nothing is left to cancel.
                flight.CancelSent = true;
                break;
        }
    }
}
