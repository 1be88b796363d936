namespace Bridge.Rehearsal;

/// <summary>The words that the script puts behind the caller's audio, turn after turn, and from the start again after the last.</summary>
internal sealed class ScriptedHearing(ReplyPlanner planner)
{
    private int _turns;

    /// <summary>Words of the next turn; empty when the script hears nothing.</summary>
    public string Next => planner.Script.Hears is { Count: > 0 } hears ? hears[_turns % hears.Count] : "";

    /// <summary>Gives the words of the next turn and goes on to the one after it.</summary>
    public string Take()
    {
        var words = Next;
        _turns++;
        return words;
    }
}
