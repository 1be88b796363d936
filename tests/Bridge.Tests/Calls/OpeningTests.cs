using System.Net;
using System.Security.Claims;
using Bridge.Calls;
using Bridge.Roles;
using Bridge.Signaling;
using Bridge.Tests.Tools;
using Bridge.Tools;

namespace Bridge.Tests.Calls;

/// <summary>When what costs the operator is opened: at the join, or when the page's path has proved itself.</summary>
public sealed class OpeningTests : IDisposable
{
    private readonly RoleCatalog _roles = new(Path.Combine(Repository.Root, "roles"));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static HubCaller Stranger => new("stranger", IPAddress.Parse("203.0.113.7"), new ClaimsPrincipal());

    private static ClaimsPrincipal Ada => new(new ClaimsIdentity([new Claim("sub", "ada")], "ticket"));

    public void Dispose() => _roles.Dispose();

    [Fact]
    public async Task A_strangers_call_opens_a_model_session_once_its_path_has_proved_itself()
    {
        using var calls = new VirtualCalls();
        var registry = calls.Registry(_roles, out _);
        var joined = await registry.JoinAsync(Stranger, new JoinRequest("demo"), Cancellation);
        var call = Assert.Single(registry.Calls);
        await calls.PassAsync(call, TimeSpan.FromSeconds(2));
        await registry.OfferAsync("stranger", new OfferRequest(joined.CallId, "v=0"), Cancellation);
        await calls.PassAsync(call, TimeSpan.FromSeconds(10));
        Assert.Empty(calls.Sessions);

        await calls.Page!.EnterAsync();
        await calls.UntilAsync(call, () => call.Listener is not null, TimeSpan.FromSeconds(2));
        Assert.Single(calls.Sessions);

        // A way back is no second proof: the session stays the one it was.
        calls.Page.Leave();
        await calls.Page.EnterAsync();
        await calls.PassAsync(call, TimeSpan.FromSeconds(1));
        Assert.Single(calls.Sessions);
        await calls.EndAsync(call, call.DisposeAsync());
    }

    [Fact]
    public async Task A_stranger_who_proves_nothing_has_cost_no_session_when_the_line_is_given_back()
    {
        using var calls = new VirtualCalls();
        var registry = calls.Registry(_roles, out _);
        for (var i = 0; i < 20; i++)
        {
            await registry.JoinAsync(Stranger, new JoinRequest("cooking-guide"), Cancellation);
        }

        calls.Time.Advance(TimeSpan.FromSeconds(15.1));
        foreach (var call in registry.Calls)
        {
            await calls.EndAsync(call);
        }

        Assert.Empty(calls.Sessions);
        Assert.Empty(calls.Store.Saved);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_caller_with_a_ticket_and_a_page_on_this_machine_have_their_session_opened_at_the_join(bool ticket)
    {
        using var calls = new VirtualCalls();
        var registry = calls.Registry(_roles, out _);
        var caller = ticket
            ? new HubCaller("ada", IPAddress.Parse("203.0.113.7"), Ada)
            : new HubCaller("here", IPAddress.Loopback, new ClaimsPrincipal(), IsLocal: true);
        await registry.JoinAsync(caller, new JoinRequest("demo"), Cancellation);
        var call = Assert.Single(registry.Calls);
        await calls.UntilAsync(call, () => call.Listener is not null, TimeSpan.FromSeconds(2));
        Assert.Null(calls.Page);
        await calls.EndAsync(call, call.DisposeAsync());
    }

    [Fact]
    public async Task The_programs_of_a_role_are_started_when_its_call_opens_also_after_an_edit()
    {
        // A program that is refused says so when it would be started.
        await using var bench = new ToolBench(open: false);
        bench.Use(Program("first"));
        bench.Use(Program("second"), Program("third"));
        Assert.Empty(bench.Problems);

        bench.Dispatcher.OpenServers();
        await bench.ProblemTold();
        await bench.ProblemTold();
        Assert.All(bench.Problems, problem => Assert.Matches("^tool_mcp: (second|third): ", problem));
        bench.Use(Program("fourth"));
        await bench.ProblemTold();
        Assert.Contains(bench.Problems, problem => problem.StartsWith("tool_mcp: fourth: ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_page_here_is_told_from_others_and_nobody_is_here_once_a_proxy_has_shown_itself()
    {
        await using var host = await RunningHost.StartAsync();
        await using (var hub = await HubClient.ConnectAsync(host.Address, Cancellation))
        {
            Assert.Null((await hub.InvokeAsync("Join", new { role = "demo" }, Cancellation)).Error);
            Assert.True(Assert.Single(host.Get<CallRegistry>().Calls).IsOpen);
        }

        await using var proxied = await HubClient.ConnectAsync(host.Address, Cancellation, header: ("X-Forwarded-For", "203.0.113.7"));
        Assert.Null((await proxied.InvokeAsync("Join", new { role = "demo" }, Cancellation)).Error);
        await using var after = await HubClient.ConnectAsync(host.Address, Cancellation);
        Assert.Null((await after.InvokeAsync("Join", new { role = "demo" }, Cancellation)).Error);
        Assert.Equal(2, host.Get<CallRegistry>().Calls.Count(call => !call.IsEnding && !call.IsOpen));
    }

    [Theory]
    [InlineData("HostNames:0", "bridge.example.org")]
    [InlineData("Proxies:0", "127.0.0.1")]
    [InlineData("PublicAddresses:0", "203.0.113.9")]
    public async Task A_host_that_is_set_up_for_others_takes_nobody_for_a_page_on_this_machine(string key, string value)
    {
        await using var host = await RunningHost.StartAsync((key, value));
        await using var hub = await HubClient.ConnectAsync(host.Address, Cancellation);
        Assert.Null((await hub.InvokeAsync("Join", new { role = "demo" }, Cancellation)).Error);
        Assert.False(Assert.Single(host.Get<CallRegistry>().Calls).IsOpen);
    }

    private static ToolDeclaration Program(string name) =>
        ToolBench.Tool(name, ToolTarget.Mcp) with { Mcp = new McpToolSettings { Command = "node", Allow = ["*"] } };
}
