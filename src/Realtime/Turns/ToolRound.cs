namespace Bridge.Realtime.Turns;

/// <summary>The calls of one response, answered together.</summary>
internal sealed class ToolRound
{
    public List<ToolRun> Runs { get; } = [];

    /// <summary>The response that made them has ended: outputs may go out.</summary>
    public bool Closed { get; set; }

    /// <summary>Its outputs ask for no response: the person has gone on.</summary>
    public bool Quiet { get; set; }
}
