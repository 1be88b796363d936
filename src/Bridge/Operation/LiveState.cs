namespace Bridge.Operation;

/// <summary>The calls of this host at one moment.</summary>
/// <param name="At">When.</param>
/// <param name="Count">Calls that are alive.</param>
/// <param name="Draining">The host takes no new call.</param>
/// <param name="Degraded">Facts of calls can't be written, or wait for too long.</param>
/// <param name="Calls">The oldest ones, as many as were asked for.</param>
internal sealed record LiveState(DateTimeOffset At, int Count, bool Draining, bool Degraded, IReadOnlyList<LiveCall> Calls);
