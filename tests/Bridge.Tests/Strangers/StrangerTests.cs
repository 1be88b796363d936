using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Bridge.Testing;
using Bridge.Tests.Stops;

namespace Bridge.Tests.Strangers;

/// <summary>
/// A stranger's attempts against the real program while people talk. Short by default; BRIDGE_LONG=1 tries ten times as much.
/// </summary>
public sealed class StrangerTests(StrangerHost host) : IClassFixture<StrangerHost>
{
    private const int MB = 1 << 20;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 20)]
    [InlineData(5, 10)]
    public async Task Two_hundred_joins_disturb_no_conversation_and_keep_no_ticket_holder_out(int addresses, int connections)
    {
        await using var person = await ProgramPage.CallAsync(
            host.Address, "storyteller", Cancellation, ticket: StrangerHost.Ticket("person"));
        await person.Ear.MoreAsync(25, Cancellation);
        var from = person.Ear.Count;
        var watch = Stopwatch.StartNew();
        var hubs = new List<HubClient>();
        for (var i = 0; i < connections; i++)
        {
            hubs.Add(await HubClient.ConnectAsync(host.Address, Cancellation, from: StrangerHost.Stranger(i % addresses)));
        }

        var taken = 0;
        for (var i = 0; i < 200; i++)
        {
            var (_, error) = await hubs[i % connections].InvokeAsync("Join", new { role = "storyteller" }, Cancellation);
            taken += error is null ? 1 : 0;
            Assert.True(error is null || error.Contains("retryAfter: ", StringComparison.Ordinal), error);
        }

        var entered = Stopwatch.StartNew();
        await using var guest = await ProgramPage.CallAsync(
            host.Address, "storyteller", Cancellation, ticket: StrangerHost.Ticket("guest"));
        await guest.Ear.MoreAsync(1, Cancellation);
        entered.Stop();
        await person.Ear.MoreAsync(25, Cancellation);
        var gaps = person.Ear.Gaps(from);
        Report($"{addresses} addresses, {connections} connections: {taken} of 200 joins taken in {watch.ElapsedMilliseconds} ms; "
            + $"gap p50 {Ear.Percentile(gaps, 50):0.0} ms, p99 {Ear.Percentile(gaps, 99):0.0} ms, most {gaps[^1]:0} ms of {gaps.Count}; "
            + $"ticket holder heard the first word after {entered.ElapsedMilliseconds} ms");
        Assert.InRange(taken, 1, Math.Min(90, 40 * addresses));
        Assert.True(entered.Elapsed < TimeSpan.FromSeconds(2), $"{entered.Elapsed}");
        Assert.True(Ear.Percentile(gaps, 99) < 200, $"{Ear.Percentile(gaps, 99)} ms");
        foreach (var hub in hubs)
        {
            await hub.DisposeAsync();
        }

        await person.HangUpAsync(Cancellation);
        await guest.HangUpAsync(Cancellation);
        await OnlyLinesOfAsync(0);
    }

    [Fact]
    public async Task Lines_that_were_joined_and_dropped_leave_memory_flat()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Reads /proc.");
        var sizes = new List<long>();
        var highest = 0L;
        for (var flat = 0; flat < (Seeds.Long ? 10 : 3);)
        {
            Assert.True(
                sizes.Count < 80,
                $"still growing, resident after each round of 120 lines: {string.Join(", ", sizes.Select(size => size / MB))} MB");
            for (var address = 0; address < 3; address++)
            {
                // Another address each time, so that no bucket of joins stands in the way.
                await using var hub = await HubClient.ConnectAsync(
                    host.Address, Cancellation, from: StrangerHost.Stranger(300 + (sizes.Count * 3) + address));
                for (var i = 0; i < 40; i++)
                {
                    await hub.InvokeAsync(
                        "Join",
                        new
                        {
                            role = "storyteller",
                            attributes = Enumerable.Range(0, 32).ToDictionary(a => $"a{a}", _ => new string('x', 1_000)),
                        },
                        Cancellation);
                }
            }

            await OnlyLinesOfAsync(0);
            sizes.Add(host.Resident);

            // What a round of lines holds is 7 MB at least: were it kept, three rounds would not fit in this.
            flat = sizes[^1] < highest + (16 * MB) ? flat + 1 : 0;
            highest = flat > 0 ? highest : sizes[^1];
        }

        Report($"resident after each round of 120 lines: {string.Join(", ", sizes.Select(size => size / MB))} MB");
    }

    [Fact]
    public async Task A_check_that_is_sent_again_from_a_victims_address_brings_the_victim_little_and_no_audio()
    {
        await using var person = await ProgramPage.CallAsync(
            host.Address, "storyteller", Cancellation, ticket: StrangerHost.Ticket("forger"), records: true);
        await person.Ear.MoreAsync(10, Cancellation);
        using var victim = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        victim.Bind(new IPEndPoint(IPAddress.Parse("127.0.9.9"), 0));
        var media = person.Client.RemoteEndPoint!;
        long sent = 0;
        for (var i = 0; i < 40; i++)
        {
            // Whoever holds the password may send a check in anybody's name; and a hello after it.
            sent += victim.SendTo(person.Client.LastCheck, media);
            sent += victim.SendTo(person.Client.FirstHello, media);
            await Task.Delay(10, Cancellation);
        }

        var before = person.Ear.Count;
        await person.Ear.MoreAsync(50, Cancellation);
        long received = 0;
        var srtp = 0;
        var buffer = new byte[2_000];
        while (victim.Available > 0)
        {
            var length = victim.Receive(buffer);
            received += length;
            srtp += buffer[0] is >= 128 and < 192 ? 1 : 0; // RFC 7983 §7
        }

        Report(
            $"a victim whose address sent {sent} bytes of replayed checks and hellos got {received} bytes, {srtp} of its datagrams media");
        Assert.True(received <= 3 * sent, $"{received} bytes for {sent}");
        Assert.Equal(0, srtp);
        Assert.True(person.Ear.Count >= before + 50);
        await person.HangUpAsync(Cancellation);
    }

    [Theory]
    [InlineData("evil.example")]
    [InlineData("evil.example:PORT")]
    [InlineData("localhost.evil.example:PORT")]
    [InlineData("127.0.0.1.evil.example:PORT")]
    [InlineData("bridge.test.evil.example")]
    [InlineData("203.0.113.7:PORT")]
    [InlineData("[2001:db8::7]:PORT")]
    public async Task A_name_that_was_rebound_to_this_machine_gets_no_door(string name)
    {
        name = name.Replace(
            "PORT", host.Address.Port.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);
        foreach (var door in new[] { "/", "/api/roles", "/call/storyteller", "/signal/negotiate?negotiateVersion=1", "/healthz/live",
            "/sdk/bridge.js" })
        {
            Assert.Equal(
                421,
                await StatusAsync(
                    door.StartsWith("/signal", StringComparison.Ordinal) ? "POST" : "GET",
                    door,
                    name,
                    $"Origin: http://{name}",
                    "Content-Length: 0"));
        }

        Assert.Equal(
            421,
            await StatusAsync(
                "GET",
                "/signal",
                name,
                $"Origin: http://{name}",
                "Connection: Upgrade",
                "Upgrade: websocket",
                "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="));
    }

    [Theory]
    [InlineData]
    [InlineData("X-Forwarded-For: 127.0.0.1")]
    [InlineData("X-Forwarded-Host: localhost", "X-Forwarded-For: ::1")]
    [InlineData("Authorization: Bearer ")]
    [InlineData("Authorization: Bearer an-operator-of-the-tests-with-32-characterx")]
    [InlineData("Authorization: Basic YWRtaW46YWRtaW4=")]
    public async Task Behind_a_proxy_with_or_without_headers_nobody_is_an_operator_without_the_key(params string[] headers)
    {
        foreach (var door in new[] { "/api/calls", "/api/calls/", "/API/CALLS", "/api/calls/c057", "/api/calls/c057/images/1.png",
            "//api/calls", "/api//calls" })
        {
            Assert.Equal(404, await StatusAsync("GET", door, "localhost", headers));
        }

        Assert.Equal(
            404,
            await StatusAsync(
                "POST",
                "/api/tickets",
                "localhost",
                [.. headers, "Content-Type: application/json", "Content-Length: 13"],
                "{\"sub\":\"ada\"}"));
        Assert.Equal(200, await StatusAsync("GET", "/api/calls", "localhost", "Authorization: Bearer " + StrangerHost.OperatorKey));
    }

    [Theory]
    [InlineData("acme")]
    [InlineData("Acme")]
    [InlineData("ACME")]
    [InlineData("private/acme")]
    [InlineData("private%2Facme")]
    [InlineData("storyteller/../private/acme")]
    [InlineData("storyteller/..%2fprivate%2facme")]
    public async Task A_private_role_has_no_door(string name)
    {
        foreach (var door in new[] { $"/roles/{name}/page/index.js", $"/roles/{name}/page/style.css", $"/api/roles/{name}/page-data",
            $"/roles/{name}/role.yaml", $"/roles/{name}/agent.instruct" })
        {
            Assert.Equal(404, await StatusAsync("GET", door, "localhost"));
        }

        using var http = new HttpClient { BaseAddress = host.Address };
        Assert.DoesNotContain("acme", await http.GetStringAsync("/api/roles", Cancellation), StringComparison.OrdinalIgnoreCase);
        await using var hub = await HubClient.ConnectAsync(host.Address, Cancellation, StrangerHost.Ticket("ada"));
        Assert.Contains("unknown_role:", (await hub.InvokeAsync("Join", new { role = Uri.UnescapeDataString(name) }, Cancellation)).Error);
        Assert.Equal(200, await StatusAsync("GET", "/roles/storyteller/page/index.js", "localhost"));
    }

    private static void Report(string line) => TestContext.Current.TestOutputHelper!.WriteLine(line);

    private Task<int> StatusAsync(string method, string path, string name, params string[] headers) =>
        StatusAsync(method, path, name, headers, "");

    private async Task<int> StatusAsync(string method, string path, string name, string[] headers, string body)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, host.Address.Port, Cancellation);
        var stream = socket.GetStream();
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes(
                $"{method} {path} HTTP/1.1\r\nHost: {name}\r\n{string.Concat(headers.Select(h => h + "\r\n"))}\r\n{body}"),
            Cancellation);
        using var reader = new StreamReader(stream);
        return int.Parse((await reader.ReadLineAsync(Cancellation))!.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>
    /// Waits until the program says that so many calls run: it lists those that ended, so that a new line can be had and held.
    /// </summary>
    private async Task OnlyLinesOfAsync(int count)
    {
        // Lines go with their connection, a moment after it.
        var opened = 0;
        do
        {
            opened = host.Output.Split('\n').Count(line => line.Contains(" opened for role ", StringComparison.Ordinal))
                - host.Output.Split('\n').Count(line => line.Contains(" ended: ", StringComparison.Ordinal));
            await Task.Delay(20, Cancellation);
        }
        while (opened > count);
    }
}
