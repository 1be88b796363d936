using Bridge.Money;
using Microsoft.Extensions.Time.Testing;

namespace Bridge.Tests.Money;

/// <summary>Sums that never pass their limits.</summary>
public sealed class LedgerTests(ITestOutputHelper output)
{
    private static readonly DateOnly Monday = new(2026, 11, 30);

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 30, 12, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task However_many_calls_draw_at_once_no_sum_passes_its_budget_and_none_is_lost()
    {
        const int calls = 50, callers = 5, rounds = 4_000;
        const long callLimit = 300_000, callerLimit = 1_900_000, hostLimit = 7_777_777;
        var ledger = new MemoryLedger(_time);
        var seed = Random.Shared.Next();
        var over = 0;
        var (spentByCaller, refused, granted) = (new long[callers], 0L, 0L);
        var accounts = Enumerable.Range(0, calls).Select(call => (BudgetAccount[])
        [
            Account($"call/{call}", callLimit, null), Account($"caller/{call % callers}", callerLimit), Account("host", hostLimit),
        ]).ToArray();
        await Task.WhenAll(Enumerable.Range(0, calls).Select(call => Task.Run(async () =>
        {
            var random = new Random(seed + call);
            for (var round = 0; round < rounds; round++)
            {
                var most = random.Next(1, 3_000);
                if (await ledger.ReserveAsync(accounts[call], random.Next(1, most + 1), most) is not { } held)
                {
                    Interlocked.Increment(ref refused);
                    continue;
                }

                Interlocked.Increment(ref granted);
                Interlocked.Add(ref over, held.Amount > most || await ledger.LeftAsync(accounts[call]) < 0 ? 1 : 0);
                await Task.Yield();
                var used = random.Next(4) == 0 ? held.Amount : random.NextInt64(0, held.Amount / 8 + 1);
                await ledger.SettleAsync(held, used);
                Interlocked.Add(ref spentByCaller[call % callers], used);
            }
        }, TestContext.Current.CancellationToken)));
        var sums = ledger.SumsOf(Monday).ToDictionary(s => s.Key.Name, s => s.Value);
        output.WriteLine($"seed {seed}: {granted} granted, {refused} refused of {calls * rounds}; host {sums["host"]} of {hostLimit}");
        Assert.Equal(0, over);
        Assert.InRange(sums["host"], 1, hostLimit);
        Assert.Equal(spentByCaller.Sum(), sums["host"]);
        for (var caller = 0; caller < callers; caller++)
        {
            Assert.InRange(sums[$"caller/{caller}"], 1, callerLimit);
            Assert.Equal(spentByCaller[caller], sums[$"caller/{caller}"]);
        }

        Assert.True(refused > 0 && granted > refused / 100, "the budgets are too large to be reached, or too small to be used");
    }

    [Fact]
    public async Task A_reservation_is_in_every_account_or_in_none()
    {
        var ledger = new MemoryLedger(_time);
        BudgetAccount wide = Account("host", 100), narrow = Account("caller/a", 10);
        Assert.Null(await ledger.ReserveAsync([wide, narrow], 11, 20));
        Assert.Equal(100, await ledger.LeftAsync([wide]));
        Assert.Equal(10, (await ledger.ReserveAsync([wide, narrow], 5, 20))!.Amount);
        Assert.Equal(90, await ledger.LeftAsync([wide]));
    }

    [Fact]
    public async Task What_was_not_used_is_free_again_and_only_once()
    {
        var ledger = new MemoryLedger(_time);
        BudgetAccount[] host = [Account("host", 100)];
        var held = (await ledger.ReserveAsync(host, 60, 60))!;
        Assert.Equal(0, await ledger.ShareAsync(host));
        await ledger.SettleAsync(held, 25);
        await ledger.SettleAsync(held, 25);
        Assert.Equal(75, await ledger.LeftAsync(host));
        Assert.Equal(0.25, await ledger.ShareAsync(host));
    }

    [Fact]
    public async Task What_was_used_beyond_its_reservation_is_counted_and_nothing_more_is_given()
    {
        var ledger = new MemoryLedger(_time);
        BudgetAccount[] host = [Account("host", 100)];
        await ledger.SettleAsync((await ledger.ReserveAsync(host, 90, 90))!, 120);
        Assert.Equal(1.2, await ledger.ShareAsync(host));
        Assert.Null(await ledger.ReserveAsync(host, 1, 1));
        await ledger.ChargeAsync(host, 30);
        Assert.Equal(1.5, await ledger.ShareAsync(host));
    }

    [Fact]
    public async Task Each_day_has_its_own_sum_and_what_was_held_yesterday_is_spent_yesterday()
    {
        var ledger = new MemoryLedger(_time);
        BudgetAccount[] monday = [Account("host", 100)], tuesday = [new BudgetAccount(new AccountKey("host", Monday.AddDays(1), BudgetUnit.MicroDollars), 100)];
        var held = (await ledger.ReserveAsync(monday, 70, 70))!;
        _time.Advance(TimeSpan.FromHours(13));
        Assert.Equal(Monday.AddDays(1), ledger.Today);
        Assert.NotNull(await ledger.ReserveAsync(tuesday, 100, 100));
        Assert.Equal(70, Assert.Single(ledger.SumsOf(Monday)).Value);
        await ledger.SettleAsync(held, 50);
        Assert.Equal(50, Assert.Single(ledger.SumsOf(Monday)).Value);
    }

    [Fact]
    public async Task The_account_of_a_call_is_forgotten_with_it()
    {
        var ledger = new MemoryLedger(_time);
        BudgetAccount[] accounts = [Account("call/1", 100, null), Account("host", 100)];
        await ledger.SettleAsync((await ledger.ReserveAsync(accounts, 10, 10))!, 10);
        await ledger.CloseAsync(accounts);
        Assert.Equal(100, await ledger.LeftAsync(accounts[..1]));
        Assert.Equal(90, await ledger.LeftAsync(accounts[1..]));
    }

    [Fact]
    public async Task A_reservation_and_its_settlement_cost_no_more_than_their_few_objects()
    {
        const int rounds = 200_000;
        var ledger = new MemoryLedger(_time);
        BudgetAccount[] accounts = [Account("call/1", long.MaxValue, null), Account("caller/1", long.MaxValue), Account("host", long.MaxValue)];
        await RoundAsync();
        var (before, clock) = (GC.GetAllocatedBytesForCurrentThread(), System.Diagnostics.Stopwatch.StartNew());
        for (var i = 0; i < rounds; i++)
        {
            await RoundAsync();
        }

        output.WriteLine($"reserve and settle in three accounts: {clock.Elapsed.TotalMicroseconds / rounds:0.00} us");
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / rounds, 1, 400);

        async ValueTask RoundAsync()
        {
            var held = await ledger.ReserveAsync(accounts, 1, 100);
            await ledger.SettleAsync(held!, 50);
        }
    }

    private static BudgetAccount Account(string name, long limit) => Account(name, limit, Monday);

    private static BudgetAccount Account(string name, long limit, DateOnly? day) => new(new AccountKey(name, day, BudgetUnit.MicroDollars), limit);
}
