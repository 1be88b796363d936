namespace Bridge.Benchmarks.Tests;

/// <summary>Bytes are gated, times are charted: docs/benchmarks.md.</summary>
public sealed class AllocationBudgetTests
{
    [Fact]
    public void No_benchmark_allocates_more_than_its_budget_and_each_has_one()
    {
        IReadOnlyDictionary<string, long> budgets = AllocationBudget.Load();
        List<string> excess = [];
        HashSet<string> seen = [];
        foreach ((string benchmark, string parameters, double bytes) in AllocationBudget.Measure())
        {
            seen.Add(benchmark);
            if (!budgets.TryGetValue(benchmark, out long budget))
            {
                excess.Add($"{benchmark} has no budget in benchmarks/budgets.json");
            }
            else if (bytes > budget)
            {
                excess.Add($"{benchmark} ({parameters}) allocates {bytes:F1} bytes per operation, its budget is {budget}");
            }
        }

        foreach (string stale in budgets.Keys.Except(seen))
        {
            excess.Add($"budgets.json names {stale}, which is no benchmark");
        }

        Assert.True(excess.Count == 0, string.Join('\n', excess));
    }
}
