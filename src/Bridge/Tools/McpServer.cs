using System.Text.Json;
using System.Text.RegularExpressions;
using System.Threading.Channels;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Bridge.Tools;

/// <summary>
/// One MCP server of one call: connected and listed when the call starts, listed again when it says that its tools have changed
/// (<c>notifications/tools/list_changed</c>), connected again when it went away and is needed. Every call has its own, so that nothing
/// leaks from caller to caller.
/// </summary>
/// <param name="declaration">Of the role.</param>
/// <param name="role">Its slug.</param>
/// <param name="services">Options, secrets, clients.</param>
/// <param name="problem">For the log: a stable code and a sentence.</param>
/// <param name="listed">Told whenever <see cref="Tools"/> are others.</param>
internal sealed partial class McpServer(
    ToolDeclaration declaration, string role, ToolServices services, Action<string, string> problem, Action<McpServer> listed) : IAsyncDisposable
{
    // A server that changes its tools at every turn may fill no log.
    private const int MaxTold = 200;
    private const int MaxTools = 64;
    private const int MaxDescription = 2_000;
    private static readonly TimeSpan ConnectTime = TimeSpan.FromSeconds(15);

    // A program has two seconds to end by itself.
    private static readonly TimeSpan EndTime = TimeSpan.FromSeconds(3);

    // A server that says without a pause that its tools have changed is asked no more often.
    private static readonly TimeSpan ListPause = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _connecting = new(1);
    private readonly CancellationTokenSource _disposed = new();
    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly HashSet<string> _told = new(StringComparer.Ordinal);
    private Connection? _connection;

    // Of the program that was started last; null when the server is reached by URL.
    private volatile McpLastLines? _lines;

    /// <summary>Connections are equal when these are; a role change keeps them.</summary>
    public string Key { get; } = KeyOf(declaration, role);

    /// <summary>The list of the last listing; empty before.</summary>
    public IReadOnlyList<BoundTool> Tools { get; private set; } = [];

    /// <summary>Names a connection. One with secrets belongs to its role, for secrets are bound to roles.</summary>
    public static string KeyOf(ToolDeclaration declaration, string role) => JsonSerializer.Serialize(new
    {
        declaration.Name,
        declaration.Mcp,
        declaration.Timeout,
        declaration.BargeIn,
        declaration.Progress,
        declaration.Confirm,
        declaration.Label,
        Role = declaration.Mcp?.Secrets.Count > 0 ? role : null,
    });

    /// <summary>Connects, lists the allowed tools, and lists them again whenever they change, until the server is disposed.</summary>
    public async Task FollowAsync()
    {
        try
        {
            do
            {
                if (await TryListAsync().ConfigureAwait(false))
                {
                    listed(this);
                }

                await Task.Delay(ListPause, services.Time, _disposed.Token).ConfigureAwait(false);
            }
            while (await _changes.Reader.ReadAsync(_disposed.Token).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (_disposed.IsCancellationRequested)
        {
            // The call or its role has ended.
        }
    }

    // A tool that can not be used is left out and reported. False: nothing has changed.
    private async Task<bool> TryListAsync()
    {
        Connection? connection = null;
        try
        {
            using var time = new CancellationTokenSource(ConnectTime, services.Time);
            using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(time.Token, _disposed.Token);
            connection = await ConnectAsync(cancellation.Token).ConfigureAwait(false);
            var found = await connection.Client.ListToolsAsync(cancellationToken: cancellation.Token).ConfigureAwait(false);
            var before = Tools;
            Tools = Bind(found);
            return !before.Select(Signature).SequenceEqual(Tools.Select(Signature));
        }
        catch (Exception) when (_disposed.IsCancellationRequested)
        {
            return false; // the call or its role has ended
        }
        catch (Exception exception)
        {
            Tell($"the MCP server can not be used: {await DescribeAsync(exception, connection).ConfigureAwait(false)}.");
            return false;
        }

        static string Signature(BoundTool tool) => $"{tool.Declaration.Name}\n{tool.Declaration.Description}\n{tool.Declaration.Parameters.GetRawText()}";
    }

    public async Task<ToolOutcome> RunAsync(ToolRun run, CancellationToken cancellation)
    {
        Connection? connection = null;
        try
        {
            connection = await ConnectAsync(cancellation).ConfigureAwait(false);
            run.Begun = true;
            var arguments = run.Arguments.EnumerateObject().ToDictionary(member => member.Name, member => (object?)member.Value, StringComparer.Ordinal);
            var result = await connection.Client.CallToolAsync(run.Bound.RemoteName!, arguments, new Reports(run), cancellationToken: cancellation).ConfigureAwait(false);
            return McpResult.Outcome(run.Tool.Name, result);
        }
        catch (McpProtocolException exception)
        {
            return ToolOutcome.Fail($"{run.Tool.Name} failed: {exception.Message}"); // the server's own answer
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            run.Host.Problem("tool_mcp", $"{run.Tool.Name}: {await DescribeAsync(exception, connection).ConfigureAwait(false)}.");
            await DropAsync(connection).ConfigureAwait(false);
            return run.Begun
                ? ToolOutcome.Unknown(run.Tool.Name, "its server is gone")
                : ToolOutcome.Fail($"{run.Tool.Name} was not done: its server can not be reached.");
        }
    }

    /// <summary>Ends the connection, whatever its server does.</summary>
    public async ValueTask DisposeAsync()
    {
        await _disposed.CancelAsync().ConfigureAwait(false);
        if (await TakeAsync(_ => true).ConfigureAwait(false) is { } connection)
        {
            await EndAsync(connection).ConfigureAwait(false);
        }
    }

    private async Task<Connection> ConnectAsync(CancellationToken cancellation)
    {
        await _connecting.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed.IsCancellationRequested, this);
            if (_connection is { Client.Completion.IsCompleted: true } broken)
            {
                _connection = null;
                if (_lines is { } lines && await lines.EndAsync(null, broken.Client).ConfigureAwait(false) is { } end)
                {
                    problem("tool_mcp", $"{declaration.Name}: {end}; it is started again.");
                }

                _ = EndAsync(broken);
            }

            return _connection ??= await OpenAsync(cancellation).ConfigureAwait(false);
        }
        finally
        {
            _connecting.Release();
        }
    }

    private async Task<Connection> OpenAsync(CancellationToken cancellation)
    {
        var http = declaration.Mcp!.Url is null ? null : services.CreateMcpClient();
        var options = new McpClientOptions { Handlers = new McpClientHandlers { NotificationHandlers = [new(NotificationMethods.ToolListChangedNotification, OnToolsChanged)] } };
        var connection = new Connection(McpClient.CreateAsync(Transport(http), options, cancellationToken: cancellation), http);
        try
        {
            // A connect that is cancelled says goodbye, too, once the server has named a session.
            await connection.Opening.WaitAsync(cancellation).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            _ = EndAsync(connection);
            throw;
        }
    }

    /// <summary>Forgets a connection that broke, so that the next call makes a new one. Nobody waits for its end: the model waits for its answer.</summary>
    private async Task DropAsync(Connection? broken)
    {
        if (broken is not null && await TakeAsync(connection => connection == broken).ConfigureAwait(false) is not null)
        {
            _ = EndAsync(broken);
        }
    }

    /// <summary>Takes the connection away if it is the one meant: whoever has it ends it, and no other.</summary>
    private async Task<Connection?> TakeAsync(Predicate<Connection> isMeant)
    {
        await _connecting.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_connection is not { } connection || !isMeant(connection))
            {
                return null;
            }

            _connection = null;
            return connection;
        }
        finally
        {
            _connecting.Release();
        }
    }

    /// <summary>Ends a connection. A server that does not answer the goodbye is given up in time. Never throws: often nobody waits for it.</summary>
    private async Task EndAsync(Connection connection)
    {
        try
        {
            await CloseAsync(connection).WaitAsync(EndTime, services.Time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            problem("tool_mcp", $"{declaration.Name}: the MCP server did not end its session within {EndTime.TotalSeconds:0} seconds.");
        }
        finally
        {
            // Cancels what still waits for an answer, the goodbye itself included.
            connection.Http?.Dispose();
        }
    }

    private async Task CloseAsync(Connection connection)
    {
        try
        {
            var client = await connection.Opening.ConfigureAwait(false);
            await client.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // Why there was no connection is said by who wanted it.
            if (connection.Opening.IsCompletedSuccessfully)
            {
                problem("tool_mcp", $"{declaration.Name}: the MCP server could not be ended: {Describe(exception)}.");
            }
        }
    }

    private IClientTransport Transport(HttpClient? http)
    {
        var settings = declaration.Mcp!;
        var secrets = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in settings.Secrets)
        {
            secrets[name] = SecretText.TryFill(value, role, settings.Url, services, out var filled, out var wrong)
                ? filled
                : throw new InvalidOperationException(wrong);
        }

        if (http is not null)
        {
            return new HttpClientTransport(new HttpClientTransportOptions { Endpoint = settings.Url!, AdditionalHeaders = secrets, ConnectionTimeout = ConnectTime }, http);
        }

        if (!services.Options.AllowCommands)
        {
            throw new InvalidOperationException($"this host starts no programs for roles; allow it with {ToolOptions.Section}:AllowCommands=true");
        }

        // Not the host's environment: it holds the model's key.
        var environment = StdioClientTransportOptions.GetDefaultEnvironmentVariables().ToDictionary(pair => pair.Key, pair => (string?)pair.Value, StringComparer.Ordinal);
        foreach (var (name, value) in secrets)
        {
            environment[name] = value;
        }

        var lines = new McpLastLines([.. secrets.Values]);
        _lines = lines;
        return new StdioClientTransport(new StdioClientTransportOptions
        {
            StandardErrorLines = lines.Add,
            Command = settings.Command!,
            Arguments = [.. settings.Arguments],
            InheritEnvironmentVariables = false,
            EnvironmentVariables = environment,
            ShutdownTimeout = TimeSpan.FromSeconds(2),
        });
    }

    private List<BoundTool> Bind(IList<McpClientTool> listed)
    {
        var allow = declaration.Mcp!.Allow;
        var tools = new List<BoundTool>();
        foreach (var tool in listed.Where(tool => allow.Contains("*") || allow.Contains(tool.Name)))
        {
            var name = $"{declaration.Name}_{NotInNames().Replace(tool.Name, "_")}";
            string? wrong = null;
            if (name.Length > 64 || tools.Any(other => other.Declaration.Name == name) || tools.Count >= MaxTools)
            {
                wrong = "its name is too long, taken, or there are too many tools";
            }
            else
            {
                var description = string.IsNullOrWhiteSpace(tool.Description) ? tool.Name : tool.Description;
                var declared = declaration with
                {
                    Name = name,
                    Description = description.Length > MaxDescription ? description[..MaxDescription] : description,
                    Parameters = tool.JsonSchema,
                };
                if (BoundTool.TryBind(declared, out var bound, out var refused))
                {
                    tools.Add(bound with { Server = this, RemoteName = tool.Name });
                }
                else
                {
                    wrong = refused.ToString();
                }
            }

            if (wrong is not null)
            {
                Tell($"the tool {Printable(tool.Name)} is left out: {wrong}");
            }
        }

        foreach (var missing in allow.Where(name => name != "*" && listed.All(tool => tool.Name != name)))
        {
            Tell($"the server has no tool {missing}.");
        }

        return tools;
    }

    private ValueTask OnToolsChanged(JsonRpcNotification notification, CancellationToken cancellation)
    {
        _changes.Writer.TryWrite(true);
        return ValueTask.CompletedTask;
    }

    // A fault of a server is there each time it is listed: the log hears of it once.
    private void Tell(string sentence)
    {
        if (_told.Count < MaxTold && _told.Add(sentence))
        {
            problem("tool_mcp", $"{declaration.Name}: {sentence}");
        }
    }

    private async Task<string> DescribeAsync(Exception exception, Connection? connection) =>
        exception is not OperationCanceledException && _lines is { } lines && await lines.EndAsync(exception, connection?.Client).ConfigureAwait(false) is { } end
            ? end
            : Describe(exception);

    private static string Printable(string foreign) => string.Concat(foreign.Where(c => !char.IsControl(c)).Take(100));

    private static string Describe(Exception exception) => exception switch
    {
        OperationCanceledException => $"it did not answer within {ConnectTime.TotalSeconds:0} seconds",
        InvalidOperationException => exception.Message,
        _ => exception.GetType().Name,
    };

    [GeneratedRegex("[^A-Za-z0-9_-]")]
    private static partial Regex NotInNames();

    /// <summary>A client, there or on its way, and what carries its requests when it is not a program.</summary>
    private sealed record Connection(Task<McpClient> Opening, HttpClient? Http)
    {
        /// <summary>The client, once it has opened.</summary>
        public McpClient Client => Opening.Result;
    }

    private sealed class Reports(ToolRun run) : IProgress<ProgressNotificationValue>
    {
        public void Report(ProgressNotificationValue value) =>
            run.Report(value.Message, value.Total is > 0 ? Math.Clamp(value.Progress / value.Total.Value * 100, 0, 100) : null);
    }
}
