namespace Bridge.Realtime.Turns;

/// <summary>One function call, from its arguments to its output in the conversation.</summary>
internal sealed class ToolRun(string runId, string callId, string name, string arguments, ToolPolicy policy)
{
    /// <summary>The host's id of it, unique in the call.</summary>
    public string RunId { get; } = runId;

    /// <summary>The model's id of it.</summary>
    public string CallId { get; } = callId;

    public string Name { get; } = name;

    public string Arguments { get; } = arguments;

    public ToolPolicy Policy { get; } = policy;

    public required ToolRound Round { get; init; }

    public bool Started { get; set; }

    public string? Output { get; set; }

    /// <summary>Images of its result, <c>data:</c> URIs.</summary>
    public IReadOnlyList<string> Images { get; set; } = [];

    /// <summary>Its output is on the way into the conversation.</summary>
    public bool Answered { get; set; }

    /// <summary>It was given an answer early and its result follows later.</summary>
    public bool Detached { get; set; }

    public TimeSpan LastProgress { get; set; } = TimeSpan.MinValue;
}
