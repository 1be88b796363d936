using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Bridge.JsonSchema;
using Bridge.Roles;

namespace Bridge.Tools;

/// <summary>
/// The function calls of one call: checked against the tool's schema, then run on the page, in the host, by a web hook or
/// an MCP server, each on the pool, so that neither audio nor the call's mailbox ever waits. How many rounds a turn may
/// take and what an interruption does is the turn machine's business; it says <see cref="Cancel"/>.
/// </summary>
internal sealed class ToolDispatcher : IAsyncDisposable
{
    private const int MaxTools = 128;
    private const int MaxArgumentDepth = 32;

    // A result's size before it is cut: HttpTool reads one megabyte, a page's message holds a quarter of one.
    private const int RunBytes = 2 << 20;

    private readonly Lock _gate = new();
    private readonly ToolHost _host;
    private readonly ToolServices _services;
    private readonly ConcurrentDictionary<string, CancellationTokenSource> _running = new(StringComparer.Ordinal);
    private readonly SpokenConsent _spoken = new();
    private List<BoundTool> _ofRole = [];
    private List<BoundTool> _ofPage = [];
    private List<ToolRefusal> _refusedOfRole = [];
    private List<ToolRefusal> _refusedOfPage = [];
    private readonly Dictionary<string, ToolRefusal> _refusedByModel = new(StringComparer.Ordinal);
    private List<McpServer> _servers = [];
    private FrozenDictionary<string, BoundTool> _byName = FrozenDictionary<string, BoundTool>.Empty;
    private bool _open;
    private bool _disposed;

    /// <summary>A dispatcher without tools; <see cref="UseRole"/> gives it some.</summary>
    public ToolDispatcher(ToolHost host, ToolServices services)
    {
        _host = host;
        _services = services;
    }

    /// <summary>The tools that the model may call now: the role's tools, those of its MCP servers once they are listed, then the page's that have other names.</summary>
    public IReadOnlyList<ToolDeclaration> Declared { get; private set; } = [];

    /// <summary>The role's and the page's tools that are left out, and why; the others work.</summary>
    public IReadOnlyList<ToolRefusal> Refused { get; private set; } = [];

    /// <summary>Function calls that run now.</summary>
    public int Running => _running.Count;

    /// <summary>Takes a role's tools; see <see cref="UseTools"/>.</summary>
    public void UseRole(Role role) => UseTools(role.Tools, role.Slug);

    /// <summary>
    /// Takes a role's tools, in place of those of the role before. Returns at once; after <see cref="OpenServers"/> MCP servers
    /// are connected and listed behind, each then raises <see cref="ToolHost.DeclaredChanged"/>. A server that both roles name alike is kept.
    /// </summary>
    public void UseTools(IReadOnlyList<ToolDeclaration> declarations, string role = "")
    {
        var tools = new List<BoundTool>();
        var refused = new List<ToolRefusal>();
        List<McpServer> added = [];
        List<McpServer> dropped;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            var servers = new List<McpServer>();
            foreach (var tool in declarations)
            {
                if (tool.Target == ToolTarget.Mcp)
                {
                    var key = McpServer.KeyOf(tool, role);
                    var server = _servers.Find(server => server.Key == key);
                    if (server is null)
                    {
                        server = new McpServer(tool, role, _services, _host.Problem, OnListed);
                        added.Add(server);
                    }

                    servers.Add(server);
                }
                else if (TryBind(tool, out var bound, out var problem))
                {
                    tools.Add(bound with { Role = role });
                }
                else
                {
                    refused.Add(Refuse(tool, problem));
                }
            }

            if (!_open)
            {
                added.Clear();
            }

            dropped = [.. _servers.Except(servers)];
            _servers = servers;
            _ofRole = tools;
            _refusedOfRole = refused;
            Publish();
        }

        foreach (var server in added)
        {
            _ = Task.Run(server.FollowAsync);
        }

        foreach (var server in dropped)
        {
            _ = Task.Run(async () => await server.DisposeAsync().ConfigureAwait(false));
        }
    }

    /// <summary>Connects and lists the MCP servers, now and of every role to come. Called once; after the end it does nothing.</summary>
    public void OpenServers()
    {
        List<McpServer> servers;
        lock (_gate)
        {
            _open = true;
            servers = [.. _servers];
        }

        foreach (var server in servers)
        {
            _ = Task.Run(server.FollowAsync);
        }
    }

    /// <summary>
    /// Takes the tools that the page registers, in place of those before; names of the role's tools stay the role's. A tool
    /// that can not be used is left out and named in <see cref="Refused"/>. True when <see cref="Declared"/> is another one now.
    /// </summary>
    /// <param name="tools">The tools.</param>
    /// <param name="unreadable">Tools that the page sent and nobody could read.</param>
    public bool RegisterPageTools(IReadOnlyList<ToolDeclaration> tools, IReadOnlyList<ToolRefusal>? unreadable = null)
    {
        var bound = new List<BoundTool>(tools.Count);
        List<ToolRefusal> refused = [.. unreadable ?? []];
        foreach (var tool in tools)
        {
            if (TryBind(tool, out var ready, out var problem))
            {
                bound.Add(ready);
            }
            else
            {
                refused.Add(new ToolRefusal(tool.Name, Sentence(tool, problem)));
            }
        }

        lock (_gate)
        {
            // A page says hello again on every channel; the log hears of a tool once.
            foreach (var refusal in refused.Except(_refusedOfPage))
            {
                _host.Problem("tool_schema", refusal.Message);
            }

            var before = Declared;
            _ofPage = bound;
            _refusedOfPage = refused;
            Publish();
            return !before.Select(Signature).SequenceEqual(Declared.Select(Signature));
        }
    }

    /// <summary>The model's service refuses a tool that the host can use: it is among the refused until another of that name is registered.</summary>
    public void LeaveOut(string name, string message)
    {
        _host.Problem("tool_refused", message);
        lock (_gate)
        {
            if (_byName.ContainsKey(name))
            {
                _refusedByModel[name] = new ToolRefusal(name, message);
                Refused = [.. _refusedOfRole, .. _refusedOfPage, .. _refusedByModel.Values];
            }
        }
    }

    /// <summary>Starts a function call and returns at once; it ends in <see cref="ToolHost.Completed"/>. A call_id that runs already is not started again.</summary>
    /// <param name="callId">Names the call.</param>
    /// <param name="name">The function.</param>
    /// <param name="argumentsJson">Its arguments.</param>
    /// <param name="again">It may have run before the host crashed: one that can't tell by its call_id is not run again.</param>
    public void Invoke(string callId, string name, string argumentsJson, bool again = false)
    {
        var cancel = new CancellationTokenSource();
        if (!_running.TryAdd(callId, cancel))
        {
            cancel.Dispose();
            _host.Problem("tool_duplicate", $"{name} was called twice with one call_id.");
            return;
        }

        _ = Task.Run(() => RunAsync(callId, name, argumentsJson, again, cancel));
    }

    /// <summary>The caller said or wrote something: what the page asks about can be answered aloud.</summary>
    public void PersonSaid() => _spoken.PersonSaid();

    /// <summary>Stops a function call whose result nobody waits for any more; false when it does not run.</summary>
    public bool Cancel(string callId)
    {
        if (!_running.TryGetValue(callId, out var cancel))
        {
            return false;
        }

        try
        {
            cancel.Cancel();
            return true;
        }
        catch (ObjectDisposedException)
        {
            return false; // it ended this very moment
        }
    }

    /// <summary>Cancels what runs and ends the MCP servers, side by side.</summary>
    public async ValueTask DisposeAsync()
    {
        List<McpServer> servers;
        lock (_gate)
        {
            _disposed = true;
            servers = _servers;
            _servers = [];
        }

        foreach (var callId in _running.Keys)
        {
            Cancel(callId);
        }

        await Task.WhenAll(servers.Select(server => server.DisposeAsync().AsTask())).ConfigureAwait(false);
    }

    private bool TryBind(ToolDeclaration tool, out BoundTool bound, out SchemaProblem problem)
    {
        if (tool.Target == ToolTarget.App)
        {
            if (!_services.Application.TryFind(tool.Name, out var function))
            {
                (bound, problem) = (null!, new SchemaProblem("#", "is not known: the application has added no function of this name"));
                return false;
            }

            var description = tool.Description.Length > 0 ? tool.Description : function.Description;
            tool = tool with { Parameters = function.Parameters, Description = description };
        }

        // A built-in may leave its schema to the host.
        var declared = tool.Target == ToolTarget.Server && tool.Parameters.ValueKind == JsonValueKind.Undefined && ServerTools.Find(tool.Name) is { } builtIn
            ? tool with { Parameters = builtIn.Parameters, Description = tool.Description.Length > 0 ? tool.Description : builtIn.Description }
            : tool;
        return BoundTool.TryBind(declared, out bound, out problem);
    }

    private static string Signature(ToolDeclaration tool) =>
        $"{tool.Name}\n{tool.Description}\n{(tool.Parameters.ValueKind == JsonValueKind.Undefined ? "" : tool.Parameters.GetRawText())}";

    private ToolRefusal Refuse(ToolDeclaration tool, SchemaProblem problem)
    {
        var refusal = new ToolRefusal(tool.Name, Sentence(tool, problem));
        _host.Problem("tool_schema", refusal.Message);
        return refusal;
    }

    private static string Sentence(ToolDeclaration tool, SchemaProblem problem) => $"{tool.Name} is left out: {problem}";

    // A server's list is another one: at its first listing, and whenever it says so.
    private void OnListed(McpServer server)
    {
        lock (_gate)
        {
            if (_disposed || !_servers.Contains(server))
            {
                return;
            }

            Publish();
        }

        _host.DeclaredChanged();
    }

    private void Publish()
    {
        var byName = new Dictionary<string, BoundTool>(StringComparer.Ordinal);
        var declared = new List<ToolDeclaration>();
        foreach (var tool in _ofRole.Concat(_servers.SelectMany(server => server.Tools)).Concat(_ofPage))
        {
            if (declared.Count < MaxTools && byName.TryAdd(tool.Declaration.Name, tool))
            {
                declared.Add(tool.Declaration.Confirm ? tool.Declaration with { Description = tool.Declaration.Description + SpokenConsent.Hint } : tool.Declaration);
            }
        }

        if (declared.Exists(tool => tool.Confirm) && byName.TryAdd(SpokenConsent.FunctionName, SpokenConsent.Function))
        {
            declared.Add(SpokenConsent.Function.Declaration);
        }

        // A tool that is declared otherwise now is tried again.
        foreach (var name in _refusedByModel.Keys.Where(name => !byName.TryGetValue(name, out var now) || Signature(now.Declaration) != Signature(_byName[name].Declaration)).ToList())
        {
            _refusedByModel.Remove(name);
        }

        _byName = byName.ToFrozenDictionary(StringComparer.Ordinal);
        Declared = declared;
        Refused = [.. _refusedOfRole, .. _refusedOfPage, .. _refusedByModel.Values];
    }

    private async Task RunAsync(string callId, string name, string argumentsJson, bool again, CancellationTokenSource cancel)
    {
        ToolOutcome? outcome;
        ToolRun? run = null;
        var target = "none";
        try
        {
            if (again && !RunsOnceOnly(name))
            {
                outcome = ToolOutcome.Fail($"It is unknown whether {name} was done: the server was restarted meanwhile.");
            }
            else if (TryPrepare(callId, name, argumentsJson, out run, out outcome))
            {
                target = BoundTool.NameOf(run.Tool.Target);
                run.Show("started");
                outcome = (await ToolConsent.RefusalAsync(run, _spoken, cancel.Token).ConfigureAwait(false)
                    ?? await DispatchAsync(run, cancel.Token).ConfigureAwait(false)).Cap(name, _services.Options.MaxResultBytes);
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            outcome = null;
        }
        catch (Exception exception)
        {
            // The model has to get an answer whatever broke.
            _host.Problem("tool_failed", $"{name}: {exception.GetType().Name}");
            outcome = run is { Begun: true } ? ToolOutcome.Unknown(name, "it failed on the server") : ToolOutcome.Fail($"{name} failed on the server.");
        }
        finally
        {
            _running.TryRemove(callId, out _);
            cancel.Dispose();
            if (run is not null)
            {
                _host.Return(RunBytes);
            }
        }

        // Raised once it runs no more: its receiver may ask for the rest.
        if (outcome is null)
        {
            _host.Activity(new ToolActivity(callId, name, target, "cancelled", Label: run?.Label));
            return;
        }

        if (outcome.Cancelled)
        {
            _host.Activity(new ToolActivity(callId, name, target, "cancelled", Label: run?.Label));
            await _host.CancelledByPerson(callId).ConfigureAwait(false);
            return;
        }

        _host.Activity(new ToolActivity(callId, name, target, outcome.Failed ? "failed" : "done", outcome.Sentence, Label: run?.Label));
        await _host.Completed(callId, outcome).ConfigureAwait(false);
    }

    // The page knows by the call_id what it has done, and so do notes; the other functions of the host do no harm twice.
    private bool RunsOnceOnly(string name) => _byName.TryGetValue(name, out var tool) && tool.Declaration.Target is ToolTarget.Page or ToolTarget.Server;

    private bool TryPrepare(string callId, string name, string argumentsJson, [NotNullWhen(true)] out ToolRun? run, [NotNullWhen(false)] out ToolOutcome? refusal)
    {
        run = null;
        if (!_byName.TryGetValue(name, out var tool))
        {
            refusal = ToolOutcome.Fail($"There is no tool {name}. There are: {string.Join(", ", _byName.Keys.Order(StringComparer.Ordinal))}.");
            return false;
        }

        if (_running.Count > _services.Options.MaxRunning)
        {
            refusal = ToolOutcome.Fail($"{_services.Options.MaxRunning} tools are running already. Wait for them before you call {name}.");
            return false;
        }

        JsonElement arguments;
        IReadOnlyList<SchemaError> errors;
        try
        {
            arguments = JsonElement.Parse(string.IsNullOrWhiteSpace(argumentsJson) ? "{}" : SurrogateEscapes.Mend(argumentsJson), new JsonDocumentOptions { MaxDepth = MaxArgumentDepth });
            if (arguments.ValueKind != JsonValueKind.Object)
            {
                refusal = ToolOutcome.Fail($"The arguments of {name} must be a JSON object; nothing was done.");
                return false;
            }

            errors = tool.Arguments.Check(arguments);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: text that the framework's reader lets pass and then can not turn into a string.
            refusal = ToolOutcome.Fail($"The arguments of {name} are no JSON; nothing was done.");
            return false;
        }

        if (ScalarStrings.TryRead(tool.Arguments, arguments, errors, out var read, out var places))
        {
            arguments = read;
            _host.Note($"tool {name}: arguments", $"read from strings: {string.Join(", ", places)}");
        }
        else if (errors.Count > 0)
        {
            refusal = ToolOutcome.BadArguments(name, errors);
            return false;
        }

        if (!_host.TryTake(RunBytes))
        {
            refusal = ToolOutcome.Fail($"This call holds as much as it may in memory; {name} was not called.");
            return false;
        }

        run = new ToolRun(callId, tool, arguments, _host, _services);
        refusal = null;
        return true;
    }

    private async Task<ToolOutcome> DispatchAsync(ToolRun run, CancellationToken cancellation)
    {
        if (ReferenceEquals(run.Bound, SpokenConsent.Function))
        {
            return _spoken.Answer(run.Arguments);
        }

        if (run.Tool.Target == ToolTarget.Page || run.Tool is { Target: ToolTarget.Server, Name: "show" })
        {
            // The RPC has the deadlines: they stand still while the page is away.
            return await (run.Tool.Target == ToolTarget.Page ? PageTool.RunAsync(run, cancellation) : ServerTool.RunAsync(run, cancellation)).ConfigureAwait(false);
        }

        run.Begun = run.Tool.Target == ToolTarget.Server;
        using var time = new CancellationTokenSource(run.Tool.Timeout, _services.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, time.Token);
        try
        {
            return await (run.Tool.Target switch
            {
                ToolTarget.Server => ServerTool.RunAsync(run, either.Token),
                ToolTarget.App => ApplicationTool.RunAsync(run, either.Token),
                ToolTarget.Http => HttpTool.RunAsync(run, either.Token),
                _ => run.Bound.Server!.RunAsync(run, either.Token),
            }).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            var within = $"within {run.Tool.Timeout.TotalSeconds:0.#} seconds";
            return run.Begun ? ToolOutcome.Unknown(run.Tool.Name, $"it did not answer {within}") : ToolOutcome.Fail($"{run.Tool.Name} was not done: it could not be reached {within}.");
        }
    }
}
