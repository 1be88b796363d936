using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Bridge.Realtime.Tests.OpenAi;

/// <summary>A service of loopback that says what a test has it say, and writes down what it hears.</summary>
internal sealed class WireRecorder(WebApplication app, params string[] messages) : IAsyncDisposable
{
    private const string Created = """{"type":"session.created","event_id":"e","session":{"id":"s","model":"m"}}""";
    private readonly Channel<JsonObject> _heard = Channel.CreateUnbounded<JsonObject>();

    public Uri Url => new(app.Urls.First() + "/v1");

    public string? Model { get; private set; }

    /// <param name="messages">Sent to each client that connects; none: a plain <c>session.created</c>.</param>
    public static async Task<WireRecorder> StartAsync(params string[] messages)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var recorder = new WireRecorder(app, messages is [] ? [Created] : messages);
        app.UseWebSockets();
        app.Run(recorder.ServeAsync);
        await app.StartAsync();
        return recorder;
    }

    public async Task<JsonObject> NextAsync() =>
        await _heard.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(30));

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await app.StopAsync(now.Token);
        await app.DisposeAsync();
    }

    private async Task ServeAsync(HttpContext context)
    {
        Model = context.Request.Query["model"];
        using var socket = await context.WebSockets.AcceptWebSocketAsync("realtime");
        foreach (var message in messages)
        {
            await socket.SendAsync(Encoding.UTF8.GetBytes(message), WebSocketMessageType.Text, true, context.RequestAborted);
        }

        var heard = new MemoryStream();
        var part = new byte[4096];
        try
        {
            while (await socket.ReceiveAsync(part.AsMemory(), context.RequestAborted) is { MessageType: WebSocketMessageType.Text } received)
            {
                heard.Write(part, 0, received.Count);
                if (received.EndOfMessage)
                {
                    _heard.Writer.TryWrite((JsonObject)JsonNode.Parse(heard.ToArray())!);
                    heard.SetLength(0);
                }
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or WebSocketException)
        {
            // The test is over.
        }
    }
}
