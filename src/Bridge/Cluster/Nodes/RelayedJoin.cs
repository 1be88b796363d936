using Bridge.Signaling;

namespace Bridge.Cluster.Nodes;

/// <summary>A page wants its call back. Answered with a <see cref="JoinReply"/>.</summary>
/// <param name="Connection">Its hub connection at the asking node.</param>
/// <param name="Address">The address that it comes from.</param>
/// <param name="IsLocal">See <see cref="HubCaller.IsLocal"/>.</param>
/// <param name="Request">The page's own, bound to the call of its token.</param>
internal sealed record RelayedJoin(string Connection, string? Address, bool IsLocal, JoinRequest Request);
