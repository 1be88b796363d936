namespace Bridge.Metrics;

/// <summary>A problem that calls met.</summary>
/// <param name="Code">Stable snake_case word.</param>
/// <param name="Count">How often since the host's start.</param>
/// <param name="Last">When last.</param>
internal sealed record ProblemCount(string Code, long Count, DateTimeOffset Last);
