namespace Bridge.Roles.Golden;

/// <summary>One turn of a <see cref="GoldenConversation"/>: what the caller says, and what is expected then.</summary>
public sealed record GoldenTurn
{
    /// <summary>Line of the file, for reports.</summary>
    public required int Line { get; init; }

    /// <summary>The caller's words; null when the agent speaks first.</summary>
    public string? User { get; init; }

    /// <summary>Texts that the agent's words of this turn must contain, case ignored.</summary>
    public IReadOnlyList<string> Says { get; init; } = [];

    /// <summary>Texts that the agent's words of this turn must not contain, case ignored.</summary>
    public IReadOnlyList<string> SaysNot { get; init; } = [];

    /// <summary>Texts that what is shown by <c>show</c> must contain, case ignored.</summary>
    public IReadOnlyList<string> Shows { get; init; } = [];

    /// <summary>The calls that must be made, in this order; others may stand between. Empty: none may be made. Null: any.</summary>
    public IReadOnlyList<GoldenCall>? Calls { get; init; }

    /// <summary>The agent says nothing.</summary>
    public bool Silent { get; init; }

    /// <summary>From the caller's last word until the agent's first word or, when it is silent, its last call is answered.</summary>
    public TimeSpan Within { get; init; } = TimeSpan.FromSeconds(30);
}
