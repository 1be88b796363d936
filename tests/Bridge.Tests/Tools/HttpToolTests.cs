using System.Collections.Concurrent;
using System.Net;
using Bridge.Tools;
using Microsoft.AspNetCore.Http;

namespace Bridge.Tests.Tools;

public sealed class HttpToolTests
{
    private static readonly ToolOptions Inside = new()
    {
        AllowPrivateAddresses = true, Secrets = { ["SHOP_KEY"] = "k-123", ["BAD"] = "a\r\nX: y" },
    };

    private static ToolDeclaration Hook(
        Uri url, bool idempotent = false, int retries = 0, bool allowPrivate = true, string header = "Bearer ${SHOP_KEY}") =>
        ToolBench.Tool("order", ToolTarget.Http) with
    {
        Timeout = TimeSpan.FromSeconds(10),
        Http = new HttpToolSettings
        {
            Url = url,
            Idempotent = idempotent,
            Retries = retries,
            AllowPrivate = allowPrivate,
            Headers = new Dictionary<string, string> { ["Authorization"] = header },
        },
    };

    [Fact]
    public async Task The_arguments_are_posted_with_secrets_in_the_headers_and_the_body_is_the_result()
    {
        var seen = new ConcurrentQueue<string>();
        await using var hook = await WebHook.Start(async context =>
        {
            using var body = new StreamReader(context.Request.Body);
            seen.Enqueue(
                $"{context.Request.Method} {context.Request.ContentType} {context.Request.Headers.Authorization} "
                    + $"{context.Request.Headers["Idempotency-Key"]} {await body.ReadToEndAsync()}");
            await context.Response.WriteAsJsonAsync(new { ok = true });
        });
        await using var bench = new ToolBench(Inside);
        bench.Use(Hook(hook.Url));
        var (output, failed) = await bench.Call("order", """{"sku":"egg"}""", "call_3");
        Assert.False(failed);
        Assert.Equal("""{"ok":true}""", output.GetRawText());
        Assert.Equal("""POST application/json Bearer k-123 call_3 {"sku":"egg"}""", Assert.Single(seen));
    }

    [Fact]
    public async Task What_is_no_json_comes_back_as_text_and_nothing_as_done()
    {
        var bodies = new Queue<string>(["plain words", ""]);
        await using var hook = await WebHook.Start(context => context.Response.WriteAsync(bodies.Dequeue()));
        await using var bench = new ToolBench(Inside);
        bench.Use(Hook(hook.Url));
        Assert.Equal("""{"text":"plain words"}""", (await bench.Call("order")).Output.GetRawText());
        Assert.Equal("""{"done":true}""", (await bench.Call("order")).Output.GetRawText());
    }

    public static TheoryData<string?, byte[], string> Answers() => new()
    {
        { "application/json; charset=iso-8859-1",
            [(byte)'{', (byte)'"', (byte)'a', (byte)'"', (byte)':', (byte)'"', 0xE9, (byte)'"', (byte)'}'], """{"a":"é"}""" },
        { "text/plain; charset=windows-1252", [0x80, (byte)'5'], """{"text":"€5"}""" },
        { "text/plain; charset=\"Shift_JIS\"", [0x93, 0xFA], """{"text":"日"}""" },
        { "application/json", [0xEF, 0xBB, 0xBF, (byte)'{', (byte)'}'], "{}" },
        { "application/json; charset=utf-8", [0xEF, 0xBB, 0xBF, (byte)'1'], "1" },
        { "application/json", [0xFF, 0xFE, (byte)'1', 0, (byte)'2', 0], "12" },
        { "text/plain; charset=iso-8859-1", [0xFE, 0xFF, 0x65, 0xE5], """{"text":"日"}""" },
        { null, [0xC3, 0xA9], """{"text":"é"}""" },
        { "text/plain; charset=klingon", [(byte)'x'],
            """{"done":true,"unread":"The answer of order is in the charset klingon, which this host does not know."}""" },
        { "application/json", [0x1F, 0x8B, 8, 0],
            """{"done":true,"unread":"The answer of order is compressed (gzip); this host reads plain answers only."}""" },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task The_body_is_read_by_its_mark_or_its_charset(string? contentType, byte[] body, string result)
    {
        await using var hook = await WebHook.Start(async context =>
        {
            context.Response.ContentType = contentType;
            await context.Response.Body.WriteAsync(body);
        });
        await using var bench = new ToolBench(Inside);
        bench.Use(Hook(hook.Url));
        var (output, failed) = await bench.Call("order");
        Assert.False(failed);
        Assert.Equal(result, output.GetRawText());
    }

    [Theory]
    [InlineData(200, """{"done":true,"unread":"The answer of order is compressed (br); this host reads plain answers only."}""")]
    [InlineData(500, """{"error":"order answered 500 Internal Server Error: its body is compressed (br); this host reads plain answers only"}""")]
    public async Task A_compressed_answer_is_named_and_a_plain_one_asked_for(int status, string result)
    {
        var asked = "";
        await using var hook = await WebHook.Start(async context =>
        {
            asked = context.Request.Headers.AcceptEncoding.ToString();
            context.Response.StatusCode = status;
            context.Response.Headers.ContentEncoding = "br";
            await context.Response.Body.WriteAsync(new byte[] { 11, 2, 128, 123, 125, 3 });
        });
        await using var bench = new ToolBench(Inside);
        bench.Use(Hook(hook.Url));
        Assert.Equal(result, (await bench.Call("order")).Output.GetRawText());
        Assert.Equal("identity", asked);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Of_an_answer_that_breaks_off_nobody_knows_whether_it_was_done(bool headersSent)
    {
        await using var hook = await WebHook.Start(async context =>
        {
            if (headersSent)
            {
                context.Response.ContentLength = 100;
                await context.Response.Body.WriteAsync(new byte[] { 123 });
                await context.Response.Body.FlushAsync();
            }

            context.Abort();
        });
        await using var bench = new ToolBench(Inside);
        bench.Use(Hook(hook.Url));
        Assert.Equal("It is unknown whether order was done: the connection broke.", ToolBench.Error(await bench.Call("order")));
    }

    [Fact]
    public async Task A_hook_that_is_gone_when_it_is_tried_again_may_have_done_it_before()
    {
        WebHook hook = null!;
        hook = await WebHook.Start(async context =>
        {
            context.Response.StatusCode = 503;
            await context.Response.CompleteAsync();
        });
        await using var bench = new ToolBench(Inside);
        bench.Use(Hook(hook.Url, idempotent: true, retries: 1));
        var call = bench.Start("order", "{}");
        await bench.Phase("progress");
        await hook.DisposeAsync();
        await bench.Advance(call, TimeSpan.FromSeconds(1));
        Assert.Equal("It is unknown whether order was done: nothing answers there.", ToolBench.Error(await call));
    }

    [Fact]
    public async Task An_error_status_is_told_with_the_beginning_of_its_body_and_without_the_secret()
    {
        await using var hook = await WebHook.Start(context =>
        {
            context.Response.StatusCode = 422;
            return context.Response.WriteAsync("unknown sku" + new string('!', 10_000));
        });
        await using var bench = new ToolBench(Inside);
        bench.Use(Hook(hook.Url));
        var error = ToolBench.Error(await bench.Call("order"));
        Assert.StartsWith("order answered 422 Unprocessable Entity: unknown sku!", error);
        Assert.InRange(error.Length, 500, 600);
        Assert.DoesNotContain("k-123", error);
    }

    [Fact]
    public async Task Only_an_idempotent_hook_is_tried_again()
    {
        var requests = 0;
        await using var hook = await WebHook.Start(context =>
        {
            var n = Interlocked.Increment(ref requests);
            context.Response.StatusCode = n == 3 ? 200 : 503;
            return context.Response.WriteAsync(n == 3 ? "3" : "busy");
        });
        await using var bench = new ToolBench(Inside);
        bench.Use(Hook(hook.Url, idempotent: true, retries: 3));
        var call = bench.Start("order", "{}", "call_first");
        await bench.Advance(call, TimeSpan.FromSeconds(2));
        Assert.Equal("3", (await call).Output.GetRawText());
        Assert.Equal(3, requests);
        Assert.Contains(bench.Activities, activity => activity.Message == "order answered 503; trying again");

        requests = 3;
        bench.Use(Hook(hook.Url, idempotent: false, retries: 3));
        Assert.StartsWith("order answered 503", ToolBench.Error(await bench.Call("order")));
        Assert.Equal(4, requests);
    }

    [Fact]
    public async Task A_hook_that_never_answers_ends_at_the_tools_timeout_and_frees_its_connection()
    {
        var arrived = new TaskCompletionSource();
        var left = new TaskCompletionSource();
        await using var hook = await WebHook.Start(async context =>
        {
            context.RequestAborted.Register(() => left.TrySetResult());
            arrived.SetResult();
            await left.Task;
        });
        await using var bench = new ToolBench(Inside);
        bench.Use(Hook(hook.Url));
        var call = bench.Start("order", "{}");
        await arrived.Task.InTime();
        await bench.Advance(call, TimeSpan.FromSeconds(10));
        Assert.Equal("It is unknown whether order was done: it did not answer within 10 seconds.", ToolBench.Error(await call));
        await left.Task.InTime();
    }

    [Fact]
    public async Task A_body_without_end_is_read_to_a_megabyte_and_cut()
    {
        await using var hook = await WebHook.Start(async context =>
        {
            var chunk = new byte[65_536];
            Array.Fill(chunk, (byte)'x');
            try
            {
                while (!context.RequestAborted.IsCancellationRequested)
                {
                    await context.Response.Body.WriteAsync(chunk, context.RequestAborted);
                }
            }
            catch (OperationCanceledException)
            {
            }
        });
        await using var bench = new ToolBench(Inside);
        bench.Use(Hook(hook.Url));
        var (output, failed) = await bench.Call("order");
        Assert.False(failed);
        Assert.Equal("The answer of order is 1 MB or longer. Only its beginning is here.", output.GetProperty("message").GetString());
        Assert.InRange(output.GetRawText().Length, 8_000, 9_000);
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        var followed = false;
        await using var hook = await WebHook.Start(context =>
        {
            if (context.Request.Query.ContainsKey("next"))
            {
                followed = true;
            }

            context.Response.Redirect("/hook?next=1");
            return Task.CompletedTask;
        });
        await using var bench = new ToolBench(Inside);
        bench.Use(Hook(hook.Url));
        Assert.StartsWith("order answered 302", ToolBench.Error(await bench.Call("order")));
        Assert.False(followed);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task An_address_inside_the_network_needs_the_host_and_the_role_to_allow_it(bool host, bool role)
    {
        var reached = false;
        await using var hook = await WebHook.Start(context =>
        {
            reached = true;
            return Task.CompletedTask;
        });
        await using var bench = new ToolBench(new ToolOptions { AllowPrivateAddresses = host, Secrets = { ["SHOP_KEY"] = "k" } });
        string[] names =
        [
            "127.0.0.1",
            "localhost",
            "[::ffff:127.0.0.1]",
            "0.0.0.0",
            "2130706433",
            "0x7f000001",
            "017700000001",
            "0177.0.0.1",
            "127.1",
            "0",
            "[::1]",
            "[::]",
            "[::ffff:7f00:1]",
        ];
        foreach (var name in names)
        {
            bench.Use(Hook(new Uri($"http://{name}:{hook.Url.Port}/hook"), allowPrivate: role));
            Assert.Contains("is an address inside the network, which is not allowed here.", ToolBench.Error(await bench.Call("order")));
        }

        Assert.False(reached);
        Assert.Equal(names.Length, bench.Problems.Count(problem => problem.StartsWith("tool_address", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_name_that_answers_another_address_after_the_check_is_connected_to_the_address_that_was_checked()
    {
        var inside = IPAddress.Parse("169.254.169.254");
        var outside = IPAddress.Parse("93.184.215.14");
        var answers = new Queue<IPAddress[]>([[outside], [inside], [inside, outside]]);
        var connections = new ConcurrentQueue<IPEndPoint>();
        var network = new GuardedNetwork(
            (name, _) =>
            {
                Assert.Equal("rebind.example", name);
                return Task.FromResult(answers.Dequeue());
            },
            (target, _) =>
            {
                connections.Enqueue(target);
                throw new System.Net.Sockets.SocketException((int)System.Net.Sockets.SocketError.ConnectionRefused);
            });
        await using var bench = new ToolBench(new ToolOptions { Secrets = { ["SHOP_KEY"] = "k" } }, network);
        bench.Use(Hook(new Uri("http://rebind.example/hook"), allowPrivate: false));

        // One connection asks once: there is no second answer that could slip in between.
        Assert.Equal("order can not be reached: nothing answers there.", ToolBench.Error(await bench.Call("order")));
        Assert.Equal(2, answers.Count);
        // The next connection asks anew, is answered from inside, and connects to nothing.
        Assert.Equal(
            "order can not be reached: rebind.example is an address inside the network, which is not allowed here.",
            ToolBench.Error(await bench.Call("order")));
        // Of several answers only those outside are tried.
        Assert.Equal("order can not be reached: nothing answers there.", ToolBench.Error(await bench.Call("order")));
        Assert.Equal([new IPEndPoint(outside, 80), new IPEndPoint(outside, 80)], connections);
    }

    [Fact]
    public async Task A_retry_resolves_and_checks_again()
    {
        var answers = new Queue<string>(["93.184.215.14", "10.0.0.1"]);
        var connected = new ConcurrentQueue<string>();
        var network = new GuardedNetwork(
            (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse(answers.Dequeue())]),
            (target, _) =>
            {
                connected.Enqueue(target.Address.ToString());
                throw new System.Net.Sockets.SocketException((int)System.Net.Sockets.SocketError.ConnectionRefused);
            });
        await using var bench = new ToolBench(new ToolOptions { Secrets = { ["SHOP_KEY"] = "k" } }, network);
        bench.Use(Hook(new Uri("http://rebind.example/hook"), idempotent: true, retries: 1, allowPrivate: false));
        var call = bench.Start("order", "{}");
        await bench.Advance(call, TimeSpan.FromSeconds(1));
        Assert.Contains("inside the network", ToolBench.Error(await call));
        Assert.Equal(["93.184.215.14"], connected);
    }

    [Theory]
    [InlineData("http://169.254.169.254/latest/meta-data/")]
    [InlineData("http://127.0.0.1:1/")]
    [InlineData("http://[::ffff:10.0.0.1]/")]
    public async Task A_redirect_into_the_network_is_not_followed(string inside)
    {
        var resolved = new ConcurrentQueue<string>();
        await using var hook = await WebHook.Start(context =>
        {
            context.Response.Redirect(inside);
            return Task.CompletedTask;
        });
        var network = new GuardedNetwork(
            (name, _) =>
            {
                resolved.Enqueue(name);
                return Task.FromResult<IPAddress[]>([IPAddress.Parse("93.184.215.14")]);
            },
            // The public address is this test's hook.
            (target, cancellation) => target.Address.ToString() == "93.184.215.14"
                ? GuardedNetwork.System.Connect(new IPEndPoint(IPAddress.Loopback, hook.Url.Port), cancellation)
                : throw new InvalidOperationException($"connected to {target}"));
        await using var bench = new ToolBench(new ToolOptions { Secrets = { ["SHOP_KEY"] = "k" } }, network);
        bench.Use(Hook(new Uri("http://shop.example/hook"), allowPrivate: false));
        Assert.StartsWith("order answered 302", ToolBench.Error(await bench.Call("order")));
        Assert.Equal(["shop.example"], resolved);
    }

    [Theory]
    [InlineData("Bearer ${NOBODY_SET_THIS}", "tool_secret: order: the secret NOBODY_SET_THIS is not set on this host.")]
    [InlineData("${BAD}", "tool_secret: order: a value holds a line break.")]
    public async Task A_secret_that_is_missing_or_breaks_the_header_stops_the_call(string header, string problem)
    {
        await using var bench = new ToolBench(Inside);
        bench.Use(Hook(new Uri("http://127.0.0.1:9/"), header: header));
        Assert.Equal("order is not set up rightly on this server.", ToolBench.Error(await bench.Call("order")));
        Assert.Equal(problem, Assert.Single(bench.Problems));
    }

    [Fact]
    public async Task Nobody_there_is_said_so()
    {
        await using var bench = new ToolBench(Inside);
        bench.Use(Hook(new Uri("http://127.0.0.1:9/")));
        Assert.Equal("order can not be reached: nothing answers there.", ToolBench.Error(await bench.Call("order")));
    }

    [Theory]
    [InlineData("8.8.8.8", true)]
    [InlineData("93.184.215.14", true)]
    [InlineData("2606:4700:4700::1111", true)]
    [InlineData("::ffff:8.8.8.8", true)]
    [InlineData("64:ff9b::8.8.8.8", true)]
    [InlineData("0.0.0.0", false)]
    [InlineData("10.1.2.3", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("127.255.255.255", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("100.100.100.200", false)]
    [InlineData("168.63.129.16", false)]
    [InlineData("fd00:ec2::254", false)]
    [InlineData("::ffff:169.254.169.254", false)]
    [InlineData("64:ff9b::a9fe:a9fe", false)]
    [InlineData("172.16.0.1", false)]
    [InlineData("172.32.0.1", true)]
    [InlineData("192.168.1.1", false)]
    [InlineData("198.18.0.1", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("::", false)]
    [InlineData("::1", false)]
    [InlineData("::7f00:1", false)]
    [InlineData("::ffff:10.0.0.1", false)]
    [InlineData("::ffff:0:127.0.0.1", false)]
    [InlineData("64:ff9b::127.0.0.1", false)]
    [InlineData("2002:7f00:1::", false)]
    [InlineData("2001::1", false)]
    [InlineData("2001:db8::1", false)]
    [InlineData("fe80::1", false)]
    [InlineData("fd00::1", false)]
    [InlineData("ff02::1", false)]
    public void Addresses_are_public_or_not(string address, bool isPublic) =>
        Assert.Equal(isPublic, AddressRule.IsPublic(IPAddress.Parse(address)));
}
