using Bridge.Records;
using Bridge.Records.Sql;
using Microsoft.Data.Sqlite;

namespace Bridge.Tests.Records;

/// <summary>Delays that are counted in bins.</summary>
public sealed class DelayBinTests : IDisposable
{
    private readonly SqliteConnection _sqlite = new("Data Source=:memory:");

    public DelayBinTests()
    {
        SQLitePCL.Batteries_V2.Init();
        _sqlite.Open();
    }

    public void Dispose() => _sqlite.Dispose();

    [Fact]
    public void The_middle_of_a_bin_is_near_every_delay_in_it_and_bins_grow_with_delays()
    {
        var last = -1L;
        for (long us = 0; us < 13_000_000; us = (us * 65 / 64) + 37)
        {
            var bin = Bin(us);
            Assert.InRange(bin, last, DelayBins.Count - 1);
            var allowed = Math.Max(us * 0.032 / 1_000, 0.0501);
            Assert.InRange(DelayBins.Milliseconds((int)bin) - (us / 1_000.0), -allowed, allowed);
            last = bin;
        }

        Assert.Equal(DelayBins.Count - 1, Bin(1_000_000_000));
        Assert.Equal(0, Bin(-5));
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("x:1,7:,:3,1002:9,999:1,12", null)]
    [InlineData("5:99,6:1", 0.55)]
    [InlineData("5:98,6:2", 0.65)]
    public void What_is_kept_of_a_call_is_read_and_what_is_no_count_is_left_out(string kept, double? p99)
    {
        var model = new int[DelayBins.Count];
        DelayBins.Add(kept, model, new int[DelayBins.Count]);
        Assert.Equal(p99, DelayBins.Percentile(model, 0.99) is { } ms ? Math.Round(ms, 3) : null);
    }

    private long Bin(long us)
    {
        using var command = new Statement($"select {DelayBins.Sql("us")} from (select @p0 as us) as t", us).On(_sqlite);
        return (long)command.ExecuteScalar()!;
    }
}
