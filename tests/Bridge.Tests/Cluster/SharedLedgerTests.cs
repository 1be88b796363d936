using Bridge.Cluster;
using Bridge.Money;

namespace Bridge.Tests.Cluster;

/// <summary>Sums that several nodes draw on never pass their limits; without Redis each node has its share.</summary>
public sealed class SharedLedgerTests(RedisServer server, ITestOutputHelper output) : IClassFixture<RedisServer>, IAsyncLifetime
{
    private readonly List<IAsyncDisposable> _open = [];
    private readonly string _database = server.NewDatabase();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        Assert.SkipWhen(RedisServer.Missing is not null, RedisServer.Missing ?? "");
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var open in _open)
        {
            await open.DisposeAsync();
        }
    }

    [Fact]
    public async Task However_many_calls_of_two_nodes_draw_at_once_no_sum_passes_its_budget_and_none_is_lost()
    {
        const int calls = 20, callers = 5, rounds = 60;
        const long callerLimit = 190_000, hostLimit = 700_000;
        RedisLedger[] nodes = [await OpenAsync(), await OpenAsync()];
        var seed = Random.Shared.Next();
        var (over, granted, refused) = (0, 0, 0);
        var spent = new long[callers];
        await Task.WhenAll(Enumerable.Range(0, calls).Select(call => Task.Run(async () =>
        {
            var random = new Random(seed + call);
            BudgetAccount[] accounts = [Account($"caller/{call % callers}", callerLimit), Account("host", hostLimit)];
            for (var round = 0; round < rounds; round++)
            {
                var node = nodes[random.Next(2)];
                var most = random.Next(1, 3_000);
                if (await node.ReserveAsync(accounts, random.Next(1, most + 1), most) is not { } held)
                {
                    Interlocked.Increment(ref refused);
                    continue;
                }

                Interlocked.Increment(ref granted);
                Interlocked.Add(ref over, held.Amount > most || await node.LeftAsync(accounts) < 0 ? 1 : 0);
                var used = random.Next(4) == 0 ? held.Amount : random.NextInt64(0, held.Amount + 1);
                await node.SettleAsync(held, used);
                await node.SettleAsync(held, used);
                Interlocked.Add(ref spent[call % callers], used);
            }
        }, Cancellation)));
        output.WriteLine($"seed {seed}: {granted} granted, {refused} refused of {calls * rounds}");
        Assert.Equal((0, 0, 0), (over, nodes[0].Owed, nodes[1].Owed));
        Assert.Equal(hostLimit - spent.Sum(), await nodes[1].LeftAsync([Account("host", hostLimit)]));
        for (var caller = 0; caller < callers; caller++)
        {
            Assert.InRange(spent[caller], 0, callerLimit);
            Assert.Equal(callerLimit - spent[caller], await nodes[0].LeftAsync([Account($"caller/{caller}", callerLimit)]));
        }

        Assert.True(refused > 0, "the budgets are too large to be reached");
    }

    [Fact]
    public async Task A_reservation_is_in_every_account_or_in_none_and_a_charge_may_pass_a_limit()
    {
        var ledger = await OpenAsync();
        BudgetAccount wide = Account("host", 100), narrow = Account("caller/a", 10);
        Assert.Null(await ledger.ReserveAsync([wide, narrow], 11, 20));
        Assert.Equal(100, await ledger.LeftAsync([wide]));
        Assert.Equal(10, (await ledger.ReserveAsync([wide, narrow], 5, 20))!.Amount);
        Assert.Equal(90, await ledger.LeftAsync([wide]));
        Assert.Equal(0, await ledger.ShareAsync([wide]));
        await ledger.ChargeAsync([wide], 200);
        Assert.Equal(2, await ledger.ShareAsync([wide]));
        Assert.Equal(long.MaxValue, (await ledger.ReserveAsync([], 1, long.MaxValue))!.Amount);
    }

    [Fact]
    public async Task The_account_of_a_call_is_forgotten_with_it()
    {
        var ledger = await OpenAsync();
        BudgetAccount[] accounts = [new(new AccountKey("call/c1", null, BudgetUnit.MicroDollars), 50), Account("host", 100)];
        await ledger.ChargeAsync(accounts, 30);
        Assert.Equal(20, await ledger.LeftAsync(accounts));
        await ledger.CloseAsync(accounts);
        Assert.Equal((50, 70), (await ledger.LeftAsync(accounts[..1]), await ledger.LeftAsync(accounts[1..])));
    }

    [Fact]
    public async Task Without_Redis_a_node_draws_on_its_share_and_everything_settles_when_it_is_back()
    {
        var (a, b) = (await OpenAsync(nodes: 2), await OpenAsync(nodes: 2));
        BudgetAccount[] host = [Account("host", 1_000)];
        var before = (await a.ReserveAsync(host, 200, 200))!;
        await b.LeftAsync(host);
        await server.KillAsync();
        await a.SettleAsync(before, 150);
        Assert.True(a.IsAway);

        // 800 were left of 1,000 when it was read last: 400 for each of two nodes.
        Assert.Null(await a.ReserveAsync(host, 401, 401));
        var first = (await a.ReserveAsync(host, 100, 300))!;
        Assert.Equal(300, first.Amount);
        await a.SettleAsync(first, 250);
        await a.SettleAsync(first, 250);
        Assert.Equal(150, (await a.ReserveAsync(host, 1, 300))!.Amount);
        Assert.Equal(400, (await b.ReserveAsync(host, 1, 900))!.Amount);
        await server.StartAsync();
        while (a.IsAway || a.Owed > 0)
        {
            await Task.Delay(20, Cancellation);
            await a.LeftAsync(host);
        }

        // This Redis came back empty: what was held and spent before is settled all the same, and once.
        Assert.Equal(1_000 - 150 - 250, await a.LeftAsync(host));
    }

    [Fact]
    public async Task The_rate_of_one_caller_is_one_for_all_nodes()
    {
        var options = new Bridge.Configuration.BridgeOptions();
        options.Limits.Joins = 3;
        options.Limits.JoinSeconds = 60;
        RedisJoinRates[] nodes = [new(await LinkAsync(), Options(options)), new(await LinkAsync(), Options(options))];
        await nodes[0].TakeAsync("one");
        await nodes[1].TakeAsync("one");
        await nodes[0].TakeAsync("one");
        var refusal = await Assert.ThrowsAsync<Bridge.Signaling.SignalRefusal>(() => nodes[1].TakeAsync("one").AsTask());
        Assert.Equal(Bridge.Signaling.SignalCodes.TooMany, refusal.Code);
        Assert.InRange(refusal.RetryAfterSeconds!.Value, 1, 60);
        await nodes[1].TakeAsync("another");
    }

    private static Microsoft.Extensions.Options.IOptions<T> Options<T>(T value)
        where T : class => Microsoft.Extensions.Options.Options.Create(value);

    private static BudgetAccount Account(string name, long limit) =>
        new(new AccountKey(name, new DateOnly(2026, 11, 30), BudgetUnit.MicroDollars), limit);

    private async Task<RedisLink> LinkAsync()
    {
        var link = new RedisLink(_database, TimeProvider.System, TimeSpan.FromSeconds(5));
        _open.Add(link);
        await link.ConnectAsync();
        return link;
    }

    private async Task<RedisLedger> OpenAsync(int nodes = 1) => new(await LinkAsync(), TimeProvider.System, () => nodes);
}
