using Bridge.Realtime.Model;

namespace Bridge.Realtime.Turns;

/// <summary>A call resumed from storage goes on where it was: functions without an output run again, an open turn is answered.</summary>
/// <param name="parts">The machine's.</param>
/// <param name="isDue">The conversation has begun already.</param>
internal sealed class Resumption(TurnParts parts, bool isDue)
{
    private bool _isDue = isDue;
    private bool _cutOff;

    /// <summary>The conversation has begun elsewhere.</summary>
    /// <param name="cutOff">An answer was cut off there.</param>
    public void Begin(bool cutOff) => (_isDue, _cutOff) = (true, cutOff);

    /// <summary>Does its work once, when the page is there: it may hold the functions, and has to hear the answer.</summary>
    public void Continue(bool pageThere)
    {
        if (!_isDue || !pageThere)
        {
            return;
        }

        _isDue = false;
        parts.Calls.Resume();
        if (parts.Calls.AreRunning)
        {
            return;
        }

        if (parts.Conversation.IsAnswerDue)
        {
            parts.Responses.Want(WantedResponse.UserTurn);
        }
        else if (_cutOff && parts.Conversation.Log.Items is [.., { Kind: ModelItemKind.AgentMessage, Interrupted: true }])
        {
            parts.Responses.Want(WantedResponse.Continuation);
        }
    }
}
