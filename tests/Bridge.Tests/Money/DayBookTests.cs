using Bridge.Access;
using Bridge.Configuration;
using Bridge.Metrics;
using Bridge.Money;
using Bridge.Realtime.Model;
using Bridge.Tests.Calls;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Bridge.Tests.Money;

/// <summary>The sums of the day after a restart: no budget is given back.</summary>
public sealed class DayBookTests : IDisposable
{
    private static readonly DateOnly Monday = new(2026, 11, 30);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("bridge-day");
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 30, 12, 0, 0, TimeSpan.Zero));
    private readonly BridgeMetrics _metrics = new();

    private string File => Path.Combine(_folder.FullName, "usage", "2026-11-30.json");

    public void Dispose()
    {
        _metrics.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_restart_keeps_the_sums_of_the_day_and_counts_as_spent_what_was_held_when_the_process_was_killed()
    {
        var before = new Life(this);
        await before.Ledger.SettleAsync((await before.Ledger.ReserveAsync([Host(1_000)], 300, 300))!, 250);
        Assert.NotNull(await before.Ledger.ReserveAsync([Host(1_000)], 100, 100));
        before.Usage.Used(new UsageKey("demo", "a1", "m"), new ModelUsage(1, 2, 0, 0, 0, 0, 3, 4), 0.5m);
        _time.Advance(TimeSpan.FromSeconds(1));

        // Killed here: nothing is disposed of.
        await using var after = new Life(this).Book;
        var restarted = new Life(this);
        Assert.Equal(650, await restarted.Ledger.LeftAsync([Host(1_000)]));
        var row = Assert.Single(restarted.Usage.Read().Rows);
        Assert.Equal((0.5m, 1L, 2L, 3L, 4L), (row.Dollars, row.Tokens.InputText, row.Tokens.InputAudio, row.Tokens.OutputText, row.Tokens.OutputAudio));
        Assert.Null(await restarted.Ledger.ReserveAsync([Host(1_000)], 651, 651));
    }

    [Fact]
    public async Task An_orderly_stop_writes_at_once_and_the_next_day_begins_at_nothing()
    {
        var life = new Life(this);
        await life.Ledger.SettleAsync((await life.Ledger.ReserveAsync([Host(1_000)], 300, 300))!, 250);
        life.Usage.Began(new UsageKey("demo", "a1", "m"));
        await life.Book.DisposeAsync();
        _time.Advance(TimeSpan.FromHours(13));
        var tuesday = new Life(this);
        Assert.Equal(1_000, await tuesday.Ledger.LeftAsync([new BudgetAccount(new AccountKey("host", Monday.AddDays(1), BudgetUnit.MicroDollars), 1_000)]));
        Assert.Empty(tuesday.Usage.Read().Rows);
        Assert.Equal(1, Assert.Single(tuesday.Book.UsageOf(Monday)!).Calls);
        Assert.Null(tuesday.Book.UsageOf(Monday.AddDays(-1)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"day":"2026-11-30","sums":[{"account":"host","unit":"euros","sum":1}],"usage":[]}""")]
    [InlineData("""{"day":"2026-11-30","sums":[{"account":"host","unit":"microDollars","sum":1.5}],"usage":[]}""")]
    public void A_file_that_can_not_be_read_stops_the_start_with_a_sentence_that_says_what_to_do(string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(File)!);
        System.IO.File.WriteAllText(File, content);
        var refusal = Assert.Throws<HostStartException>(() => new Life(this));
        Assert.Equal(2, refusal.ExitCode);
        Assert.StartsWith($"{File} can't be read, so that today's spending is unknown (", refusal.Message, StringComparison.Ordinal);
        Assert.EndsWith("repair it, or remove it to begin the day at zero.", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_of_names_that_is_broken_stops_the_start_too()
    {
        System.IO.File.WriteAllText(Path.Combine(_folder.FullName, "usage.key"), "no key");
        Assert.Contains("holds no key any more", Assert.Throws<HostStartException>(() => new Life(this)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_can_not_be_written_costs_no_call_its_answer()
    {
        var life = new Life(this);
        System.IO.File.WriteAllText(Path.Combine(_folder.FullName, "usage"), "in the way");
        Assert.NotNull(await life.Ledger.ReserveAsync([Host(1_000)], 300, 300));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.NotNull(await life.Ledger.ReserveAsync([Host(1_000)], 300, 300));
    }

    [Fact]
    public void A_caller_has_one_name_over_a_restart_and_another_host_can_not_tell_it()
    {
        var ada = new Caller { Subject = "ada" };
        var name = new Life(this).Names.Of(ada, null);
        Assert.Equal(name, new Life(this).Names.Of(ada, null));
        Assert.Matches("^[0-9a-f]{16}$", name);
        System.IO.File.Delete(Path.Combine(_folder.FullName, "usage.key"));
        Assert.NotEqual(name, new Life(this).Names.Of(ada, null));
    }

    [Fact]
    public void The_thousand_and_first_caller_of_a_day_is_counted_as_another()
    {
        var usage = new UsageBook(_time, _metrics);
        for (var i = 0; i < 1_200; i++)
        {
            usage.Began(new UsageKey("demo", $"c{i}", "m"));
            usage.Began(new UsageKey("demo", "c7", "m"));
        }

        var rows = usage.Read().Rows;
        Assert.Equal(1_001, rows.Count);
        Assert.Equal(200, rows.Single(r => r.Caller == UsageBook.OtherCallers).Calls);
        Assert.Equal(1_201, rows.Single(r => r.Caller == "c7").Calls);
    }

    private static BudgetAccount Host(long limit) => new(new AccountKey("host", Monday, BudgetUnit.MicroDollars), limit);

    private sealed class Life
    {
        public Life(DayBookTests test)
        {
            var options = Microsoft.Extensions.Options.Options.Create(new BridgeOptions { Data = test._folder.FullName });
            Ledger = new MemoryLedger(test._time);
            Usage = new UsageBook(test._time, test._metrics);
            Names = new CallerNames(options);
            Book = new DayBook(Ledger, Usage, Names, Clocks.Virtual(test._time), options, NullLogger<DayBook>.Instance);
            Book.Load();
        }

        public MemoryLedger Ledger { get; }

        public UsageBook Usage { get; }

        public CallerNames Names { get; }

        public DayBook Book { get; }
    }
}
