namespace Bridge.Signaling;

/// <summary>One entry of <c>RTCConfiguration.iceServers</c>.</summary>
/// <param name="Urls">STUN or TURN addresses, for instance <c>turn:turn.example.org:3478?transport=udp</c>.</param>
/// <param name="Username">User name of a TURN server.</param>
/// <param name="Credential">Password of a TURN server.</param>
public sealed record IceServer(IReadOnlyList<string> Urls, string? Username = null, string? Credential = null);
