namespace Bridge.Realtime;

/// <summary>
/// Decides whose turn it is. Pure and deterministic: no clock, task, lock or randomness; the same inputs at the same
/// times give the same commands. One owner feeds it; it alone decides when <c>response.create</c>,
/// <c>response.cancel</c> and <c>conversation.item.truncate</c> are sent.
/// </summary>
public sealed class TurnMachine
{
    /// <summary>A machine at rest; feed it <see cref="TurnInput.CallStarted"/>.</summary>
    public TurnMachine(TurnOptions options, Conversation conversation) => throw new NotImplementedException();

    /// <summary>The call's log.</summary>
    public Conversation Conversation => throw new NotImplementedException();

    /// <summary>What the page shows.</summary>
    public CallState State => throw new NotImplementedException();

    /// <summary>When <see cref="Advance"/> wants to be called next; null: not before another input. Read it after each call.</summary>
    public TimeSpan? NextDeadline => throw new NotImplementedException();

    /// <summary>Takes one input; appends the commands to <paramref name="output"/> (which it does not clear).</summary>
    public void Handle(TimeSpan now, TurnInput input, List<TurnCommand> output) => throw new NotImplementedException();

    /// <summary>Fires the timers that are due. Harmless when called early.</summary>
    public void Advance(TimeSpan now, List<TurnCommand> output) => throw new NotImplementedException();
}
