namespace Bridge.Signaling;

/// <summary>The call that was opened or found again.</summary>
/// <param name="CallId">Names the call in every later request.</param>
/// <param name="ResumeToken">Secret that lets the same person come back to this call; keep it in the tab. Each reply has a new one.</param>
/// <param name="Resumed">True when <see cref="JoinRequest.ResumeToken"/> led back to a living call.</param>
/// <param name="IceServers">The servers that the page hands to its <c>RTCPeerConnection</c>; empty unless the host configures TURN for
/// clients.</param>
/// <param name="Model">Which model answers.</param>
/// <param name="Role">The role as the page shows it.</param>
public sealed record JoinReply(
    string CallId,
    string ResumeToken,
    bool Resumed,
    IReadOnlyList<IceServer> IceServers,
    ModelInfo Model,
    RoleInfo Role);
