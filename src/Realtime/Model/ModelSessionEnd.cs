namespace Bridge.Realtime.Model;

/// <summary>How a session ended.</summary>
/// <param name="Kind">The cause in one word.</param>
/// <param name="CloseStatus">WebSocket close code (1000, 4001, ...); null when the socket dropped without one.</param>
/// <param name="Detail">The service's close reason or the failure's message; never a key or prompt.</param>
public sealed record ModelSessionEnd(ModelSessionEndKind Kind, int? CloseStatus, string Detail);
