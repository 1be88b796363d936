using Bridge.Realtime.Turns;

namespace Bridge.Realtime.Flight;

/// <summary>One round of a call's loop: what the turn machine took at a time, and what it commanded then.</summary>
/// <param name="At">The machine's clock.</param>
/// <param name="Inputs">Given to <see cref="TurnMachine.Handle"/> in this order; <see cref="TurnMachine.Advance"/> followed.</param>
/// <param name="Commands">All that they and the timers that were due brought.</param>
public sealed record FlightStep(TimeSpan At, IReadOnlyList<TurnInput> Inputs, IReadOnlyList<TurnCommand> Commands);
