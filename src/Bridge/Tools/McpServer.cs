using System.Text.Json;
using System.Text.RegularExpressions;
using Bridge.Roles;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Bridge.Tools;

/// <summary>
/// One MCP server of one call: connected and listed when the call starts, connected again when it went away and is
/// needed. Every call has its own, so that nothing leaks from caller to caller.
/// </summary>
internal sealed partial class McpServer(ToolDeclaration declaration, string role, ToolServices services, Action<string, string> problem) : IAsyncDisposable
{
    private const int MaxTools = 64;
    private const int MaxDescription = 2_000;
    private static readonly TimeSpan ConnectTime = TimeSpan.FromSeconds(15);

    // A program has two seconds to end by itself.
    private static readonly TimeSpan EndTime = TimeSpan.FromSeconds(3);

    private readonly SemaphoreSlim _connecting = new(1);
    private readonly CancellationTokenSource _disposed = new();
    private Connection? _connection;

    /// <summary>Connections are equal when these are; a role change keeps them.</summary>
    public string Key { get; } = KeyOf(declaration, role);

    /// <summary>What <see cref="ListAsync"/> found; empty before.</summary>
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

    /// <summary>Connects and lists the allowed tools; what can not be used is left out and reported. True when there are any.</summary>
    public async Task<bool> ListAsync()
    {
        try
        {
            using var time = new CancellationTokenSource(ConnectTime, services.Time);
            using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(time.Token, _disposed.Token);
            var connection = await ConnectAsync(cancellation.Token).ConfigureAwait(false);
            var listed = await connection.Client.ListToolsAsync(cancellationToken: cancellation.Token).ConfigureAwait(false);
            Tools = Bind(listed);
            return Tools.Count > 0;
        }
        catch (OperationCanceledException) when (_disposed.IsCancellationRequested)
        {
            return false;
        }
        catch (Exception exception)
        {
            problem("tool_mcp", $"{declaration.Name}: the MCP server can not be used: {Describe(exception)}.");
            return false;
        }
    }

    public async Task<ToolOutcome> RunAsync(ToolRun run, CancellationToken cancellation)
    {
        Connection? connection = null;
        try
        {
            connection = await ConnectAsync(cancellation).ConfigureAwait(false);
            var arguments = run.Arguments.EnumerateObject().ToDictionary(member => member.Name, member => (object?)member.Value, StringComparer.Ordinal);
            var result = await connection.Client.CallToolAsync(run.Bound.RemoteName!, arguments, new Reports(run), cancellationToken: cancellation).ConfigureAwait(false);
            return Outcome(run.Tool.Name, result);
        }
        catch (McpProtocolException exception)
        {
            return ToolOutcome.Fail($"{run.Tool.Name} failed: {exception.Message}"); // the server's own answer
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            run.Host.Problem("tool_mcp", $"{run.Tool.Name}: {Describe(exception)}.");
            await DropAsync(connection).ConfigureAwait(false);
            return ToolOutcome.Fail($"{run.Tool.Name} failed: its server can not be reached.");
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
        var connection = new Connection(McpClient.CreateAsync(Transport(http), cancellationToken: cancellation), http);
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

        return new StdioClientTransport(new StdioClientTransportOptions
        {
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
                problem("tool_mcp", $"{declaration.Name}: the tool {tool.Name} is left out: {wrong}");
            }
        }

        foreach (var missing in allow.Where(name => name != "*" && listed.All(tool => tool.Name != name)))
        {
            problem("tool_mcp", $"{declaration.Name}: the server has no tool {missing}.");
        }

        return tools;
    }

    private static ToolOutcome Outcome(string name, CallToolResult result)
    {
        var text = string.Join('\n', result.Content.Select(block => block is TextContentBlock plain ? plain.Text : $"[{block.Type}, not shown]"));
        if (result.IsError == true)
        {
            return ToolOutcome.Fail($"{name} failed: {text}");
        }

        return result.StructuredContent is { } structured ? ToolOutcome.Done(structured) : ToolOutcome.Done(new { text });
    }

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
