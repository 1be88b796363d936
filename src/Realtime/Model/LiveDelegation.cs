namespace Bridge.Realtime.Model;

/// <summary>
/// The form in which a full-duplex model hands work on (<c>session.delegation</c>): <c>responses</c>, to a backend model of its service, or
/// <c>client</c>, to a text model of the operator's. Settings that have one are of such a session.
/// </summary>
/// <param name="IsClients">True: <c>client</c>.</param>
/// <param name="Model">The backend model's name; null with <c>client</c>, where the host may know one.</param>
/// <param name="Instructions">The instructions of the backend or text model; null for none.</param>
public sealed record LiveDelegation(bool IsClients, string? Model, string? Instructions);
