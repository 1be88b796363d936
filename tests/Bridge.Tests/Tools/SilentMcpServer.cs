using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Bridge.Tests.Tools;

/// <summary>
/// An MCP server over HTTP that names a session and never answers the DELETE that ends it. Its tool <c>break</c> is one too many for it.
/// </summary>
internal sealed class SilentMcpServer : IAsyncDisposable
{
    private readonly TaskCompletionSource _initialized = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _goodbye = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _givenUp = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly bool _greets;
    private WebHook _hook = null!;
    private int _sessions;

    private SilentMcpServer(bool greets) => _greets = greets;

    public Uri Url => _hook.Url;

    /// <summary>Sessions begun so far.</summary>
    public int Sessions => Volatile.Read(ref _sessions);

    /// <summary>The client has its session and said so.</summary>
    public Task Initialized => _initialized.Task;

    /// <summary>A DELETE came.</summary>
    public Task Goodbye => _goodbye.Task;

    /// <summary>Its sender no longer waits for the answer.</summary>
    public Task GivenUp => _givenUp.Task;

    /// <summary>Starts it; one that does not greet leaves the client without an answer as soon as it has its session.</summary>
    public static async Task<SilentMcpServer> Start(bool greets = true)
    {
        var server = new SilentMcpServer(greets);
        server._hook = await WebHook.Start(server.AnswerAsync);
        return server;
    }

    public ValueTask DisposeAsync() => _hook.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        switch (context.Request.Method)
        {
            case "DELETE":
                _goodbye.TrySetResult();
                await NeverAsync(context);
                _givenUp.TrySetResult();
                return;
            case "POST":
                await AnswerAsync(context, await context.Request.ReadFromJsonAsync<JsonElement>());
                return;
            default:
                context.Response.StatusCode = 405;
                return;
        }
    }

    private async Task AnswerAsync(HttpContext context, JsonElement message)
    {
        switch (message.GetProperty("method").GetString())
        {
            case "initialize":
                context.Response.Headers["Mcp-Session-Id"] = $"s{Interlocked.Increment(ref _sessions)}";
                await ResultAsync(
                    """{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"silent","version":"1"}}""");
                return;
            case "notifications/initialized":
                _initialized.TrySetResult();
                if (!_greets)
                {
                    await NeverAsync(context);
                }

                context.Response.StatusCode = 202;
                return;
            case "tools/list":
                await ResultAsync(
                    """{"tools":[{"name":"stock","inputSchema":{"type":"object"}},{"name":"break","inputSchema":{"type":"object"}}]}""");
                return;
            case "tools/call" when message.GetProperty("params").GetProperty("name").GetString() == "stock":
                await ResultAsync("""{"content":[{"type":"text","text":"3 left"}]}""");
                return;
            case "tools/call":
                context.Response.StatusCode = 500;
                return;
            default:
                await WriteAsync("error", """{"code":-32601,"message":"Method not found"}""");
                return;
        }

        Task ResultAsync(string result) => WriteAsync("result", result);

        Task WriteAsync(string member, string json)
        {
            context.Response.ContentType = "application/json";
            return context.Response.WriteAsync(
                $$"""{"jsonrpc":"2.0","id":{{message.GetProperty("id").GetRawText()}},"{{member}}":{{json}}}""");
        }
    }

    private static async Task NeverAsync(HttpContext context) =>
        await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
}
