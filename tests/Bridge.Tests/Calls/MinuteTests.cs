using System.Text;
using Bridge.Access;
using Bridge.Calls;
using Bridge.Money;
using Bridge.Realtime.Conversation;
using Bridge.Records;

namespace Bridge.Tests.Calls;

/// <summary>How long a call may last: warned two minutes before, and never cut in mid-word.</summary>
public sealed class MinuteTests
{
    private const string Words = "words: { closing: Two minutes are left., goodbye: That was all for today. }\n";
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData(5, null, null, 5)]
    [InlineData(30, 6, null, 6)]
    [InlineData(30, 20, 7.0, 7)]
    [InlineData(30, null, 2.5, 2.5)]
    public async Task A_call_is_warned_two_minutes_before_the_least_of_its_limits_and_ends_there(int role, int? host, double? ticket, double least)
    {
        using var calls = new VirtualCalls(configure: o => o.Budgets.Call.Minutes = host);
        calls.Roles.Add("short", $"limits: {{ minutes: {role} }}\n{Words}");
        var (call, page) = await calls.OpenAsync("short", new Caller { Subject = "ada", Minutes = ticket });
        var limit = TimeSpan.FromMinutes(least);
        var warning = limit < TimeSpan.FromMinutes(4) ? limit / 2 : TimeSpan.FromMinutes(2);
        await calls.PassAsync(call, limit - warning - (2 * Second) - calls.Clock.Elapsed);
        Assert.Empty(page.Told("call/notice"));
        await calls.PassAsync(call, 4 * Second);
        var notice = Assert.Single(page.Told("call/notice"));
        Assert.Equal("time_low", notice.GetProperty("kind").GetString());
        Assert.Equal("Two minutes are left.", notice.GetProperty("text").GetString());
        await calls.Writer.PostAsync(new RecordWrite.Probe());
        Assert.Equal("time_low", Assert.Single(calls.Store.Written.OfType<RecordWrite.BudgetWarned>()).Code);
        await calls.PassAsync(call, warning - (4 * Second));
        Assert.False(call.Ended.IsCompleted);
        await calls.UntilAsync(call, () => page.Told("call/notice").Count == 2, 10 * Second);
        Assert.InRange(calls.Clock.Elapsed, limit, limit + (2 * Second));
        Assert.Equal("time_limit", page.Told("call/notice")[1].GetProperty("kind").GetString());
        Assert.Equal("time_limit", await calls.EndAsync(call));
    }

    [Fact]
    public async Task A_sentence_that_is_being_said_at_the_limit_is_heard_to_its_end_and_then_goodbye()
    {
        using var calls = new VirtualCalls();
        calls.Roles.Add("long", "limits: { minutes: 1 }\n" + Words, $"otherwise: {string.Join(' ', Enumerable.Repeat("and one more word", 60))}.\n");
        var (call, page) = await calls.OpenAsync("long");
        await calls.PassAsync(call, (50 * Second) - calls.Clock.Elapsed);
        await page.AskAsync(2, "page/text", new { text = "Tell me a story" });
        await calls.UntilAsync(call, () => page.Heard.Count > 100, 9 * Second);
        await calls.UntilAsync(call, () => call.Ended.IsCompleted || page.Told("call/ended").Count > 0, TimeSpan.FromMinutes(4));
        Assert.Equal("time_limit", await calls.EndAsync(call));
        Assert.True(calls.Clock.Elapsed > 70 * Second, "the story was not as long as the test needs it");
        Assert.True(ConversationLog.TryParse(Encoding.UTF8.GetBytes(calls.Store.Saved[^1].Conversation!.Value.GetRawText()), out var log));
        var said = log.Items.Where(i => i.Kind == Bridge.Realtime.Model.ModelItemKind.AgentMessage).TakeLast(2).ToList();
        Assert.StartsWith("and one more", said[0].Text, StringComparison.Ordinal);
        Assert.Equal("That was all for today.", said[1].Text);
        Assert.All(said, item => Assert.Equal((false, item.GeneratedMilliseconds), (item.Interrupted, item.HeardMilliseconds)));
    }

    [Fact]
    public async Task What_is_said_after_the_limit_is_not_heard()
    {
        using var calls = new VirtualCalls();
        calls.Roles.Add("long", "limits: { minutes: 1 }\n" + Words, $"otherwise: {string.Join(' ', Enumerable.Repeat("and one more word", 60))}.\n");
        var (call, page) = await calls.OpenAsync("long");
        await calls.PassAsync(call, (55 * Second) - calls.Clock.Elapsed);
        await page.AskAsync(2, "page/text", new { text = "Tell me a story" });
        await calls.PassAsync(call, 10 * Second);
        page.Say(3, "page/text", new { text = "And another one" });
        page.Say(4, "page/pushToTalk", new { down = true });
        Assert.Equal("time_limit", await calls.EndAsync(call));
        Assert.DoesNotContain(calls.Sessions[0].Sent.OfType<Bridge.Realtime.Model.ModelCommand.CreateItem>(), c => c.Item.Text == "And another one");
    }

    [Fact]
    public async Task Minutes_of_a_day_are_shared_by_the_calls_of_a_caller_and_never_passed()
    {
        using var calls = new VirtualCalls(configure: o => o.Budgets.CallerDay.Minutes = 10);
        calls.Roles.Add("demo", Words);
        var ada = new Caller { Subject = "ada", Account = "ada" };
        BudgetAccount[] day = [new BudgetAccount(new AccountKey("caller/ada", calls.Ledger.Today, BudgetUnit.Milliseconds), 600_000)];
        var (first, _) = await calls.OpenAsync("demo", ada, "c001");
        var (second, page) = await calls.OpenAsync("demo", ada, "c002");
        await calls.PassAsync(first, TimeSpan.FromMinutes(3.5));
        Assert.True(await calls.Ledger.LeftAsync(day) >= 0);
        Assert.Single(page.Told("call/notice"));
        Assert.Equal("time_limit", await calls.EndAsync(first));
        Assert.Equal("time_limit", await calls.EndAsync(second));
        Assert.True(calls.Clock.Elapsed > TimeSpan.FromMinutes(4.9), "the calls had five minutes each");
        Assert.Equal(600_000, Assert.Single(calls.Ledger.SumsOf(calls.Ledger.Today)).Value);
    }

    [Fact]
    public async Task A_call_that_ends_early_gives_back_what_it_held()
    {
        using var calls = new VirtualCalls(configure: o => o.Budgets.HostDay.Minutes = 60);
        calls.Roles.Add("demo");
        var (call, _) = await calls.OpenAsync("demo");
        await calls.PassAsync(call, (90 * Second) - calls.Clock.Elapsed);
        await calls.EndAsync(call, call.DisposeAsync());

        // Virtual time goes on while the call is released; more than four minutes were held.
        Assert.InRange(Assert.Single(calls.Ledger.SumsOf(calls.Ledger.Today)).Value, 89_000, 180_000);
        Assert.InRange(Assert.Single(calls.Usage.Read().Rows).Minutes, 1.48, 3);
    }
}
