using Bridge.Calls;
using Bridge.Cluster;
using Bridge.Cluster.Nodes;

namespace Bridge.Tests.Cluster;

/// <summary>A running call moves between two hosts in this process, also where a step of the move fails.</summary>
public sealed class MovedCallTests(RedisServer server) : NodePair(server)
{
    [Fact]
    public async Task The_reply_to_the_last_step_is_lost_and_the_call_goes_on_there_all_the_same()
    {
        var desk = B.Get<RelayDesk>();
        var lost = 0;
        await B.Get<ISignalRelay>().StartAsync(async request =>
        {
            var reply = await desk.AnswerAsync(request);
            if (request.Kind == RelayKind.GoOn && Interlocked.Increment(ref lost) == 1)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, Cancellation);
            }

            return reply;
        });
        await using var page = await MovingPage.CallAsync(A.Address, "demo", Cancellation);
        await MoveAsync(page.CallId);
        await UntilAsync(() => page.Moves == 1);
        Assert.Equal(2, lost);
        Assert.Equal(page.CallId, Assert.Single(B.Get<CallRegistry>().Calls).Id);
        await UntilAsync(() => !A.Get<CallRegistry>().Calls.Any());
        Assert.Null(page.Over);
    }

    [Fact]
    public async Task The_other_node_makes_nothing_ready_and_the_page_is_told_to_join_again()
    {
        var desk = B.Get<RelayDesk>();
        await B.Get<ISignalRelay>().StartAsync(request => request.Kind == RelayKind.Prepare
            ? Task.FromException<RelayReply>(new Bridge.Signaling.SignalRefusal("invalid_request", "It is of another version."))
            : desk.AnswerAsync(request));
        await using var page = await MovingPage.CallAsync(A.Address, "demo", Cancellation);
        await MoveAsync(page.CallId);
        await UntilAsync(() => page.Over is not null);
        Assert.Equal(("moved", 0), (page.Over, page.Moves));
        Assert.Equal(B.Get<ICallDirectory>().Node, (await B.Get<ICallDirectory>().FindAsync(page.CallId))!.Node);
    }

    [Fact]
    public async Task A_call_that_was_made_ready_and_stays_leaves_nothing_behind()
    {
        await using var page = await MovingPage.CallAsync(A.Address, "demo", Cancellation);
        var book = A.Get<SnapshotBook>();
        await UntilAsync(() => book.CanGoOn(page.CallId));
        Assert.True(await book.TryFlushAsync(page.CallId));
        var seat = A.Get<ClusterNode>().SeatOf(page.CallId)!;
        var clock = A.Get<Bridge.Timing.HostClock>();
        var way = await MoveWay.LayAsync(
            seat, B.Get<ICallDirectory>().Node, A.Get<ISignalRelay>(), A.Get<ICallDirectory>(), clock);
        way.TakeBack();
        Assert.Empty(B.Get<CallRegistry>().Calls);

        // It moves later all the same, and back.
        await MoveAsync(page.CallId);
        await UntilAsync(() => page.Moves == 1);
        await UntilAsync(() => !A.Get<CallRegistry>().Calls.Any());
        Assert.Equal(MoveOutcome.Begun, await B.Get<NodeCommands>().MoveAsync(page.CallId));
        await UntilAsync(() => page.Moves == 2);
        Assert.Equal(3, (await A.Get<ICallDirectory>().FindAsync(page.CallId))!.Epoch);

        // The hub connection that it was opened with still ends it.
        await page.HangUpByHubAsync(Cancellation);
        await UntilAsync(() => page.Over == "hangup");
    }

    [Fact]
    public async Task Two_wishes_at_once_move_a_call_once()
    {
        await using var page = await MovingPage.CallAsync(A.Address, "demo", Cancellation);
        await UntilAsync(() => A.Get<SnapshotBook>().CanGoOn(page.CallId));
        await Task.WhenAll(Enumerable.Range(0, 4).Select(i => (i % 2 == 0 ? A : B).Get<NodeCommands>().MoveAsync(page.CallId)));
        await UntilAsync(() => page.Moves == 1);
        await UntilAsync(() => !A.Get<CallRegistry>().Calls.Any());
        Assert.Equal(2, (await B.Get<ICallDirectory>().FindAsync(page.CallId))!.Epoch);
        Assert.Null(page.Over);
    }

    private async Task MoveAsync(string callId)
    {
        await UntilAsync(() => A.Get<SnapshotBook>().CanGoOn(callId));
        Assert.Equal(MoveOutcome.Begun, await B.Get<NodeCommands>().MoveAsync(callId));
    }
}
