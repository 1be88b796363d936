using System.Text;
using Bridge.Access;
using Bridge.Calls;
using Bridge.Configuration;
using Bridge.Money;
using Bridge.Realtime.Conversation;
using Bridge.Realtime.Model;

namespace Bridge.Tests.Calls;

/// <summary>The most that a call may cost: paid before it is said, warned of once, and ended with a goodbye.</summary>
public sealed class BudgetTests
{
    private const string Words = "words: { closing: Soon we have to stop., goodbye: That was all for today. }\n";
    private const string Answers = "otherwise: This is an answer of some length, so that it costs a little more than nothing at all.\n";
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(2);

    [Theory]
    [InlineData(0.05)]
    [InlineData(0.081)]
    [InlineData(0.2)]
    public async Task The_sum_never_passes_the_budget_and_the_goodbye_is_heard_to_its_end(double budget)
    {
        using var calls = Priced(o => o.Budgets.Call.Dollars = (decimal)budget);
        calls.Roles.Add("dear", "model: { max_output_tokens: 150 }\n" + Words, Answers);
        var (call, page) = await calls.OpenAsync("dear");
        var accounts = Account(call, (decimal)budget);
        var reason = await TalkAsync(calls, call, page, async () => Assert.True(await calls.Ledger.LeftAsync(accounts) >= 0));

        Assert.Equal("cost_limit", reason);
        var record = calls.Store.Saved[^1];
        Assert.InRange(record.Cost!.Value, 0.0000001m, (decimal)budget);
        var last = Items(record.Conversation!.Value)[^1];
        Assert.Equal("That was all for today.", last.Text);
        Assert.False(last.Interrupted);
        Assert.True(last.GeneratedMilliseconds > 0);
        Assert.Equal(last.GeneratedMilliseconds, last.HeardMilliseconds);
        Assert.All(calls.Sessions.SelectMany(s => s.Sent).OfType<ModelCommand.CreateResponse>(), c => Assert.NotNull(c.Settings!.MaxOutputTokens));
        Assert.Equal("cost_limit", page.Told("call/notice")[^1].GetProperty("kind").GetString());
    }

    [Fact]
    public async Task At_eighty_percent_model_and_person_are_warned_once_in_the_words_of_the_role()
    {
        using var calls = Priced(o =>
        {
            o.Budgets.Call.Dollars = 0.2m;
            o.Prices["rehearsal"] = new PriceOptions { TextOutput = 16, AudioOutput = 64 };
        });
        calls.Roles.Add("dear", "model: { max_output_tokens: 150 }\n" + Words, Answers);
        var (call, page) = await calls.OpenAsync("dear");
        var accounts = Account(call, 0.2m);
        var shares = new List<(double Share, int Notices)>();
        await TalkAsync(calls, call, page, async () => shares.Add((await calls.Ledger.ShareAsync(accounts), page.Told("call/notice").Count)));

        Assert.All(shares.Where(s => s.Share is > 0 and < CallBudget.WarnAt), s => Assert.Equal(0, s.Notices));
        Assert.Contains(shares, s => s is { Share: >= CallBudget.WarnAt, Notices: 1 });
        Assert.Equal(["cost_low", "cost_limit"], page.Told("call/notice").Select(n => n.GetProperty("kind").GetString()));
        Assert.Equal("Soon we have to stop.", page.Told("call/notice")[0].GetProperty("text").GetString());
        var note = Assert.Single(calls.Sessions[0].Sent.OfType<ModelCommand.CreateItem>(), c => c.Item.Kind == ModelItemKind.SystemMessage);
        Assert.Contains("Soon we have to stop.", note.Item.Text, StringComparison.Ordinal);
        Assert.Single(Items(calls.Store.Saved[^1].Conversation!.Value), i => i.Kind == ModelItemKind.AgentMessage && i.Text == "Soon we have to stop.");
    }

    [Fact]
    public async Task A_role_with_a_cheaper_model_goes_on_with_it_in_another_session()
    {
        using var calls = Priced(o =>
        {
            o.OpenAi.ApiKey = "a key that goes nowhere";
            o.OpenAi.Model = "gpt-realtime";
            o.Budgets.Call.Dollars = 0.1m;
            o.Prices["gpt-realtime"] = o.Prices["rehearsal"];
            o.Prices["small"] = new PriceOptions { TextInput = 0.4m, AudioInput = 3.2m, TextOutput = 1.6m, AudioOutput = 6.4m };
        });
        calls.Roles.Add("thrifty", "model: { max_output_tokens: 60, economy: small }\n" + Words, Answers);
        var (call, page) = await calls.OpenAsync("thrifty");
        await TalkAsync(calls, call, page, () => Task.CompletedTask, () => call.Role.Model.Name == "small" && calls.Sessions.Count == 2
            && calls.Sessions[1].Sent.OfType<ModelCommand.CreateResponse>().Any());
        Assert.Null(calls.Roles.Find("thrifty")!.Model.Name);
        Assert.Contains(calls.Sessions[1].Sent.OfType<ModelCommand.CreateItem>(), c => c.Item.Kind == ModelItemKind.AgentMessage);
        await calls.EndAsync(call, call.DisposeAsync());
        Assert.Equal(["gpt-realtime", "small"], calls.Usage.Read().Rows.Where(r => r.Tokens.OutputAudio > 0).Select(r => r.Model).Order());
    }

    [Fact]
    public async Task The_least_of_the_budgets_of_ticket_role_and_host_counts()
    {
        using var calls = Priced(o => o.Budgets.Call.Dollars = 5);
        calls.Roles.Add("dear", "model: { max_output_tokens: 150 }\nlimits: { cost: 3 }\n" + Words, Answers);
        var (call, page) = await calls.OpenAsync("dear", new Caller { Subject = "ada", Budget = 0.06m });
        Assert.Equal("cost_limit", await TalkAsync(calls, call, page, () => Task.CompletedTask));
        Assert.InRange(calls.Store.Saved[^1].Cost!.Value, 0.001m, 0.06m);
    }

    [Fact]
    public async Task A_limit_of_the_role_alone_is_kept_as_hard()
    {
        using var calls = Priced(_ => { });
        calls.Roles.Add("dear", "model: { max_output_tokens: 150 }\nlimits: { cost: 0.05 }\n" + Words, Answers);
        var (call, page) = await calls.OpenAsync("dear");
        Assert.Equal("cost_limit", await TalkAsync(calls, call, page, () => Task.CompletedTask));
        Assert.InRange(calls.Store.Saved[^1].Cost!.Value, 0.001m, 0.05m);
    }

    [Fact]
    public async Task Fifty_calls_of_one_caller_at_once_never_pass_the_budget_of_its_day()
    {
        const decimal Budget = 0.9m;
        using var calls = Priced(o => o.Budgets.CallerDay.Dollars = Budget);
        calls.Roles.Add("dear", "greeting: true\nmodel: { max_output_tokens: 150 }\n" + Words, "greeting: Good day to you, and welcome to this house of ours.\n" + Answers);
        var ada = new Caller { Subject = "ada", Account = "ada" };
        var open = new List<Call>();
        for (var i = 0; i < 50; i++)
        {
            open.Add((await calls.OpenAsync("dear", ada, $"c{i:x3}")).Call);
        }

        BudgetAccount[] day = [new BudgetAccount(new AccountKey("caller/ada", calls.Ledger.Today, BudgetUnit.MicroDollars), (long)(Budget * 1_000_000))];
        for (var step = 0; step < 400; step++)
        {
            calls.Time.Advance(TimeSpan.FromMilliseconds(20));
            Assert.True(await calls.Ledger.LeftAsync(day) >= 0);
            foreach (var call in open)
            {
                await VirtualCalls.SettleAsync(call);
            }
        }

        foreach (var call in open)
        {
            await calls.EndAsync(call, call.DisposeAsync());
        }

        Assert.InRange(calls.Store.Saved.Sum(r => r.Cost ?? 0), 0.1m, Budget);
        Assert.Contains(calls.Store.Saved, r => r.Reason == "cost_limit");
    }

    [Fact]
    public async Task A_recap_is_paid_too_and_left_out_when_it_can_not_be()
    {
        using var calls = Priced(o => o.Budgets.Call.Dollars = 0.03m);
        calls.Roles.Add("dear", "model: { max_output_tokens: 40 }\nwords: { closing: '', goodbye: '' }\n", Answers + "recap: This is what was said.\n", recap: new string('x', 9_000));
        var (call, page) = await calls.OpenAsync("dear");
        await page.AskAsync(2, "page/text", new { text = "Hello" });
        await calls.UntilAsync(call, () => page.Heard.Count > 20, Long);
        await calls.EndAsync(call, call.DisposeAsync());
        Assert.Equal("", calls.Store.Saved[^1].Recap ?? "");
        Assert.InRange(calls.Store.Saved[^1].Cost!.Value, 0.001m, 0.03m);
        Assert.DoesNotContain(calls.Sessions[0].Sent.OfType<ModelCommand.CreateResponse>(), c => c.Settings!.OutOfBand);
    }

    [Fact]
    public async Task Without_a_price_nothing_is_said_where_dollars_are_limited()
    {
        using var calls = new VirtualCalls(configure: o =>
        {
            o.OpenAi.ApiKey = "a key that goes nowhere";
            o.OpenAi.Model = "gpt-realtime";
            o.Budgets.Call.Dollars = 1;
        });
        calls.Roles.Add("dear", "greeting: true\n", Answers);
        var (call, _) = await calls.OpenAsync("dear");
        Assert.Equal("cost_limit", await calls.EndAsync(call));
        Assert.Empty(calls.Sessions[0].Sent.OfType<ModelCommand.CreateResponse>());
    }

    [Fact]
    public async Task The_rehearsal_model_costs_nothing_and_has_no_budget()
    {
        using var calls = new VirtualCalls(configure: o => o.Budgets.Call.Dollars = 0.0001m);
        calls.Roles.Add("demo", "greeting: true\n", "greeting: Good day.\n");
        var (call, page) = await calls.OpenAsync("demo");
        await calls.UntilAsync(call, () => page.Heard.Count > 20, Long);
        Assert.Null(Assert.Single(calls.Sessions[0].Sent.OfType<ModelCommand.CreateResponse>()).Settings!.MaxOutputTokens);
        await calls.EndAsync(call, call.DisposeAsync());
    }

    private static VirtualCalls Priced(Action<BridgeOptions> configure) => new(configure: o =>
    {
        o.Prices["rehearsal"] = new PriceOptions { TextInput = 4, CachedText = 0.4m, AudioInput = 32, CachedAudio = 0.4m, TextOutput = 16, AudioOutput = 64, TranscribedMinute = 0.006m };
        // This limit counts real time.
        o.Limits.Texts = 1_000;
        configure(o);
    });

    private static BudgetAccount[] Account(Call call, decimal dollars) =>
        [new BudgetAccount(new AccountKey("call/" + call.Id, null, BudgetUnit.MicroDollars), (long)(dollars * 1_000_000))];

    private static IReadOnlyList<ConversationItem> Items(System.Text.Json.JsonElement conversation)
    {
        Assert.True(ConversationLog.TryParse(Encoding.UTF8.GetBytes(conversation.GetRawText()), out var log));
        return log.Items;
    }

    /// <summary>The person types, hears the answer, and types again, until the call ends or enough is said.</summary>
    private static async Task<string?> TalkAsync(VirtualCalls calls, Call call, ScriptedPage page, Func<Task> look, Func<bool>? enough = null)
    {
        for (var id = 2; id < 200 && !call.Ended.IsCompleted && enough?.Invoke() != true; id++)
        {
            // Virtual time stands still until the text has come through the pool.
            var heard = page.Heard.Count;
            await Task.WhenAny(page.AskAsync(id, "page/text", new { text = "And then? " + id }), call.Ended);
            await calls.UntilAsync(call, () => call.Ended.IsCompleted || page.Heard.Count > heard, Long);
            for (var before = -1; !call.Ended.IsCompleted && before != page.Heard.Count;)
            {
                before = page.Heard.Count;
                await calls.PassAsync(call, TimeSpan.FromMilliseconds(200));
                await look();
            }
        }

        return enough is null ? await calls.EndAsync(call) : null;
    }
}
