using System.Text.Json;
using Bridge.Tools;
using Microsoft.AspNetCore.Http;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Bridge.Tests.Tools;

public sealed class McpToolTests
{
    private static readonly string Script = Path.Combine(AppContext.BaseDirectory, "Tools", "mcp-server.mjs");

    private static ToolDeclaration Node(params string[] allow) => ToolBench.Tool("calc", ToolTarget.Mcp) with
    {
        Timeout = TimeSpan.FromSeconds(20),
        BargeIn = BargeInPolicy.Cancel,
        Mcp = new McpToolSettings
        {
            Command = "node",
            Arguments = [Script],
            Allow = allow,
            Secrets = new Dictionary<string, string> { ["GREETING"] = "hello ${WHO}" },
        },
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

        Assert.Equal("""{"structured":{"sum":5},"text":"5"}""", (await bench.Call("calc_add", """{"a":2,"b":3}""")).Output.GetRawText());
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
                Arguments = [typeof(McpToolTests).Assembly.Location, OfficialMcpServer.Argument],
                Allow = ["stock", "who.am.i", "count"],
                Secrets = new Dictionary<string, string> { ["TOKEN"] = "${SHOP}" },
            },
        });
        await bench.DeclaredChanges();
        Assert.Equal(
            ["shop_count", "shop_stock", "shop_who_am_i"],
            bench.Dispatcher.Declared.Select(tool => tool.Name).Order(StringComparer.Ordinal));
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
        Assert.Equal("It is unknown whether calc_die was done: its server is gone.", ToolBench.Error(await bench.Call("calc_die")));

        // For the operator alone, without the secret that the program was given.
        Assert.Equal(
            "tool_mcp: calc_die: its program ended with exit code 3; its last lines: looking for the shop / no database at *** / "
                + "[31mgiving up.",
            Assert.Single(bench.Problems));
        Assert.Equal("""{"structured":{"sum":3},"text":"3"}""", (await bench.Call("calc_add", """{"a":1,"b":2}""")).Output.GetRawText());
    }

    [Fact]
    public async Task A_program_that_ends_before_it_says_a_word_tells_its_last_lines()
    {
        await using var bench = new ToolBench(new ToolOptions { AllowCommands = true });
        bench.Use(ToolBench.Tool("gone", ToolTarget.Mcp) with
        {
            Mcp = new McpToolSettings { Command = "node", Arguments = ["-e", "console.error('x'.repeat(5000)); console.error('no such "
                + "module'); process.exit(7)"], Allow = ["*"] },
        });
        await bench.ProblemTold();
        Assert.Equal(
            $"tool_mcp: gone: the MCP server can not be used: its program ended; its last lines: {new string('x', 200)}... / no such "
                + $"module.",
            Assert.Single(bench.Problems));
    }

    [Fact]
    public async Task All_that_a_result_holds_reaches_the_model_or_is_named()
    {
        await using var bench = new ToolBench(new ToolOptions { AllowCommands = true, Secrets = { ["WHO"] = "Ada" } });
        bench.Use(Node("*"));
        await bench.DeclaredChanges();
        var output = (await bench.Call("calc_picture")).Output;
        Assert.Equal("""{"total":2}""", output.GetProperty("structured").GetRawText());
        Assert.Equal(
            "a chart\n[an image of 4 bytes (image/webp), not shown: only PNG and JPEG are]\n[audio, not shown]",
            output.GetProperty("text").GetString());
        Assert.Equal("2 shown in the next messages", output.GetProperty("images").GetString());
        Assert.Equal(
            """[{"uri":"file:///notes.txt","mimeType":"text/plain","text":"egg, milk"},{"uri":"file:///a.bin","mimeType":"application/octet-stream","bytes":3,"note":"not text, and not shown"},{"uri":"https://shop.example/egg","name":"egg","mimeType":"text/html","description":null}]""",
            output.GetProperty("resources").GetRawText());
        Assert.Equal(["data:image/png;base64,iVBORw0KGgo=", "data:image/jpeg;base64,/9j/4AAQ"], bench.Images);
    }

    [Theory]
    [InlineData("""{"content":[{"type":"text","text":"{\"sum\": 5}"}],"structuredContent":{"sum":5}}""", """{"sum":5}""", 0)]
    [InlineData("""{"content":[],"structuredContent":{"sum":5}}""", """{"sum":5}""", 0)]
    [InlineData("""{"content":[]}""", """{"text":""}""", 0)]
    [InlineData("""{"content":[{"type":"image","mimeType":"image/jpeg","data":"/9j/"}]}""", """{"images":"1 shown in the next message"}""",
        1)]
    public void A_result_says_everything_once(string result, string output, int images)
    {
        var outcome = McpResult.Outcome("t", JsonSerializer.Deserialize<CallToolResult>(result, McpJsonUtilities.DefaultOptions)!);
        Assert.Equal((output, images), (outcome.Json, outcome.Images.Count));
    }

    [Fact]
    public void Images_are_bounded_in_number_and_size()
    {
        CallToolResult Many(int count, int bytes) => new()
        {
            Content = [.. Enumerable.Range(0, count).Select(_ => ImageContentBlock.FromBytes(new byte[bytes], "image/png"))],
        };
        var many = McpResult.Outcome("t", Many(6, 10));
        Assert.Equal(4, many.Images.Count);
        Assert.Contains("[an image of 10 bytes (image/png), not shown: 4 are at most]", many.Json);
        var large = McpResult.Outcome("t", Many(1, 1_000_001));
        Assert.Empty(large.Images);
        Assert.Contains("not shown: 1000000 bytes are at most", large.Json);
    }

    [Fact]
    public async Task A_server_whose_tools_change_is_listed_again()
    {
        await using var bench = new ToolBench(new ToolOptions { AllowCommands = true, Secrets = { ["WHO"] = "Ada" } });
        bench.Use(Node("*"));
        await bench.DeclaredChanges();
        Assert.DoesNotContain(bench.Dispatcher.Declared, tool => tool.Name == "calc_grown");
        Assert.Equal("""{"text":"grown"}""", (await bench.Call("calc_grow")).Output.GetRawText());

        // Two notices within the pause are one listing.
        var changed = bench.DeclaredChanges();
        await bench.Advance(changed, TimeSpan.FromSeconds(1));
        await changed;
        Assert.Contains(bench.Dispatcher.Declared, tool => tool is { Name: "calc_grown", Description: "There now." });
        Assert.StartsWith("""{"error":"calc_grown failed""", (await bench.Call("calc_grown")).Output.GetRawText());
    }

    [Fact]
    public async Task A_server_that_can_not_be_used_is_left_out_and_said()
    {
        await using var bench = new ToolBench(new ToolOptions { Secrets = { ["WHO"] = "Ada" } });
        bench.Use(ToolBench.Tool("wave"), Node("*"));
        await bench.ProblemTold();

        Assert.Equal(
            "tool_mcp: calc: the MCP server can not be used: this host starts no programs for roles; allow it with "
                + "Bridge:Tools:AllowCommands=true.",
            Assert.Single(bench.Problems));
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
            ToolCollection =
            [
                McpServerTool.Create(
                    (string sku) => $"{sku}: 3 left",
                    new McpServerToolCreateOptions { Name = "stock", Description = "Stock of an article." }),
            ],
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
                Mcp = new McpToolSettings
                {
                    Url = hook.Url, Allow = ["*"], Secrets = new Dictionary<string, string> { ["Authorization"] = "Bearer ${TOKEN}" },
                },
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
        bench.Use(
            ToolBench.Tool("shop", ToolTarget.Mcp) with
            {
                Mcp = new McpToolSettings { Url = new Uri("http://127.0.0.1:9/mcp"), Allow = ["*"] },
            });
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
            ["tool_mcp: shop: the MCP server did not end its session within 3 seconds.", "tool_mcp: stall: the MCP server did not end its "
                + "session within 3 seconds."],
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
        Assert.Equal("It is unknown whether shop_break was done: its server is gone.", ToolBench.Error(await bench.Call("shop_break")));
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
            ["tool_mcp: shop: the MCP server can not be used: it did not answer within 15 seconds.", "tool_mcp: shop: the MCP server did "
                + "not end its session within 3 seconds."],
            bench.Problems.Order(StringComparer.Ordinal));
    }

    private static ToolDeclaration Http(string name, SilentMcpServer server) =>
        ToolBench.Tool(name, ToolTarget.Mcp) with { Mcp = new McpToolSettings { Url = server.Url, Allow = ["*"] } };
}
