namespace Bridge.Realtime.Turns;

/// <summary>What the machine must know of one tool.</summary>
/// <param name="BargeIn">On interruption.</param>
/// <param name="ProgressToModel">Whether progress is told to the model.</param>
/// <param name="AnswersTurn">False: a tool like <c>stay_silent</c>, whose result asks for no further response when it is the only one called.</param>
public sealed record ToolPolicy(ToolBargeIn BargeIn = ToolBargeIn.Keep, bool ProgressToModel = false, bool AnswersTurn = true);
