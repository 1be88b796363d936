namespace Bridge.Roles.Settings;

/// <summary>The <c>limits:</c> part of a role: limits of time, tools and money of one call.</summary>
public sealed record RoleLimits
{
    /// <summary>Length of a call, 1 minute..24 hours.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Tool calls within one turn, 1..64; beyond it the model is told to answer.</summary>
    public int ToolSteps { get; init; } = 8;

    /// <summary>Time without a sign of an answer after which it is asked for once more, 5 s..10 minutes; null: as the reasoning effort needs.</summary>
    public TimeSpan? Think { get; init; }

    /// <summary>Cost of a call in US dollars; null for no limit.</summary>
    public decimal? Cost { get; init; }
}
