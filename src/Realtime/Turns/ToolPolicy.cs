namespace Bridge.Realtime.Turns;

/// <summary>What the machine must know of one tool.</summary>
/// <param name="OnInterruption">
/// What an interruption answers to its running calls; null: they go on, and each is answered by its result.
/// </param>
/// <param name="ProgressToModel">Whether progress is told to the model.</param>
/// <param name="AnswersTurn">
/// False: a tool like <c>stay_silent</c>, whose result asks for no further response when it is the only one called.
/// </param>
public sealed record ToolPolicy(EarlyAnswer? OnInterruption = null, bool ProgressToModel = false, bool AnswersTurn = true);
