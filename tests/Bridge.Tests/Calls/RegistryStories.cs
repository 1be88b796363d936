using Bridge.Calls;
using Bridge.Realtime.Turns;
using Bridge.Signaling;

namespace Bridge.Tests.Calls;

/// <summary>Joins that meet the end of the host, or the end of the call that they want back.</summary>
public sealed class RegistryStories : IAsyncLifetime
{
    private RunningHost _host = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _host = await RunningHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_call_that_opens_while_the_host_stops_is_ended_like_the_others()
    {
        CallRegistry calls = null!;
        var stop = new DeedAtFirstLook(() => Assert.True(calls.DrainAsync(Cancellation).IsCompletedSuccessfully));
        calls = CallParts.Registry(_host, CallParts.Services(_host, time: stop));
        await calls.JoinAsync("connection", new JoinRequest("demo"), Cancellation);
        Assert.True(stop.Done);
        foreach (var call in calls.Calls)
        {
            Assert.Equal(CallEnd.Shutdown, await call.Ended.WaitAsync(Cancellation));
        }
    }

    [Fact]
    public async Task A_page_that_makes_offers_without_end_is_told_to_wait()
    {
        var calls = CallParts.Registry(_host, CallParts.Services(_host));
        var joined = await calls.JoinAsync("one", new JoinRequest("demo"), Cancellation);
        var answered = 0;
        SignalRefusal? refusal = null;
        for (; answered < 1_000; answered++)
        {
            try
            {
                await calls.OfferAsync("one", new OfferRequest(joined.CallId, "v=0"), Cancellation);
            }
            catch (SignalRefusal refused)
            {
                refusal = refused;
                break;
            }
        }

        Assert.Equal("This call has had too many offers; wait a moment.", refusal?.Message);
        Assert.Equal(SignalCodes.SlowDown, refusal?.Code);
        Assert.InRange(answered, 60, 200);
        await calls.DrainAsync(Cancellation);
    }

    [Theory]
    [InlineData(CallEnd.ConnectionLost, false)]
    [InlineData(CallEnd.Hangup, true)]
    public async Task A_call_that_was_given_up_takes_nobody_back_and_one_that_says_goodbye_its_page(string reason, bool back)
    {
        ScriptedPage? page = null;
        var calls = CallParts.Registry(_host, CallParts.Services(_host, observer => page = new ScriptedPage(observer)));
        var first = await calls.JoinAsync("one", new JoinRequest("demo"), Cancellation);
        var call = Assert.Single(calls.Calls);
        await calls.OfferAsync("one", new OfferRequest(first.CallId, "v=0"), Cancellation);
        page!.Enter();
        Assert.Equal(first.CallId, (await calls.JoinAsync("two", new JoinRequest("demo", first.ResumeToken), Cancellation)).CallId);

        if (back)
        {
            // The goodbye does not get through, so that the call can't be over yet.
            page.Network.Reset();
        }

        call.Post(new TurnInput.HangUpRequested(reason));
        while (!back && !call.IsGivenUp)
        {
            await Task.Delay(1, Cancellation);
        }

        var next = await calls.JoinAsync("three", new JoinRequest("demo", first.ResumeToken), Cancellation);
        page.Network.Set();
        Assert.Equal(back, next.Resumed);
        Assert.Equal(back, first.CallId == next.CallId);
        await calls.DrainAsync(Cancellation);
    }

    [Fact]
    public async Task A_page_that_wants_its_call_back_alone_opens_no_other_and_is_told_how_it_ended()
    {
        var calls = CallParts.Registry(_host, CallParts.Services(_host));
        var first = await calls.JoinAsync("one", new JoinRequest("demo"), Cancellation);
        var back = new JoinRequest("demo", first.ResumeToken, ResumeOnly: true);
        Assert.True((await calls.JoinAsync("two", back, Cancellation)).Resumed);

        var call = Assert.Single(calls.Calls);
        call.Post(new TurnInput.HangUpRequested(CallEnd.ConnectionLost));
        var end = await calls.RecapAsync(new RecapRequest(first.ResumeToken), Cancellation);
        Assert.Equal((first.CallId, CallEnd.ConnectionLost), (end.CallId, end.Reason));
        foreach (var request in new[] { back, new JoinRequest("demo", ResumeOnly: true), new JoinRequest("demo", "no token of ours", ResumeOnly: true) })
        {
            var refusal = await Assert.ThrowsAsync<SignalRefusal>(() => calls.JoinAsync("three", request, Cancellation));
            Assert.Equal(SignalCodes.CallOver, refusal.Code);
        }

        while (calls.Calls.Any())
        {
            // Its place is free a moment after its end.
            await Task.Delay(1, Cancellation);
        }

        Assert.Equal(SignalCodes.UnknownCall, (await Assert.ThrowsAsync<SignalRefusal>(() => calls.RecapAsync(new RecapRequest("no token of ours"), Cancellation))).Code);
        await calls.DrainAsync(Cancellation);
    }
}
