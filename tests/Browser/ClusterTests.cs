using Bridge.Calls;
using Bridge.Cluster;
using Bridge.Tests.Cluster;
using static Microsoft.Playwright.Assertions;

namespace Bridge.Browser.Tests;

/// <summary>Two nodes that share a real Redis, and real pages.</summary>
public sealed class ClusterTests(RedisServer server) : IClassFixture<RedisServer>, IAsyncLifetime
{
    private const string Key = "operators-have-this-key-of-32-characters";

    private readonly TestRoles _roles = TestRoles.WithLamp();
    private readonly TestRoles _older = TestRoles.WithLamp();
    private BrowserHost _a = null!;
    private BrowserHost _b = null!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(RedisServer.Missing is not null, RedisServer.Missing ?? "");
        var redis = server.NewDatabase();
        _older.Write("lamp/agent.instruct", "You sell lamps of yesterday.");
        _a = await BrowserHost.StartAsync(("Roles", _roles.Path), ("Redis", redis), ("Access:OperatorKey", Key));
        _b = await BrowserHost.StartAsync(("Roles", _older.Path), ("Redis", redis), ("Access:OperatorKey", Key));
    }

    public async ValueTask DisposeAsync()
    {
        if (_b is not null)
        {
            await _a.DisposeAsync();
            await _b.DisposeAsync();
        }

        _roles.Dispose();
        _older.Dispose();
    }

    [Fact]
    public async Task The_operators_page_moves_a_call_and_drains_a_node_and_shows_a_revision_that_differs()
    {
        await using var watcher = await _a.OpenQuietAsync();
        await watcher.Page.GotoAsync("/operator");
        await watcher.ById("sign-in").Locator("input").FillAsync(Key);
        await watcher.ById("sign-in").Locator("button").ClickAsync();
        await using var caller = await _a.OpenQuietAsync();
        await caller.StartAsync("lamp");
        await caller.StateAsync("listening");
        var call = Assert.Single(_a.Calls.Calls).Id;
        await watcher.ById("move").ClickAsync();
        await Calling.UntilAsync(() => _b.Calls.Calls.Any(c => c.Id == call && !c.IsEnding));
        await Expect(watcher.ById("count")).ToHaveTextAsync("0");
        await caller.StateAsync("listening");

        // A node without calls of its own is drained; the other one has the call.
        await watcher.Page.GotoAsync("/operator#/health");
        var nodes = watcher.ById("nodes");
        var (own, other) = (Row(_a), Row(_b));
        await Expect(nodes.Locator(other)).ToContainTextAsync("other revision: lamp");
        await Expect(nodes.Locator(other).Locator("td").Nth(1)).ToContainTextAsync("1 /");
        await nodes.Locator(other).GetByRole(Microsoft.Playwright.AriaRole.Button).ClickAsync();
        await Expect(nodes.Locator(other)).ToContainTextAsync("takes no new calls");
        Assert.True(_b.Calls.Draining);
        await Calling.UntilAsync(() => _a.Calls.Calls.Any(c => c.Id == call && !c.IsEnding));
        await Expect(nodes.Locator(own).Locator("td").Nth(1)).ToContainTextAsync("1 /");
        await nodes.Locator(other).GetByRole(Microsoft.Playwright.AriaRole.Button).ClickAsync();
        await Expect(nodes.Locator(other)).ToContainTextAsync("ready");
        Assert.False(_b.Calls.Draining);
        await caller.WriteAsync("blue");
        await caller.SeesAsync("agent-transcript", "the lamp is");
        Assert.All(watcher.Errors, e => Assert.Contains("404", e, StringComparison.Ordinal));
    }

    private static string Row(BrowserHost node) => $"[data-node='{node.Get<ICallDirectory>().Node}']";
}
