namespace Bridge.Metrics;

/// <summary>How often calls met which problem, and when last; by code, since the host's start. Holds no sentence and no content.</summary>
/// <param name="time">Dates them.</param>
internal sealed class RecentProblems(TimeProvider time)
{
    // Codes are the program's own words; a service's error codes are among them, and those have no bound.
    private const int MaxCodes = 64;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, ProblemCount> _byCode = new(StringComparer.Ordinal);

    /// <summary>A problem of this code. Where the codes are too many, the one that is seen no more makes room.</summary>
    public void Add(string code)
    {
        lock (_gate)
        {
            var before = _byCode.GetValueOrDefault(code);
            if (before is null && _byCode.Count == MaxCodes)
            {
                _byCode.Remove(_byCode.MinBy(c => c.Value.Last).Key);
            }

            _byCode[code] = new ProblemCount(code, (before?.Count ?? 0) + 1, time.GetUtcNow());
        }
    }

    /// <summary>The latest first.</summary>
    public IReadOnlyList<ProblemCount> Latest()
    {
        lock (_gate)
        {
            return [.. _byCode.Values.OrderByDescending(p => p.Last)];
        }
    }
}
