using Bridge.Cluster;
using Bridge.Signaling;

namespace Bridge.Tests.Cluster;

/// <summary>Held by every version of the state that nodes share: the directory, the snapshots, the relay.</summary>
public abstract class ClusterContractTests : IAsyncLifetime
{
    private static readonly string[] Tokens = ["hash-1", "hash-2"];
    private static readonly string[] NewTokens = ["hash-3"];
    private protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private protected static readonly ClusterTimes Times = new(TimeSpan.FromMilliseconds(600), TimeSpan.FromMilliseconds(900));

    private protected Node A { get; private set; } = null!;

    private protected Node B { get; private set; } = null!;

    private protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => (A, B) = (await OpenAsync("a"), await OpenAsync("b"));

    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_lease_is_renewed_while_it_lasts_and_taken_anew_when_it_has_ended()
    {
        Assert.False(await A.Directory.RenewLeaseAsync(Report("a")));
        Assert.True(await A.Directory.RenewLeaseAsync(Report("a")));
        Assert.InRange(await B.Directory.LeaseLeftAsync("a"), TimeSpan.FromTicks(1), Times.Lease);
        Assert.Equal(["a"], (await B.Directory.NodesAsync()).Select(n => n.Id));
        await EndAsync("a");
        Assert.Empty(await B.Directory.NodesAsync());
        Assert.False(await A.Directory.RenewLeaseAsync(Report("a")));
        await A.Directory.LeaveAsync();
        Assert.Equal(TimeSpan.Zero, await B.Directory.LeaseLeftAsync("a"));
    }

    [Fact]
    public async Task A_report_comes_to_the_other_nodes_as_it_was_given()
    {
        var report = Report("a") with { Calls = 7, Draining = true };
        await A.Directory.RenewLeaseAsync(report);
        var read = Assert.Single(await B.Directory.NodesAsync());
        Assert.Equal(report.Roles, read.Roles);
        Assert.Equal(report with { Roles = read.Roles }, read);
    }

    [Fact]
    public async Task A_call_is_found_by_each_of_its_tokens()
    {
        await A.Directory.RenewLeaseAsync(Report("a"));
        Assert.True(await A.Directory.KeepAsync("c1", 1, Tokens));
        Assert.True(await A.Directory.KeepAsync("c1", 1, NewTokens));
        foreach (var token in Tokens.Concat(NewTokens))
        {
            Assert.Equal(new CallOwner("c1", "a", 1), await B.Directory.FindByTokenAsync(token));
        }

        Assert.Null(await B.Directory.FindByTokenAsync("hash-4"));
        Assert.Null(await B.Directory.FindAsync("c2"));
    }

    [Fact]
    public async Task A_call_is_taken_over_only_when_the_lease_of_its_node_has_ended()
    {
        var seen = await KeptByAAsync();
        Assert.Equal(seen, await B.Directory.TakeOverAsync(seen));
        await EndAsync("a");
        Assert.Equal(seen with { Node = "b", Epoch = 2 }, await B.Directory.TakeOverAsync(seen));
    }

    [Fact]
    public async Task Of_many_takeovers_at_once_one_succeeds()
    {
        var seen = await KeptByAAsync();
        await A.Directory.LeaveAsync();
        var nodes = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => OpenAsync($"n{i}").AsTask()));
        foreach (var node in nodes)
        {
            await node.Directory.RenewLeaseAsync(Report(node.Directory.Node));
        }

        var owners = await Task.WhenAll(nodes.Select(n => Task.Run(() => n.Directory.TakeOverAsync(seen).AsTask(), Cancellation)));
        var owner = Assert.Single(owners.Distinct());
        Assert.Equal(2, owner!.Epoch);
        Assert.Contains(owner.Node, nodes.Select(n => n.Directory.Node));
    }

    [Fact]
    public async Task What_is_written_with_an_old_epoch_is_refused()
    {
        var seen = await KeptByAAsync();
        Assert.True(await A.Snapshots.SaveAsync("c1", 1, new byte[] { 1 }));
        await A.Directory.LeaveAsync();
        await B.Directory.RenewLeaseAsync(Report("b"));
        Assert.Equal(2, (await B.Directory.TakeOverAsync(seen))!.Epoch);
        Assert.Equal(new byte[] { 1 }, await B.Snapshots.LoadAsync("c1"));
        Assert.True(await B.Snapshots.SaveAsync("c1", 2, new byte[] { 2 }));

        // The paused node wakes.
        Assert.False(await A.Directory.RenewLeaseAsync(Report("a")));
        Assert.False(await A.Directory.KeepAsync("c1", 1, Tokens));
        Assert.False(await A.Snapshots.SaveAsync("c1", 1, new byte[] { 3 }));
        Assert.False(await A.Snapshots.SaveAsync("c1", 2, new byte[] { 3 }));
        await A.Directory.EndAsync("c1", 1);
        Assert.Equal(new CallOwner("c1", "b", 2), await A.Directory.FindAsync("c1"));
        Assert.Equal(new byte[] { 2 }, await A.Snapshots.LoadAsync("c1"));
    }

    [Fact]
    public async Task A_node_whose_lease_had_ended_keeps_what_nobody_has_taken()
    {
        await KeptByAAsync();
        await A.Directory.LeaveAsync();
        Assert.False(await A.Directory.RenewLeaseAsync(Report("a")));
        Assert.True(await A.Directory.KeepAsync("c1", 1, Tokens));
    }

    [Fact]
    public async Task A_call_is_given_to_a_node_that_lives_and_by_its_owner_alone()
    {
        await KeptByAAsync();
        Assert.True(await A.Snapshots.SaveAsync("c1", 1, new byte[] { 1 }));
        Assert.False(await A.Directory.GiveAsync("c1", 1, "b"));
        await B.Directory.RenewLeaseAsync(Report("b"));
        Assert.False(await B.Directory.GiveAsync("c1", 1, "b"));
        Assert.False(await A.Directory.GiveAsync("c1", 2, "b"));
        Assert.True(await A.Directory.GiveAsync("c1", 1, "b"));
        Assert.Equal(new CallOwner("c1", "b", 2), await A.Directory.FindByTokenAsync("hash-1"));
        Assert.Equal(new byte[] { 1 }, await B.Snapshots.LoadAsync("c1"));
        Assert.False(await A.Directory.KeepAsync("c1", 1, Tokens));
        Assert.True(await B.Directory.KeepAsync("c1", 2, Tokens));
    }

    [Fact]
    public async Task A_call_that_is_over_is_remembered_without_its_snapshot_and_comes_back_at_no_node()
    {
        var seen = await KeptByAAsync();
        Assert.True(await A.Snapshots.SaveAsync("c1", 1, new byte[] { 1 }));
        await A.Directory.EndAsync("c1", 1);
        Assert.Equal(seen with { IsOver = true }, await B.Directory.FindByTokenAsync("hash-1"));
        Assert.Null(await B.Snapshots.LoadAsync("c1"));
        await A.Directory.LeaveAsync();
        Assert.True((await B.Directory.TakeOverAsync(seen))!.IsOver);
        Assert.False(await A.Snapshots.SaveAsync("c1", 1, new byte[] { 1 }));
        Assert.False(await A.Directory.KeepAsync("c1", 1, Tokens));
    }

    [Fact]
    public async Task An_entry_that_nobody_keeps_is_forgotten_with_its_snapshot()
    {
        await KeptByAAsync();
        Assert.True(await A.Snapshots.SaveAsync("c1", 1, new byte[] { 1 }));
        await UntilAsync(async () => await B.Directory.FindAsync("c1") is null);
        await UntilAsync(async () => await B.Snapshots.LoadAsync("c1") is null);
        Assert.Null(await B.Directory.TakeOverAsync(new CallOwner("c1", "a", 1)));
    }

    [Fact]
    public async Task A_request_is_answered_by_the_node_that_it_is_for()
    {
        await B.Relay.StartAsync(request =>
            Task.FromResult(RelayReply.Of(new Word($"{request.Kind} {request.From} {request.Read<Word>().Text}"))));
        await A.Relay.StartAsync(_ => Task.FromResult(RelayReply.Done));
        var replies = await Task.WhenAll(Enumerable.Range(0, 50).Select(
            i => A.Relay.AskAsync("b", RelayRequest.Of("offer", "a", new Word($"{i}")), Patience)));
        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"offer a {i}"), replies.Select(r => r.Read<Word>().Text));
        Assert.Null((await B.Relay.AskAsync("a", RelayRequest.Of("offer", "b", new Word("")), Patience)).Body);
    }

    [Fact]
    public async Task A_refusal_comes_back_with_its_code_its_sentence_and_its_time()
    {
        await A.Relay.StartAsync(_ => Task.FromResult(RelayReply.Done));
        await B.Relay.StartAsync(_ => throw new SignalRefusal("slow_down", "Wait a moment.", TimeSpan.FromSeconds(2)));
        var reply = await A.Relay.AskAsync("b", RelayRequest.Of("offer", "a", new Word("")), Patience);
        var refusal = Assert.Throws<SignalRefusal>(() => reply.OrThrow());
        Assert.Equal(("slow_down", "Wait a moment.", 2), (refusal.Code, refusal.Message, refusal.RetryAfterSeconds));
    }

    [Fact]
    public async Task A_node_that_fails_says_so_and_tells_nothing_of_why()
    {
        await A.Relay.StartAsync(_ => Task.FromResult(RelayReply.Done));
        await B.Relay.StartAsync(_ => throw new InvalidOperationException("secret"));
        var reply = await A.Relay.AskAsync("b", RelayRequest.Of("offer", "a", new Word("")), Patience);
        Assert.Equal(SignalCodes.Internal, reply.Code);
        Assert.DoesNotContain("secret", reply.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_that_is_gone_is_told_from_one_that_is_silent()
    {
        await A.Relay.StartAsync(_ => Task.FromResult(RelayReply.Done));
        await B.Relay.StartAsync(_ => new TaskCompletionSource<RelayReply>().Task);
        var request = RelayRequest.Of("offer", "a", new Word(""));
        var silent = TimeSpan.FromMilliseconds(50);
        Assert.False((await Assert.ThrowsAsync<RelayException>(() => A.Relay.AskAsync("b", request, silent))).IsGone);
        Assert.True((await Assert.ThrowsAsync<RelayException>(() => A.Relay.AskAsync("nobody", request, Patience))).IsGone);
    }

    private protected abstract ValueTask<Node> OpenAsync(string name);

    /// <summary>Lets time pass, or virtual time.</summary>
    private protected abstract Task PassAsync();

    private protected static NodeReport Report(string node) => new(
        node, $"host-{node}", "1.2.3", new DateTimeOffset(2026, 11, 30, 12, 0, 0, TimeSpan.Zero), 0, 200, false,
        new Dictionary<string, string> { ["demo"] = "r1" });

    private async Task<CallOwner> KeptByAAsync()
    {
        await A.Directory.RenewLeaseAsync(Report("a"));
        Assert.True(await A.Directory.KeepAsync("c1", 1, Tokens));
        return (await B.Directory.FindByTokenAsync("hash-1"))!;
    }

    // The entry of the call is kept meanwhile.
    private async Task EndAsync(string node) => await UntilAsync(async () =>
    {
        await A.Directory.KeepAsync("c1", 1, Tokens);
        return await B.Directory.LeaseLeftAsync(node) == TimeSpan.Zero;
    });

    private async Task UntilAsync(Func<Task<bool>> condition)
    {
        while (!await condition())
        {
            await PassAsync();
        }
    }

    private protected sealed record Node(ICallDirectory Directory, ICallSnapshots Snapshots, ISignalRelay Relay);

    private sealed record Word(string Text);
}
