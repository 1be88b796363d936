using Bridge.Realtime.Conversation;
using Bridge.Realtime.Turns;

namespace Bridge.Calls;

/// <summary>The state in which another host has left a call.</summary>
/// <param name="Call">The call.</param>
/// <param name="Facts">The entries of its log beyond those that it was made ready with here.</param>
/// <param name="Left">How it was left; times are of this host's clock.</param>
internal sealed record CallHandover(RevivedCall Call, IReadOnlyList<ConversationEntry> Facts, TurnCommand.CallLeft Left);
