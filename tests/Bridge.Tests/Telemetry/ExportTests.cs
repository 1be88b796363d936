using System.Text;
using Bridge.Access;
using Bridge.Configuration;
using Bridge.Tests.Stops;
using Microsoft.AspNetCore.Builder;

namespace Bridge.Tests.Telemetry;

/// <summary>The real program and a collector that reads OTLP: spans, metrics and log lines of a call arrive, and no word of it.</summary>
[Collection(TraceTests.Listening)]
public sealed class ExportTests : IDisposable
{
    private const string Key = "MARKERKEY-of-the-tests-with-32-characters-or-more";

    private readonly string _folder = Directory.CreateTempSubdirectory("bridge-otlp-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_PROTOCOL")]
    [InlineData("Bridge__Telemetry__Endpoint", "Bridge__Telemetry__Protocol")]
    public async Task A_call_arrives_at_a_collector_as_one_trace_with_its_log_lines_and_metrics(string endpoint, string protocol)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        var cancellation = patience.Token;
        WriteRole();
        await using var collector = await OtlpReceiver.StartAsync();
        var ticket = TicketMint.Mint(new TicketRequest("MARKERcaller"), Key, null, DateTimeOffset.UtcNow).Ticket;
        string callId;
        await using (var program = BridgeProgram.Start(
            ["--port", "0", "--udp-port", "0", "--loopback", "--roles", _folder, "--data", Path.Combine(_folder, "data")],
            ("OPENAI_API_KEY", ""), ("Bridge__Access__Mode", "open"), ("Bridge__Access__Key", Key), ("Logging__LogLevel__Bridge", "Debug"),
            (endpoint, collector.Address.AbsoluteUri), (protocol, "http/protobuf")))
        {
            var host = await program.AddressAsync(cancellation);
            await using (var page = await ProgramPage.CallAsync(host, "marked", cancellation, ticket: ticket))
            {
                callId = page.CallId;
                await page.SayAsync("MARKERtext", cancellation);
                await page.UntilToldAsync("call/note", cancellation);
                await page.HangUpAsync(cancellation);
            }

            using var http = new HttpClient();
            Assert.True((await http.GetAsync(new Uri(host, "/api/roles"), cancellation)).IsSuccessStatusCode);
            Assert.True((await http.GetAsync(new Uri(host, "/healthz/live"), cancellation)).IsSuccessStatusCode);
            program.Signal(System.Runtime.InteropServices.PosixSignal.SIGTERM);
            Assert.Equal(0, await program.ExitAsync(cancellation));
        }

        // Span: trace 1, id 2, parent 4, name 5, attributes 9.
        var root = Assert.Single(collector.Spans, span => span.Text(5) == "invoke_agent marked");
        Assert.Contains(KeyValuePair.Create("gen_ai.conversation.id", callId), root.Attributes(9));
        var trace = collector.Spans.Where(span => span.Hex(1) == root.Hex(1)).ToList();
        var tool = Assert.Single(trace, span => span.Text(5) == "execute_tool save");
        var turn = Assert.Single(trace, span => span.Hex(2) == tool.Hex(4));
        Assert.Equal(("turn", root.Hex(2)), (turn.Text(5), turn.Hex(4)));
        Assert.Contains(trace, span => span.Text(5) == "chat rehearsal" && span.Hex(4) == turn.Hex(2));
        Assert.Contains(trace, span => span.Text(5) == "open_session rehearsal");
        Assert.Contains(collector.Spans, span => span.Text(5).StartsWith("GET", StringComparison.Ordinal));
        Assert.DoesNotContain(collector.Spans, span => span.Attributes(9).Any(a => a.Value.Contains("healthz", StringComparison.Ordinal)));

        // LogRecord: attributes 6, trace 9. The lines of the call's loop have its trace, and its id in their scope or their own.
        var lines = collector.Lines.Where(line => line.Hex(9) == root.Hex(1)).ToList();
        Assert.NotEmpty(lines);
        Assert.All(lines, line => Assert.Contains(KeyValuePair.Create("CallId", callId), line.Attributes(6)));

        // Metric: name 1.
        var metrics = collector.Metrics.Select(metric => metric.Text(1)).ToHashSet();
        Assert.Superset(
            new HashSet<string>
            {
                "bridge.calls", "bridge.calls.ended", "bridge.records.delay", "bridge.tools", "http.server.request.duration",
                "dotnet.gc.collections",
            },
            metrics);
        Assert.Contains(KeyValuePair.Create("service.name", "bridge"), collector.Resource);

        string[] secrets = ["MARKER", ticket];
        Assert.All(collector.Bodies, body => Assert.All(
            secrets, secret => Assert.Equal(-1, body.AsSpan().IndexOf(Encoding.UTF8.GetBytes(secret)))));
    }

    [Fact]
    public async Task A_collector_that_is_away_costs_a_call_nothing_and_holds_no_stop_up()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        WriteRole();
        await using var program = BridgeProgram.Start(
            ["--port", "0", "--udp-port", "0", "--loopback", "--roles", _folder, "--data", Path.Combine(_folder, "data")],
            ("OPENAI_API_KEY", ""), ("Bridge__Access__Mode", "open"), ("Bridge__Telemetry__Endpoint", "http://127.0.0.1:9"));
        var host = await program.AddressAsync(patience.Token);
        await using (var page = await ProgramPage.CallAsync(host, "marked", patience.Token))
        {
            await page.SayAsync("MARKERtext", patience.Token);
            await page.UntilToldAsync("call/note", patience.Token);
            await page.HangUpAsync(patience.Token);
        }

        program.Signal(System.Runtime.InteropServices.PosixSignal.SIGTERM);
        Assert.Equal(0, await program.ExitAsync(patience.Token));
    }

    [Fact]
    public void A_collectors_address_that_is_none_and_one_inside_an_application_are_refused_at_the_start()
    {
        var roles = Path.Combine(Repository.Root, "roles");
        var wrong = Assert.Throws<HostStartException>(
            () => Bridge.Hosting.BridgeHost.Build(new Dictionary<string, string?>
        {
            ["Bridge:Roles"] = roles, ["Bridge:Telemetry:Endpoint"] = "collector:4317", ["Bridge:Telemetry:Protocol"] = "http/json",
        }));
        Assert.Contains("Telemetry:Endpoint", wrong.Message, StringComparison.Ordinal);
        Assert.Contains("Telemetry:Protocol", wrong.Message, StringComparison.Ordinal);

        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration["Bridge:Roles"] = roles;
        builder.Configuration["Bridge:Telemetry:Endpoint"] = "http://collector:4317";
        var inside = Assert.Throws<HostStartException>(
            () => Bridge.Hosting.BridgeExtensions.AddBridge(builder.Services, builder.Configuration));
        Assert.Contains("its own OpenTelemetry", inside.Message, StringComparison.Ordinal);
    }

    private void WriteRole()
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, "marked")).FullName;
        File.WriteAllText(Path.Combine(folder, "role.yaml"), """
            name: Marked
            description: A role of a test.
            greeting: true
            tools:
              - { name: save, target: server, description: Saves a note. }

            """);
        File.WriteAllText(Path.Combine(folder, "agent.instruct"), "MARKERinstructions\n");
        File.WriteAllText(Path.Combine(folder, "rehearsal.yaml"), """
            greeting: MARKERgreeting.
            rules:
              - when: [markertext]
                say: MARKERsaid.
                call:
                  - name: save
                    arguments: { text: MARKERargument }
                then: MARKERend.

            """);
    }
}
