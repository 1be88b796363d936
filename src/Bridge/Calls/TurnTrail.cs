using Bridge.Realtime.Turns;
using Bridge.Trail;

namespace Bridge.Calls;

/// <summary>The events of one call's turns, for its trail: names, states and figures, never content.</summary>
internal sealed class TurnTrail(CallTrail trail)
{
    /// <summary>The turn machine is about to take an input.</summary>
    public void Input(TurnInput input)
    {
        switch (input)
        {
            case TurnInput.PageConnectionChanged(var connected):
                Log.PageConnectionChanged(trail.Turns, trail.CallId, connected);
                break;
            case TurnInput.SessionOpened(var session, var lifetime):
                Log.SessionOpened(trail.Model, trail.CallId, session, lifetime);
                break;
            case TurnInput.SessionLost(var session, _, var isFinal):
                Log.SessionLost(trail.Model, trail.CallId, session, isFinal);
                break;
            case TurnInput.HangUpRequested(var reason):
                Log.HangUpRequested(trail.Turns, trail.CallId, CallTrail.Word(reason));
                break;
            case TurnInput.PlayoutReported or TurnInput.ModelEventReceived:
                // Some ten a second; the model's events are logged by their protocol's names.
                break;
            default:
                Name(input);
                break;
        }
    }

    /// <summary>The turn machine has commanded something.</summary>
    public void Command(TurnCommand command)
    {
        switch (command)
        {
            case TurnCommand.ShowState(var state):
                Log.StateEntered(trail.Turns, trail.CallId, state);
                break;
            case TurnCommand.ClearPlayout:
                Log.AgentCutOff(trail.Turns, trail.CallId);
                break;
            case TurnCommand.OpenSession(var session, var reason):
                Log.SessionOpening(trail.Model, trail.CallId, session, CallTrail.Word(reason));
                break;
            case TurnCommand.AdoptSession(var session, _):
                Log.SessionAdopted(trail.Model, trail.CallId, session);
                break;
            case TurnCommand.CloseSession(var session):
                Log.SessionClosing(trail.Model, trail.CallId, session);
                break;
            case TurnCommand.PlayAudio or TurnCommand.ShowTranscript or TurnCommand.SendToModel:
                break;
            default:
                Name(command);
                break;
        }
    }

    /// <summary>Another reason why the response that is due is not requested yet.</summary>
    public void Waits(ResponseBlockers blockers)
    {
        if (blockers == ResponseBlockers.None)
        {
            Log.NothingWaits(trail.Turns, trail.CallId);
        }
        else
        {
            Log.ResponseWaits(trail.Turns, trail.CallId, blockers);
        }
    }

    private void Name(object step)
    {
        // The name alone: the value holds words, images and results.
        if (trail.Turns.IsEnabled(LogLevel.Trace))
        {
            Log.TurnStep(trail.Turns, trail.CallId, step is TurnInput ? "takes" : "commands", step.GetType().Name);
        }
    }
}
