using Bridge.Realtime.Conversation;

namespace Bridge.Realtime.Turns;

/// <summary>
/// Decides in a call: takes everything that happens to it and commands what is to be done. Pure: time is an argument, nothing is
/// waited for. <see cref="TurnMachine"/> takes turns with a Realtime model, <see cref="Live.LiveConversation"/> leads a conversation
/// with a full-duplex model; a call does not care which it holds. One owner; not thread-safe.
/// </summary>
public interface ICallMachine
{
    /// <summary>The call's log.</summary>
    ConversationLog Conversation { get; }

    /// <summary>The state that the page shows.</summary>
    CallState State { get; }

    /// <summary>Why the response that is wanted is not requested; None when none is wanted. Read it after each call.</summary>
    ResponseBlockers Blockers { get; }

    /// <summary>The person speaks, or has said something that is not answered yet.</summary>
    bool HasUserTurn { get; }

    /// <summary>When <see cref="Advance"/> wants to be called next; null: not before another input. Read it after each call.</summary>
    TimeSpan? NextDeadline { get; }

    /// <summary>Takes one input; appends the commands to <paramref name="output"/> (which it does not clear).</summary>
    void Handle(TimeSpan now, TurnInput input, List<TurnCommand> output);

    /// <summary>Fires the timers that are due. Harmless when called early.</summary>
    void Advance(TimeSpan now, List<TurnCommand> output);
}
