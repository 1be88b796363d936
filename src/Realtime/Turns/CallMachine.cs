using Bridge.Realtime.Conversation;
using Bridge.Realtime.Live;

namespace Bridge.Realtime.Turns;

/// <summary>The machine that options ask for.</summary>
public static class CallMachine
{
    /// <summary>
    /// A machine of the kind that the options ask for: <see cref="LiveConversation"/> when its session has a delegation, else
    /// <see cref="TurnMachine"/>.
    /// </summary>
    /// <param name="options">From the role.</param>
    /// <param name="conversation">The log so far.</param>
    /// <param name="callTime">Time since the call's start: entries of the log go on from it.</param>
    public static ICallMachine Create(TurnOptions options, ConversationLog conversation, TimeSpan callTime = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.Session.Delegation is null
            ? new TurnMachine(options, conversation, callTime)
            : new LiveConversation(options, conversation, callTime);
    }
}
