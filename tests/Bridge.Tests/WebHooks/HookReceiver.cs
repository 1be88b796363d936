using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Bridge.Tests.WebHooks;

/// <summary>A receiver of web hooks on loopback: keeps what came, and answers as it is told.</summary>
internal sealed class HookReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Received> _received = new();

    private HookReceiver(WebApplication app) => _app = app;

    public string Url => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First() + "/hook";

    /// <summary>The status of each answer.</summary>
    public Func<Received, int> Status { get; set; } = _ => 204;

    /// <summary>Value of <c>Retry-After</c>; none when null.</summary>
    public string? RetryAfter { get; set; }

    /// <summary>Every answer waits for it.</summary>
    public Task Patience { get; set; } = Task.CompletedTask;

    public IReadOnlyList<Received> All => [.. _received];

    public static async Task<HookReceiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var receiver = new HookReceiver(app);
        app.MapPost("/hook", (Delegate)receiver.ReceiveAsync);
        await app.StartAsync();
        return receiver;
    }

    /// <summary>Waits until so much has come.</summary>
    public async Task<IReadOnlyList<Received>> UntilAsync(int count)
    {
        while (_received.Count < count)
        {
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        return All;
    }

    /// <summary>Waits until an event of this name has come.</summary>
    public async Task<Received> UntilAsync(string type)
    {
        while (true)
        {
            if (All.FirstOrDefault(r => r.Type == type) is { } found)
            {
                return found;
            }

            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }

    private async Task<IResult> ReceiveAsync(HttpRequest request)
    {
        using var reader = new StreamReader(request.Body);
        var body = await reader.ReadToEndAsync();
        var received = new Received(
            request.Headers["webhook-id"]!, request.Headers["webhook-timestamp"]!, request.Headers["webhook-signature"]!, body);
        _received.Enqueue(received);
        await Patience.WaitAsync(request.HttpContext.RequestAborted);
        if (RetryAfter is { } retry)
        {
            request.HttpContext.Response.Headers.RetryAfter = retry;
        }

        return Results.StatusCode(Status(received));
    }

    internal sealed record Received(string Id, string Timestamp, string Signature, string Body)
    {
        public JsonElement Json { get; } = JsonSerializer.Deserialize<JsonElement>(Body);

        public string Type => Json.GetProperty("type").GetString()!;

        public JsonElement Data => Json.GetProperty("data");
    }
}
