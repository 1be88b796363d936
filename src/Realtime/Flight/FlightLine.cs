using Bridge.Realtime.Turns;

namespace Bridge.Realtime.Flight;

/// <summary>A <see cref="FlightStep"/> as a file has it.</summary>
/// <param name="Number">The step's number in the file, from 1.</param>
/// <param name="At">The machine's clock.</param>
/// <param name="Inputs">The machine's input.</param>
/// <param name="Commands">Its commands: each command's JSON, byte for byte as it was recorded.</param>
public sealed record FlightLine(int Number, TimeSpan At, IReadOnlyList<TurnInput> Inputs, IReadOnlyList<string> Commands);
