namespace Bridge.Realtime.Turns;

/// <summary>The traits of a tool that the machine must know.</summary>
/// <param name="OnInterruption">
/// The answer of an interruption to its running calls; null: they go on, and each is answered by its result.
/// </param>
/// <param name="ProgressToModel">Whether the model gets progress.</param>
/// <param name="AnswersTurn">
/// False: a tool like <c>stay_silent</c>, whose result asks for no further response when it is the only one called.
/// </param>
public sealed record ToolPolicy(EarlyAnswer? OnInterruption = null, bool ProgressToModel = false, bool AnswersTurn = true);
