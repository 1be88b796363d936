using System.Text;
using Bridge.Access;
using Bridge.Calls;
using Bridge.Configuration;
using Bridge.Money;
using Bridge.Realtime.Conversation;
using Bridge.Records;

namespace Bridge.Tests.Calls;

/// <summary>A call that goes on after its host crashed: what it has cost and how long it has lasted go on, too.</summary>
public sealed class RevivedTests
{
    private const decimal Budget = 0.2m;
    private static readonly TimeSpan Before = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task Budget_and_minutes_go_on_from_where_they_were()
    {
        var before = await FirstLifeAsync();
        Assert.InRange(before.Cost!.Value, 0.001m, Budget / 2);

        // Another host, whose ledger knows nothing of the call.
        using var calls = Calls();
        calls.Time.Advance(Before);
        Assert.True(ConversationLog.TryParse(before.Log, out var log));
        Assert.NotEmpty(log.Items);
        var revived = new RevivedCall(
            before, log, log.Entries.Count,
            new CallPassport(Caller.Anonymous, null, null, new Dictionary<string, string>()));
        var (call, page) = await calls.OpenAsync("dear", id: before.Id, revived: revived);
        BudgetAccount[] account =
            [new BudgetAccount(new AccountKey("call/" + call.Id, null, BudgetUnit.MicroDollars), (long)(Budget * 1_000_000))];
        var spent = (long)(before.Cost.Value * 1_000_000);
        await calls.UntilAsync(call, () => Left() < Budget * 1_000_000, TimeSpan.FromSeconds(1));
        Assert.InRange(Left(), 0, (Budget * 1_000_000) - spent);

        // Five minutes in all: two are left, and the last of them begins with the warning. The goodbye comes after them.
        var began = calls.Clock.Elapsed;
        await calls.UntilAsync(call, () => Notices().Contains("time_limit"), TimeSpan.FromSeconds(130));
        Assert.InRange(calls.Clock.Elapsed - began, TimeSpan.FromSeconds(110), TimeSpan.FromSeconds(122));
        Assert.Equal("time_limit", await calls.EndAsync(call));
        Assert.Equal(["time_low", "time_limit"], Notices());
        Assert.True(call.Vitals.Cost > before.Cost, $"{call.Vitals.Cost} after {before.Cost}");

        IEnumerable<string?> Notices() => page.Told("call/notice").Select(n => n.GetProperty("kind").GetString());

        long Left() => calls.Ledger.LeftAsync(account).AsTask().GetAwaiter().GetResult();
    }

    private static VirtualCalls Calls()
    {
        var calls = new VirtualCalls(configure: o =>
        {
            o.Prices["rehearsal"] = new PriceOptions { TextInput = 4, AudioInput = 32, TextOutput = 16, AudioOutput = 64 };
            o.Budgets.Call.Dollars = Budget;
            o.Budgets.Call.Minutes = 5;
        });
        calls.Roles.Add(
            "dear", "words: { closing: Soon we have to stop., goodbye: That was all. }\n",
            "otherwise: This is an answer of some length.\n");
        return calls;
    }

    private static async Task<UnfinishedCall> FirstLifeAsync()
    {
        using var calls = Calls();
        var (call, page) = await calls.OpenAsync("dear");
        await page.AskAsync(2, "page/text", new { text = "Hello" });
        await calls.UntilAsync(call, () => page.Heard.Count > 20, TimeSpan.FromSeconds(10));
        await calls.PassAsync(call, TimeSpan.FromSeconds(20));
        await calls.Writer.PostAsync(new RecordWrite.Probe());
        var origin = calls.Store.Written.OfType<RecordWrite.Begun>().Single().Origin;
        var record = calls.Store.Saved[^1];
        var log = Encoding.UTF8.GetBytes(record.Conversation!.Value.GetRawText());
        return new UnfinishedCall(
            call.Id, origin, calls.Clock.UtcNow, record.Usage, record.Cost, log, calls.Store.Written.OfType<RecordWrite.Entry>().Count(),
            new Dictionary<string, string>(), 0);
    }
}
