using Bridge.Calls;
using Bridge.Realtime.Turns;
using Bridge.Roles;
using Bridge.Signaling;

namespace Bridge.Tests.Calls;

/// <summary>Joins that meet the end of the host, or the end of the call that they want back.</summary>
public sealed class RegistryTests : IDisposable
{
    private readonly RoleCatalog _roles = new(Path.Combine(Repository.Root, "roles"));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _roles.Dispose();

    [Fact]
    public async Task A_call_that_opens_while_the_host_stops_is_ended_like_the_others()
    {
        CallRegistry registry = null!;
        var stop = new DeedAtFirstLook(() => Assert.True(registry.DrainAsync(TimeSpan.Zero, Cancellation).IsCompletedSuccessfully));
        using var calls = new VirtualCalls(stop);
        registry = calls.Registry(_roles, out var hub);
        await registry.JoinAsync(new HubCaller("connection"), new JoinRequest("demo"), Cancellation);
        Assert.True(stop.Done);
        foreach (var call in registry.Calls)
        {
            Assert.Equal(CallEnd.Shutdown, await call.Ended.WaitAsync(Cancellation));
        }

        while (hub.Told.Count == 0)
        {
            await Task.Yield();
        }

        Assert.Equal(("connection", CallEnd.Shutdown), (hub.Told[0].Connection, hub.Told[0].Notice.Reason));
    }

    [Fact]
    public async Task A_host_that_stops_takes_no_new_call_and_lets_the_running_one_go_on_and_its_page_come_back()
    {
        using var calls = new VirtualCalls();
        var registry = calls.Registry(_roles, out var hub);
        var joined = await registry.JoinAsync(new HubCaller("one"), new JoinRequest("demo"), Cancellation);
        var call = Assert.Single(registry.Calls);
        await registry.OfferAsync("one", new OfferRequest(joined.CallId, "v=0"), Cancellation);
        await calls.Page!.EnterAsync();

        var drain = registry.DrainAsync(TimeSpan.FromSeconds(30), Cancellation);
        Assert.True(registry.Draining);
        var refusal = await Assert.ThrowsAsync<SignalRefusal>(
            () => registry.JoinAsync(new HubCaller("two"), new JoinRequest("demo"), Cancellation));
        Assert.Equal(SignalCodes.ShuttingDown, refusal.Code);
        Assert.True((await registry.JoinAsync(new HubCaller("three"), new JoinRequest("demo", joined.ResumeToken), Cancellation)).Resumed);

        await calls.PassAsync(call, TimeSpan.FromSeconds(29));
        Assert.False(call.Ended.IsCompleted);
        await calls.PassAsync(call, TimeSpan.FromSeconds(2));
        Assert.Equal(CallEnd.Shutdown, await calls.EndAsync(call));
        await drain;
        Assert.Equal(("three", CallEnd.Shutdown), hub.Told.Select(t => (t.Connection, t.Notice.Reason)).Last());
    }

    [Fact]
    public async Task A_host_that_stops_is_over_with_its_last_call()
    {
        using var calls = new VirtualCalls();
        var registry = calls.Registry(_roles, out _);
        await registry.JoinAsync(new HubCaller("one"), new JoinRequest("demo"), Cancellation);
        var call = Assert.Single(registry.Calls);
        var drain = registry.DrainAsync(TimeSpan.FromHours(1), Cancellation);
        call.Post(new TurnInput.HangUpRequested(CallEnd.Hangup));
        Assert.Equal(CallEnd.Hangup, await calls.EndAsync(call));
        await drain.WaitAsync(Cancellation);
    }

    [Fact]
    public async Task A_host_in_a_hurry_writes_the_records_and_waits_for_no_recap()
    {
        using var calls = new VirtualCalls();
        var registry = calls.Registry(_roles, out _);
        await registry.JoinAsync(new HubCaller("one"), new JoinRequest("cooking-guide"), Cancellation);
        var call = Assert.Single(registry.Calls);
        using var hurry = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var drain = registry.DrainAsync(TimeSpan.FromSeconds(30), hurry.Token);
        Assert.False(drain.IsCompleted);
        await hurry.CancelAsync();
        Assert.Equal(CallEnd.Shutdown, await call.Ended.WaitAsync(Cancellation));
        await drain;
        Assert.Equal(CallEnd.Shutdown, Assert.Single(calls.Store.Saved).Reason);
    }

    [Fact]
    public async Task A_page_that_makes_offers_without_end_is_told_to_wait()
    {
        using var calls = new VirtualCalls();
        var registry = calls.Registry(_roles, out _);
        var joined = await registry.JoinAsync(new HubCaller("one"), new JoinRequest("demo"), Cancellation);
        for (var i = 0; i < 60; i++)
        {
            await registry.OfferAsync("one", new OfferRequest(joined.CallId, "v=0"), Cancellation);
        }

        var refusal = await Assert.ThrowsAsync<SignalRefusal>(
            () => registry.OfferAsync("one", new OfferRequest(joined.CallId, "v=0"), Cancellation));
        Assert.Equal("This call has had too many offers; wait a moment.", refusal.Message);
        Assert.Equal(SignalCodes.SlowDown, refusal.Code);
        Assert.InRange(refusal.RetryAfterSeconds!.Value, 1, 2);
        await EndAsync(calls, registry);
    }

    [Theory]
    [InlineData(CallEnd.ConnectionLost, false)]
    [InlineData(CallEnd.Hangup, true)]
    public async Task A_call_that_was_given_up_takes_nobody_back_and_one_that_says_goodbye_its_page(string reason, bool back)
    {
        using var calls = new VirtualCalls();
        var registry = calls.Registry(_roles, out _);
        var first = await registry.JoinAsync(new HubCaller("one"), new JoinRequest("demo"), Cancellation);
        var call = Assert.Single(registry.Calls);
        await registry.OfferAsync("one", new OfferRequest(first.CallId, "v=0"), Cancellation);
        var page = calls.Page!;
        await page.EnterAsync();
        Assert.Equal(
            first.CallId,
            (await registry.JoinAsync(new HubCaller("two"), new JoinRequest("demo", first.ResumeToken), Cancellation)).CallId);

        // The goodbye has no answer, so that the call can't be over yet.
        call.Post(new TurnInput.HangUpRequested(reason));
        await VirtualCalls.SettleAsync(call);
        var next = await registry.JoinAsync(new HubCaller("three"), new JoinRequest("demo", first.ResumeToken), Cancellation);
        Assert.Equal(back, next.Resumed);
        Assert.Equal(back, first.CallId == next.CallId);
        await EndAsync(calls, registry);
    }

    [Fact]
    public async Task A_page_that_wants_its_call_back_alone_opens_no_other_and_is_told_how_it_ended()
    {
        using var calls = new VirtualCalls();
        var registry = calls.Registry(_roles, out _);
        var first = await registry.JoinAsync(new HubCaller("one"), new JoinRequest("demo"), Cancellation);
        var back = new JoinRequest("demo", first.ResumeToken, ResumeOnly: true);
        Assert.True((await registry.JoinAsync(new HubCaller("two"), back, Cancellation)).Resumed);

        // Virtual time stands still: a living call is not waited for.
        var living = await Assert.ThrowsAsync<SignalRefusal>(() => registry.RecapAsync(new RecapRequest(first.ResumeToken), Cancellation));
        Assert.Equal((SignalCodes.UnknownCall, "This call is not over."), (living.Code, living.Message));
        var call = Assert.Single(registry.Calls);
        call.Post(new TurnInput.HangUpRequested(CallEnd.ConnectionLost));
        var end = await registry.RecapAsync(new RecapRequest(first.ResumeToken), Cancellation);
        Assert.Equal((first.CallId, CallEnd.ConnectionLost), (end.CallId, end.Reason));
        foreach (var request in new[] { back, new JoinRequest("demo", ResumeOnly: true),
            new JoinRequest("demo", "no token of ours", ResumeOnly: true) })
        {
            var refusal = await Assert.ThrowsAsync<SignalRefusal>(() => registry.JoinAsync(new HubCaller("three"), request, Cancellation));
            Assert.Equal(SignalCodes.CallOver, refusal.Code);
        }

        await EndAsync(calls, registry);
        Assert.Equal(
            SignalCodes.UnknownCall,
            (await Assert.ThrowsAsync<SignalRefusal>(() => registry.RecapAsync(new RecapRequest("no token of ours"), Cancellation))).Code);
    }

    [Fact]
    public async Task A_line_without_an_offer_is_given_back_after_fifteen_seconds_and_leaves_no_record()
    {
        using var calls = new VirtualCalls();
        var registry = calls.Registry(_roles, out _);
        await registry.JoinAsync(new HubCaller("one"), new JoinRequest("demo"), Cancellation);
        var call = Assert.Single(registry.Calls);
        calls.Time.Advance(TimeSpan.FromSeconds(14.9));
        await VirtualCalls.SettleAsync(call);
        Assert.False(call.Ended.IsCompleted);
        calls.Time.Advance(TimeSpan.FromSeconds(0.2));
        Assert.Equal(CallEnd.ConnectionLost, await calls.EndAsync(call));
        Assert.Empty(calls.Store.Saved);
    }

    [Fact]
    public async Task A_call_that_was_offered_outlives_the_fifteen_seconds_and_its_hub_connection()
    {
        using var calls = new VirtualCalls();
        var registry = calls.Registry(_roles, out _);
        var joined = await registry.JoinAsync(new HubCaller("one"), new JoinRequest("demo"), Cancellation);
        await registry.OfferAsync("one", new OfferRequest(joined.CallId, "v=0"), Cancellation);
        calls.Time.Advance(TimeSpan.FromSeconds(16));
        await registry.DisconnectedAsync("one");
        await VirtualCalls.SettleAsync(Assert.Single(registry.Calls));
        Assert.Equal(
            joined.CallId,
            (await registry.JoinAsync(new HubCaller("two"), new JoinRequest("demo", joined.ResumeToken), Cancellation)).CallId);
        await EndAsync(calls, registry);
    }

    [Fact]
    public async Task A_line_without_an_offer_is_given_back_with_its_connection()
    {
        using var calls = new VirtualCalls();
        var registry = calls.Registry(_roles, out _);
        var one = await registry.JoinAsync(new HubCaller("one"), new JoinRequest("demo"), Cancellation);
        var other = await registry.JoinAsync(new HubCaller("other"), new JoinRequest("demo"), Cancellation);

        // Virtual time may pass while the first one ends; a line with an offer does not mind.
        await registry.OfferAsync("other", new OfferRequest(other.CallId, "v=0"), Cancellation);
        var call = registry.Calls.Single(c => c.Id == one.CallId);
        await registry.DisconnectedAsync("one");
        Assert.Equal(CallEnd.ConnectionLost, await calls.EndAsync(call));
        Assert.Equal(other.CallId, Assert.Single(registry.Calls, c => !c.Ended.IsCompleted).Id);
        await EndAsync(calls, registry);
    }

    [Fact]
    public async Task A_resume_token_is_renewed_at_each_takeover_and_the_one_before_is_good_until_the_new_one_was_used()
    {
        using var calls = new VirtualCalls();
        var registry = calls.Registry(_roles, out _);
        var first = await registry.JoinAsync(new HubCaller("one"), new JoinRequest("demo"), Cancellation);
        var second = await ResumeAsync(first.ResumeToken);
        var repeated = await ResumeAsync(first.ResumeToken); // the reply was lost
        var third = await ResumeAsync(repeated.ResumeToken);
        Assert.Equal(4, new[] { first, second, repeated, third }.Select(reply => reply.ResumeToken).Distinct().Count());
        Assert.All(new[] { second, repeated, third }, reply => Assert.Equal((first.CallId, true), (reply.CallId, reply.Resumed)));
        foreach (var stale in new[] { first, second })
        {
            var refusal = await Assert.ThrowsAsync<SignalRefusal>(() => ResumeAsync(stale.ResumeToken));
            Assert.Equal(SignalCodes.CallOver, refusal.Code);
        }

        Assert.Single(registry.Calls);
        await EndAsync(calls, registry);

        Task<JoinReply> ResumeAsync(string token) =>
            registry.JoinAsync(new HubCaller("two"), new JoinRequest("demo", token, ResumeOnly: true), Cancellation);
    }

    private static async Task EndAsync(VirtualCalls calls, CallRegistry registry)
    {
        var drain = registry.DrainAsync(TimeSpan.Zero, Cancellation);
        foreach (var call in registry.Calls)
        {
            await calls.EndAsync(call);
        }

        await drain;
    }
}
