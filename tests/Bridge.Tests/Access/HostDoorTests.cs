using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Bridge.Hosting;

namespace Bridge.Tests.Access;

/// <summary>
/// Doors of the host that a stranger tries: names that are not its own, operators' endpoints, private roles, a start without a
/// choice.
/// </summary>
public sealed class HostDoorTests
{
    private const string OperatorKey = "an-operator-of-the-tests-with-32-characters";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Bridge:Host", "*")]
    [InlineData("Bridge:Host", "0.0.0.0")]
    [InlineData("urls", "http://*:0")]
    [InlineData("urls", "http://127.0.0.1:0;http://0.0.0.0:0")]
    [InlineData("Kestrel:Endpoints:Web:Url", "http://[::]:0")]
    public async Task A_host_that_others_can_reach_does_not_start_before_it_was_said_who_may_call(string key, string value)
    {
        var error = Console.Error;
        var told = new StringWriter();
        Console.SetError(told);
        try
        {
            Assert.Equal(2, await BridgeHost.RunAsync(Settings((key, value)), Cancellation));
        }
        finally
        {
            Console.SetError(error);
        }

        Assert.Equal(
            "Other machines can reach this host: choose who may call, with --access open (everybody), --access ticket or --access oidc "
                + "(docs/access.md).",
            told.ToString().Trim());
    }

    [Theory]
    [InlineData("Access:Mode", "sometimes", "none of open, ticket, oidc and app")]
    [InlineData("Access:Mode", "ticket", "no key checks tickets")]
    [InlineData("Access:Mode", "oidc", "Access:Oidc:Authority")]
    [InlineData("Access:Key", "short", "at least 32 characters")]
    [InlineData("Access:OperatorKey", "short", "at least 32 characters")]
    [InlineData("HostNames:0", "https://x/y", "is no host name")]
    [InlineData("Proxies:0", "nginx", "is no IP address")]
    public void A_wrong_choice_is_told_in_one_sentence(string key, string value, string words)
    {
        var refusal = Assert.Throws<Configuration.HostStartException>(() => BridgeHost.Build(Settings(("Bridge:" + key, value))));
        Assert.Equal(2, refusal.ExitCode);
        Assert.Contains(words, refusal.Message);
        Assert.DoesNotContain("short", refusal.Message);
    }

    [Theory]
    [InlineData("", null, "localhost", 200)]
    [InlineData("", null, "127.0.0.1", 200)]
    [InlineData("", null, "[::1]", 200)]
    [InlineData("", null, "evil.example", 421)]
    [InlineData("", null, "203.0.113.9", 421)]
    [InlineData("", null, "", 421)]
    [InlineData("bridge.example.org", null, "bridge.example.org", 200)]
    [InlineData("bridge.example.org", null, "BRIDGE.example.org", 200)]
    [InlineData("bridge.example.org", null, "other.example.org", 421)]
    [InlineData("bridge.example.org", "*", "203.0.113.9", 200)]
    [InlineData("bridge.example.org", "*", "evil.example", 421)]
    public async Task A_host_answers_to_its_own_names_alone(string named, string? host, string asked, int status)
    {
        List<(string, string)> settings = named.Length > 0 ? [("HostNames:0", named)] : [];
        if (host is not null)
        {
            settings.AddRange([("Host", host), ("Access:Mode", "open")]);
        }

        await using var running = await RunningHost.StartAsync([.. settings]);
        Assert.Equal(status, await StatusAsync(running, "GET /healthz/live", asked));
    }

    [Theory]
    [InlineData("localhost", "http://localhost", 200)]
    [InlineData("localhost", "https://localhost", 403)]
    [InlineData("localhost", "http://127.0.0.1", 403)]
    [InlineData("localhost", "null", 403)]
    [InlineData("bridge.example.org", "https://bridge.example.org", 200)]
    [InlineData("bridge.example.org", "http://bridge.example.org", 403)]
    [InlineData("bridge.lan", "http://bridge.lan", 200)]
    public async Task A_page_has_to_be_of_the_name_and_the_scheme_that_this_host_is_served_by(string host, string origin, int status)
    {
        await using var running = await RunningHost.StartAsync(("HostNames:0", "bridge.example.org"), ("HostNames:1", "http://bridge.lan"));
        Assert.Equal(
            status,
            await StatusAsync(running, "POST /signal/negotiate?negotiateVersion=1", host, "Origin: " + origin, "Content-Length: 0"));
    }

    [Fact]
    public async Task Conversations_are_for_operators_and_the_person_at_the_machine_has_a_key_in_a_file()
    {
        var data = Directory.CreateTempSubdirectory("bridge-data-").FullName;
        await using var host = await RunningHost.StartAsync(("Data", data));

        // A proxy on this machine that adds no header: nothing tells its requests from local ones, and none of them gets in.
        Assert.Equal(404, await StatusAsync(host, "GET /api/calls", "localhost"));
        var file = Path.Combine(data, "operator.key");
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }

        var key = (await File.ReadAllTextAsync(file, Cancellation)).Trim();
        Assert.Equal(200, await StatusAsync(host, "GET /api/calls", "localhost", "Authorization: Bearer " + key));
        Assert.Equal(404, await StatusAsync(host, "GET /api/calls", "localhost", "Authorization: Bearer " + key[1..] + "x"));

        // Once a proxy has shown itself, the machine's own key is worth nothing: it takes a configured one.
        Assert.Equal(
            404, await StatusAsync(host, "GET /api/calls", "localhost", "X-Forwarded-For: 203.0.113.9", "Authorization: Bearer " + key));
        Assert.Equal(404, await StatusAsync(host, "GET /api/calls", "localhost", "Authorization: Bearer " + key));
    }

    [Fact]
    public async Task A_configured_operator_key_works_through_proxies_and_leaves_no_file()
    {
        var data = Directory.CreateTempSubdirectory("bridge-data-").FullName;
        await using var host = await RunningHost.StartAsync(("Data", data), ("Access:OperatorKey", OperatorKey));
        Assert.False(File.Exists(Path.Combine(data, "operator.key")));
        using var http = new HttpClient { BaseAddress = host.Address };
        http.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.9");
        using var stranger = await http.GetAsync("/api/calls", Cancellation);
        Assert.Equal(HttpStatusCode.NotFound, stranger.StatusCode);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", OperatorKey);
        using var answer = await http.GetAsync("/api/calls", Cancellation);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Theory]
    [InlineData("open", "", 415)]
    [InlineData("ticket", "", 404)]
    [InlineData("ticket", OperatorKey, 415)]
    public async Task The_lab_is_for_operators_where_calls_need_a_ticket(string mode, string key, int status)
    {
        await using var host = await RunningHost.StartAsync(
            ("Lab", "true"), ("Access:Mode", mode), ("Access:Key", OperatorKey + OperatorKey), ("Access:OperatorKey", OperatorKey));
        Assert.Equal(status, await StatusAsync(host, "POST /lab/echo", "localhost", "Content-Length: 0", "Authorization: Bearer " + key));
    }

    [Theory]
    [InlineData("127.0.0.1", "203.0.113.9", 2)]
    [InlineData("127.0.0.2", "203.0.113.9", 1)]
    [InlineData("127.0.0.1", "203.0.113.9, 203.0.113.10", 2)]
    public async Task Visitors_behind_a_proxy_count_as_themselves_when_the_proxy_is_known(string proxy, string forwarded, int taken)
    {
        await using var host = await RunningHost.StartAsync(("Proxies:0", proxy), ("Limits:CallsPerAddress", "1"));
        await using var direct = await HubClient.ConnectAsync(host.Address, Cancellation);
        await using var visitor = await HubClient.ConnectAsync(host.Address, Cancellation, header: ("X-Forwarded-For", forwarded));
        Assert.Null((await direct.InvokeAsync("Join", new { role = "demo" }, Cancellation)).Error);
        var (_, error) = await visitor.InvokeAsync("Join", new { role = "demo" }, Cancellation);
        Assert.Equal(taken, error is null ? 2 : 1);
    }

    private static Dictionary<string, string?> Settings(params (string Key, string Value)[] more)
    {
        var settings = new Dictionary<string, string?>
        {
            ["Bridge:Port"] = "0",
            ["Bridge:UdpPort"] = "0",
            ["Bridge:Roles"] = Path.Combine(Repository.Root, "roles"),
        };
        foreach (var (key, value) in more)
        {
            settings[key] = value;
        }

        return settings;
    }

    /// <summary>A request by hand, so that the Host header is what the test says.</summary>
    private static async Task<int> StatusAsync(RunningHost running, string request, string host, params string[] headers)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, running.Address.Port, Cancellation);
        var at = request.Split(' ');
        var text = new StringBuilder($"{at[0]} {at[1]} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
        foreach (var header in headers)
        {
            text.Append(header).Append("\r\n");
        }

        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(text.Append("\r\n").ToString()), Cancellation);
        using var reader = new StreamReader(stream, Encoding.ASCII);
        var line = await reader.ReadLineAsync(Cancellation);
        return int.Parse(line!.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
    }
}
