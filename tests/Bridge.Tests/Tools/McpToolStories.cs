using System.Text.Json;
using Bridge.Roles;
using Bridge.Tools;
using Microsoft.AspNetCore.Http;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Bridge.Tests.Tools;

public sealed class McpToolStories
{
    private static readonly string Script = Path.Combine(AppContext.BaseDirectory, "Tools", "mcp-server.mjs");

    private static ToolDeclaration Node(params string[] allow) => ToolBench.Tool("calc", ToolTarget.Mcp) with
    {
        Timeout = TimeSpan.FromSeconds(20),
        BargeIn = BargeInPolicy.Cancel,
        Mcp = new McpToolSettings { Command = "node", Arguments = [Script], Allow = allow, Secrets = new Dictionary<string, string> { ["GREETING"] = "hello ${WHO}" } },
    };

    [Fact]
    public async Task The_tools_of_a_program_are_listed_prefixed_allowed_checked_and_called()
    {
        await using var bench = new ToolBench(new ToolOptions { AllowCommands = true, Secrets = { ["WHO"] = "Ada" } });
        bench.Use(ToolBench.Tool("wave"), Node("add", "environment", "odd name!", "missing"));
        Assert.Equal(["wave"], bench.Dispatcher.Declared.Select(tool => tool.Name));
        await bench.DeclaredChanges();
        Assert.Equal(["wave", "calc_add", "calc_environment", "calc_odd_name_"], bench.Dispatcher.Declared.Select(tool => tool.Name));
        Assert.Equal("tool_mcp: calc: the server has no tool missing.", Assert.Single(bench.Problems));
        var declared = bench.Dispatcher.Declared[1];
        Assert.Equal(("Adds two numbers.", BargeInPolicy.Cancel), (declared.Description, declared.BargeIn));

        Assert.Equal("""{"sum":5}""", (await bench.Call("calc_add", """{"a":2,"b":3}""")).Output.GetRawText());
        Assert.Contains(bench.Activities, activity => activity is { Phase: "progress", Message: "adding", Percentage: 25 });
        Assert.Contains("/b is missing", (await bench.Call("calc_add", """{"a":2}""")).Output.GetRawText());
        Assert.Equal("calc_odd_name_ failed: it does not work", ToolBench.Error(await bench.Call("calc_odd_name_")));
        Assert.StartsWith("There is no tool calc_hidden.", ToolBench.Error(await bench.Call("calc_hidden")));

        var environment = (await bench.Call("calc_environment")).Output.GetProperty("text").GetString()!;
        Assert.EndsWith(" hello Ada", environment);
        Assert.Contains("PATH", environment);
        Assert.DoesNotContain("DOTNET", environment);
    }

    [Fact]
    public async Task A_program_made_with_the_official_package_is_listed_and_called()
    {
        await using var bench = new ToolBench(new ToolOptions { AllowCommands = true, Secrets = { ["SHOP"] = "t-9" } });
        bench.Use(ToolBench.Tool("shop", ToolTarget.Mcp) with
        {
            Timeout = TimeSpan.FromSeconds(20),
            Mcp = new McpToolSettings
            {
                Command = "dotnet",
                Arguments = [typeof(McpToolStories).Assembly.Location, OfficialMcpServer.Argument],
                Allow = ["stock", "who.am.i", "count"],
                Secrets = new Dictionary<string, string> { ["TOKEN"] = "${SHOP}" },
            },
        });
        await bench.DeclaredChanges();
        Assert.Equal(["shop_count", "shop_stock", "shop_who_am_i"], bench.Dispatcher.Declared.Select(tool => tool.Name).Order(StringComparer.Ordinal));
        Assert.Equal("Stock of an article.", bench.Dispatcher.Declared.Single(tool => tool.Name == "shop_stock").Description);
        Assert.Equal("""{"text":"egg: 3 left"}""", (await bench.Call("shop_stock", """{"sku":"egg"}""")).Output.GetRawText());
        Assert.Contains("/sku is missing", (await bench.Call("shop_stock")).Output.GetRawText());
        Assert.Equal("""{"text":"t-9"}""", (await bench.Call("shop_who_am_i")).Output.GetRawText());
        Assert.Contains("The stock is being counted.", ToolBench.Error(await bench.Call("shop_count")));
        Assert.StartsWith("There is no tool shop_hidden.", ToolBench.Error(await bench.Call("shop_hidden")));
    }

    [Fact]
    public async Task A_program_that_died_is_started_again_for_the_next_call()
    {
        await using var bench = new ToolBench(new ToolOptions { AllowCommands = true, Secrets = { ["WHO"] = "Ada" } });
        bench.Use(Node("*"));
        await bench.DeclaredChanges();
        Assert.Equal("calc_die failed: its server can not be reached.", ToolBench.Error(await bench.Call("calc_die")));
        Assert.Equal("""{"sum":3}""", (await bench.Call("calc_add", """{"a":1,"b":2}""")).Output.GetRawText());
    }

    [Fact]
    public async Task A_server_that_can_not_be_used_is_left_out_and_said()
    {
        await using var bench = new ToolBench(new ToolOptions { Secrets = { ["WHO"] = "Ada" } });
        bench.Use(ToolBench.Tool("wave"), Node("*"));
        await bench.ProblemTold();

        Assert.Equal("tool_mcp: calc: the MCP server can not be used: this host starts no programs for roles; allow it with Bridge:Tools:AllowCommands=true.", Assert.Single(bench.Problems));
        Assert.Equal(["wave"], bench.Dispatcher.Declared.Select(tool => tool.Name));
    }

    [Fact]
    public async Task A_server_over_http_is_used_with_the_official_package_on_both_ends()
    {
        var authorisations = new HashSet<string>();
        await using var transport = new StreamableHttpServerTransport { SessionId = "s1" };
        await using var server = ModelContextProtocol.Server.McpServer.Create(transport, new McpServerOptions
        {
            ServerInfo = new Implementation { Name = "shop", Version = "1" },
            ToolCollection = [McpServerTool.Create((string sku) => $"{sku}: 3 left", new McpServerToolCreateOptions { Name = "stock", Description = "Stock of an article." })],
        });
        using var stop = new CancellationTokenSource();
        var running = server.RunAsync(stop.Token);
        await using var hook = await WebHook.Start(async context =>
        {
            lock (authorisations)
            {
                authorisations.Add(context.Request.Headers.Authorization.ToString());
            }

            if (context.Request.Method != "POST")
            {
                context.Response.StatusCode = 405;
                return;
            }

            var message = await context.Request.ReadFromJsonAsync<JsonRpcMessage>(McpJsonUtilities.DefaultOptions);
            context.Response.Headers["Mcp-Session-Id"] = "s1";
            context.Response.ContentType = "text/event-stream";
            if (!await transport.HandlePostRequestAsync(message!, context.Response.Body, context.RequestAborted))
            {
                context.Response.ContentType = null;
                context.Response.StatusCode = 202;
            }
        });
        await using (var bench = new ToolBench(new ToolOptions { AllowPrivateAddresses = true, Secrets = { ["TOKEN"] = "t-9" } }))
        {
            bench.Use(ToolBench.Tool("shop", ToolTarget.Mcp) with
            {
                Mcp = new McpToolSettings { Url = hook.Url, Allow = ["*"], Secrets = new Dictionary<string, string> { ["Authorization"] = "Bearer ${TOKEN}" } },
            });
            await bench.DeclaredChanges();
            Assert.Equal("Stock of an article.", Assert.Single(bench.Dispatcher.Declared).Description);
            Assert.Contains("egg: 3 left", (await bench.Call("shop_stock", """{"sku":"egg"}""")).Output.GetRawText());
            Assert.Equal(["Bearer t-9"], authorisations);
        }

        await stop.CancelAsync();
        await running.ContinueWith(_ => { }, TaskScheduler.Default);
    }

    [Fact]
    public async Task A_server_over_http_inside_the_network_needs_the_hosts_leave()
    {
        await using var bench = new ToolBench();
        bench.Use(ToolBench.Tool("shop", ToolTarget.Mcp) with { Mcp = new McpToolSettings { Url = new Uri("http://127.0.0.1:9/mcp"), Allow = ["*"] } });
        await bench.ProblemTold();

        Assert.StartsWith("tool_mcp: shop: the MCP server can not be used", Assert.Single(bench.Problems));
    }

    [Fact]
    public async Task Servers_that_never_answer_the_goodbye_are_given_up_side_by_side()
    {
        await using var bench = new ToolBench(new ToolOptions { AllowPrivateAddresses = true });
        await using var shop = await SilentMcpServer.Start();
        await using var stall = await SilentMcpServer.Start();
        bench.Use(Http("shop", shop), Http("stall", stall));
        await bench.DeclaredChanges();
        await bench.DeclaredChanges();

        // Both are told before any time has passed: neither waits for the other.
        var ended = bench.Dispatcher.DisposeAsync().AsTask();
        await shop.Goodbye.InTime();
        await stall.Goodbye.InTime();
        Assert.False(ended.IsCompleted);
        await bench.Advance(ended, TimeSpan.FromSeconds(3));
        await ended;
        Assert.Equal(
            ["tool_mcp: shop: the MCP server did not end its session within 3 seconds.", "tool_mcp: stall: the MCP server did not end its session within 3 seconds."],
            bench.Problems.Order(StringComparer.Ordinal));

        // Nothing of the call waits for them any more.
        await shop.GivenUp.InTime();
        await stall.GivenUp.InTime();
    }

    [Fact]
    public async Task A_server_that_broke_and_never_answers_the_goodbye_holds_up_neither_the_answer_nor_the_next_call()
    {
        await using var bench = new ToolBench(new ToolOptions { AllowPrivateAddresses = true });
        await using var shop = await SilentMcpServer.Start();
        bench.Use(Http("shop", shop));
        await bench.DeclaredChanges();
        Assert.Equal("shop_break failed: its server can not be reached.", ToolBench.Error(await bench.Call("shop_break")));
        Assert.Equal("""{"text":"3 left"}""", (await bench.Call("shop_stock")).Output.GetRawText());
        Assert.Equal(2, shop.Sessions);
        await bench.Advance(bench.Dispatcher.DisposeAsync().AsTask(), TimeSpan.FromSeconds(3));
    }

    [Fact]
    public async Task A_connect_that_took_too_long_is_reported_and_ended_though_its_server_never_answers_the_goodbye()
    {
        await using var bench = new ToolBench(new ToolOptions { AllowPrivateAddresses = true });
        await using var shop = await SilentMcpServer.Start(greets: false);
        bench.Use(Http("shop", shop));
        await shop.Initialized.InTime();
        bench.Time.Advance(TimeSpan.FromSeconds(15));
        await shop.Goodbye.InTime();
        await bench.ProblemTold();

        await bench.Dispatcher.DisposeAsync().AsTask().InTime();
        await bench.Advance(shop.GivenUp, TimeSpan.FromSeconds(3));
        Assert.Equal(
            ["tool_mcp: shop: the MCP server can not be used: it did not answer within 15 seconds.", "tool_mcp: shop: the MCP server did not end its session within 3 seconds."],
            bench.Problems.Order(StringComparer.Ordinal));
    }

    private static ToolDeclaration Http(string name, SilentMcpServer server) =>
        ToolBench.Tool(name, ToolTarget.Mcp) with { Mcp = new McpToolSettings { Url = server.Url, Allow = ["*"] } };
}
