using System.Diagnostics;
using System.Globalization;
using System.Text;
using Bridge.Realtime.Conversation;
using Bridge.Realtime.Model;
using Bridge.RehearsalHosting;
using Bridge.Records;
using Bridge.Records.Sql;
using Bridge.Tests.Stops;

namespace Bridge.Tests.Cluster;

/// <summary>Nodes in processes of their own, one model, and pages that talk with them.</summary>
internal sealed class ClusterBench : IAsyncDisposable
{
    private const string Role =
        """
        name: Waiter
        description: Takes orders.
        page: host
        tools:
          - name: save
            target: server
          - name: ring
            target: page
            description: Rings the bell on the page.
            parameters: { type: object }
        """;

    private const string Script =
        """
        rules:
          - when: [gyoza]
            call:
              - name: save
                arguments: { text: Gyoza. }
              - name: ring
                arguments: {}
            then: It is saved, and what else would you like to eat with that?
        """;

    // The script's, and what the model says when it was told of the output while it said something else.
    private static readonly string[] Answers = ["It is saved", "I heard you"];

    // All pages have one address, and fifty calls begin at once.
    private static readonly (string, string)[] Limits =
    [
        ("Bridge__Limits__Joins", "1000"), ("Bridge__Limits__CallsPerAddress", "1000"), ("Bridge__Limits__CallsPerCaller", "1000"),
        ("Bridge__Limits__OffersPerAddress", "1000"), ("Bridge__Limits__ConnectionsPerAddress", "1000"),
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("bridge-cluster-").FullName;
    private readonly List<BridgeProgram> _nodes = [];
    private readonly List<ProgramPage> _pages = [];
    private readonly List<MovingPage> _moving = [];
    private RunningHost _model = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<ClusterBench> OpenAsync()
    {
        var bench = new ClusterBench();
        var role = Directory.CreateDirectory(Path.Combine(bench._folder, "roles", "waiter")).FullName;
        await File.WriteAllTextAsync(Path.Combine(role, "role.yaml"), Role + "\n", Cancellation);
        await File.WriteAllTextAsync(Path.Combine(role, "agent.instruct"), "Be brief.\n", Cancellation);
        await File.WriteAllTextAsync(Path.Combine(role, "rehearsal.yaml"), Script + "\n", Cancellation);
        bench._model = await RunningHost.StartAsync(
            ("Roles", Path.Combine(bench._folder, "roles")), ("Data", Path.Combine(bench._folder, "model")));
        return bench;
    }

    /// <summary>Starts a node.</summary>
    public async Task<(BridgeProgram Program, Uri Address)> StartAsync(string name, string redis, params (string, string)[] environment)
    {
        var program = BridgeProgram.StartWith(
            _model.Get<RehearsalHost>().Endpoint("waiter"), Path.Combine(_folder, "roles"), Path.Combine(_folder, name),
            [("Bridge__Redis", redis), ("Bridge__GraceSeconds", "20"), .. Limits, .. environment]);
        _nodes.Add(program);
        return (program, await program.AddressAsync(Cancellation));
    }

    /// <summary>A page with a call, or one that comes back with its token and tries again as pages do.</summary>
    public async Task<ProgramPage> CallAsync(Uri host, string? resumeToken = null)
    {
        var token = resumeToken is null ? null : await ComeBackAsync(host, resumeToken);
        var page = await ProgramPage.CallAsync(host, "waiter", Cancellation, resumeToken: token);
        lock (_pages)
        {
            _pages.Add(page);
        }

        return page;
    }

    /// <summary>One order: said, saved, and answered in words that were heard to their end.</summary>
    public static async Task OrderAsync(ProgramPage page, string text)
    {
        await page.SayAsync(text, Cancellation);
        await page.UntilToldAsync("call/note", Cancellation);
        while (true)
        {
            var line = await page.UntilToldAsync("call/transcript", Cancellation);
            if (line.TryGetProperty("final", out var final) && final.GetBoolean() && line.GetProperty("speaker").GetString() == "agent"
                && Answers.Any(a => line.GetProperty("text").GetString()!.StartsWith(a, StringComparison.Ordinal)))
            {
                return;
            }
        }
    }

    /// <summary>The words of the person and the count of notes, as a node's own store has it.</summary>
    public async Task<(IReadOnlyList<string> Said, int Notes, string? Reason, int Rings)> RecordAsync(string node, string callId)
    {
        await using var store = new SqlCallStore(
            new SqliteDialect(Path.Combine(_folder, node, "records.db")), TimeProvider.System);
        var record = await store.FindAsync(callId, Cancellation);
        Assert.NotNull(record);
        Assert.True(
            ConversationLog.TryParse(
                Encoding.UTF8.GetBytes(record.Conversation?.GetRawText() ?? """{"version":1,"entries":[]}"""), out var log));
        return ([.. log.Items.Where(i => i.Kind == ModelItemKind.UserMessage).Select(i => i.Text)], record.Notes.Count, record.Reason,
            log.Items.Count(i => i is { Kind: ModelItemKind.FunctionCall, Name: "ring" }));
    }

    /// <summary>Ids of the function calls that the pages of a call were asked for, in all their lives; a page runs each once.</summary>
    public IReadOnlySet<string> Rings(string callId)
    {
        lock (_pages)
        {
            return _pages.Where(p => p.CallId == callId).SelectMany(p => p.Told("tool/call"))
                .Select(asked => asked.GetProperty("callId").GetString()!).ToHashSet(StringComparer.Ordinal);
        }
    }

    /// <summary>A page that holds a second connection while its call moves.</summary>
    public async Task<MovingPage> MovingAsync(Uri host)
    {
        var page = await MovingPage.CallAsync(host, "waiter", Cancellation);
        lock (_moving)
        {
            _moving.Add(page);
        }

        return page;
    }

    /// <summary>Kills a node.</summary>
    public async Task KillAsync(BridgeProgram node)
    {
        _nodes.Remove(node);
        await node.DisposeAsync();
    }

    /// <summary>Sends a signal to a process.</summary>
    public static async Task SignalAsync(BridgeProgram program, string signal)
    {
        using var kill = Process.Start("kill", ["-s", signal, program.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(Cancellation);
        Assert.Equal(0, kill.ExitCode);
    }

    public async ValueTask DisposeAsync()
    {
        // First: a node that stands still answers no goodbye of its pages.
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }

        foreach (var page in _pages)
        {
            await page.DisposeAsync();
        }

        foreach (var page in _moving)
        {
            await page.DisposeAsync();
        }

        await _model.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    // The token that the page goes on with.
    private static async Task<string> ComeBackAsync(Uri host, string token)
    {
        while (true)
        {
            await using var hub = await HubClient.ConnectAsync(host, Cancellation);
            var (joined, refusal) = await hub.InvokeAsync(
                "Join", new { role = "waiter", resumeToken = token, resumeOnly = true }, Cancellation);
            if (refusal is null)
            {
                return joined.GetProperty("resumeToken").GetString()!;
            }

            Assert.Contains("node_away", refusal, StringComparison.Ordinal);
            await Task.Delay(200, Cancellation);
        }
    }
}
