using Bridge.Audio.Playout;
using Bridge.Calls;
using Bridge.Realtime.Model;
using Bridge.Realtime.Turns;

namespace Bridge.Tests.Calls;

/// <summary>A call by the clock: waiting, pacing, ending.</summary>
public sealed class CallTimeTests : IDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly VirtualCalls _calls = new();

    public void Dispose() => _calls.Dispose();

    [Fact]
    public async Task A_page_that_never_says_hello_is_waited_for_two_minutes()
    {
        _calls.Roles.Add("demo");
        var call = _calls.Start("demo");
        await _calls.PassAsync(call, TimeSpan.FromSeconds(119));
        Assert.False(call.IsGivenUp);
        await _calls.PassAsync(call, 2 * Second);
        Assert.True(call.IsGivenUp);
        Assert.Equal(CallEnd.ConnectionLost, await _calls.EndAsync(call));
    }

    [Fact]
    public async Task A_page_that_comes_back_within_its_grace_time_finds_its_call_and_one_that_does_not_loses_it()
    {
        _calls.Roles.Add("demo");
        var (call, page) = await _calls.OpenAsync("demo");
        page.Leave();
        await _calls.PassAsync(call, 29 * Second);
        var again = _calls.Answer(call, fresh: true);
        await again.EnterAsync();
        await _calls.PassAsync(call, 60 * Second);
        Assert.False(call.Ended.IsCompleted);

        again.Leave();
        await _calls.PassAsync(call, 31 * Second);
        Assert.Equal(CallEnd.ConnectionLost, await _calls.EndAsync(call));
    }

    [Fact]
    public async Task A_call_ends_at_the_time_limit_of_its_role()
    {
        _calls.Roles.Add("short", "limits: { minutes: 1 }\n");
        var (call, _) = await _calls.OpenAsync("short");
        await _calls.PassAsync(call, 59 * Second);
        Assert.False(call.Ended.IsCompleted);
        Assert.Equal(CallEnd.TimeLimit, await _calls.EndAsync(call));
    }

    [Fact]
    public async Task The_agents_voice_leaves_a_packet_each_twenty_milliseconds()
    {
        _calls.Roles.Add("demo", "greeting: true\n", "greeting: Good day to you and to everybody in your house.\n");
        var (call, page) = await _calls.OpenAsync("demo");
        await _calls.UntilAsync(call, () => page.Heard.Count == 50, 10 * Second);

        // The first leaves as soon as it is there, within a step of virtual time.
        var heard = page.Heard.Skip(1).ToList();
        Assert.All(heard.Zip(heard.Skip(1)), pair => Assert.Equal(PacketClock.Period, pair.Second - pair.First));
        await _calls.EndAsync(call, call.DisposeAsync());
    }

    [Fact]
    public async Task The_record_is_written_before_the_page_is_told_and_a_page_that_does_not_answer_is_waited_for_one_second()
    {
        var disk = new TaskCompletionSource();
        _calls.Roles.Add("demo");
        var (call, page) = await _calls.OpenAsync("demo");
        _calls.Store.Disk = disk.Task;
        call.Post(new TurnInput.HangUpRequested(CallEnd.Hangup));
        await VirtualCalls.SettleAsync(call);
        Assert.Empty(page.Told("call/ended"));

        disk.SetResult();
        while (page.Told("call/ended").Count == 0)
        {
            await Task.Yield();
        }

        Assert.Equal(CallEnd.Hangup, Assert.Single(_calls.Store.Saved).Reason);
        Assert.False(call.Ended.IsCompleted);
        _calls.Time.Advance(Second);
        Assert.Equal(CallEnd.Hangup, await call.Ended.WaitAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_note_is_on_disk_before_the_model_hears_that_it_is_saved()
    {
        AddWaiter();
        var (call, page) = await _calls.OpenAsync("waiter");
        await page.AskAsync(2, "page/text", new { text = "two gyoza please" });
        await _calls.UntilAsync(call, () => page.Told("call/note").Count == 1, 10 * Second);
        var record = Assert.Single(_calls.Store.Saved);
        Assert.Null(record.Ended);
        Assert.Equal("Two gyoza.", Assert.Single(record.Notes).Text);
        await _calls.UntilAsync(call, () => Outputs().Any(), 10 * Second);
        Assert.Contains("true", Assert.Single(Outputs()), StringComparison.Ordinal);
        await _calls.EndAsync(call, call.DisposeAsync());
        Assert.Equal("Two gyoza.", Assert.Single(_calls.Store.Saved[^1].Notes).Text);
        Assert.NotNull(_calls.Store.Saved[^1].Ended);
    }

    [Fact]
    public async Task A_note_that_can_not_be_written_is_not_saved_and_the_model_is_told_so()
    {
        AddWaiter();
        _calls.Store.Failure = new IOException("No space left on device.");
        var (call, page) = await _calls.OpenAsync("waiter");
        await page.AskAsync(2, "page/text", new { text = "two gyoza please" });
        await _calls.UntilAsync(call, () => Outputs().Any(), 10 * Second);
        Assert.Contains("could not be saved", Assert.Single(Outputs()), StringComparison.Ordinal);
        Assert.Empty(page.Told("call/note"));
        Assert.Contains(page.Told("tool/activity"), a => a.GetProperty("phase").GetString() == "failed");
        await _calls.EndAsync(call, call.DisposeAsync());
    }

    [Fact]
    public async Task A_call_that_is_aborted_writes_its_record_without_waiting_for_a_recap()
    {
        _calls.Roles.Add("demo", recap: "Sum it up.\n");
        var (call, _) = await _calls.OpenAsync("demo");
        call.Abort(CallEnd.Shutdown);
        Assert.Equal(CallEnd.Shutdown, await _calls.EndAsync(call));
        var record = Assert.Single(_calls.Store.Saved);
        Assert.Equal(CallEnd.Shutdown, record.Reason);
        Assert.Null(record.Recap);
    }

    private void AddWaiter() => _calls.Roles.Add(
        "waiter",
        "tools:\n  - name: save\n    target: server\n",
        "rules:\n  - when: [gyoza]\n    call:\n      - name: save\n        arguments: { text: Two gyoza. }\n    then: Your order is "
            + "saved.\n");

    private IEnumerable<string> Outputs() => _calls.Sessions
        .SelectMany(s => s.Sent.OfType<ModelCommand.CreateItem>())
        .Where(c => c.Item.Output is not null)
        .Select(c => c.Item.Output!);
}
