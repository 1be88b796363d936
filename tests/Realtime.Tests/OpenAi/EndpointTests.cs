using System.Net.WebSockets;
using System.Text;
using Bridge.Realtime.Model;
using Bridge.Realtime.OpenAi;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Bridge.Realtime.Tests.OpenAi;

/// <summary>How a session presents itself, and what a service that does not read does to it.</summary>
public class EndpointTests
{
    [Fact]
    public async Task Azure_gets_its_key_header_and_api_version_and_no_bearer_token()
    {
        await using var service = await Service.StartAsync();
        await using var session = await OpenAiModelSession.ConnectAsync(
            new ModelEndpoint
            {
                BaseUrl = service.Url("/openai/v1"),
                Authentication = ModelAuthentication.ApiKeyHeader,
                Key = "k1",
                Model = "my deployment",
                Headers = new Dictionary<string, string> { ["X-Tenant"] = "a" },
                Query = new Dictionary<string, string> { ["api-version"] = "2025-10-01" },
            },
            TimeProvider.System,
            TestContext.Current.CancellationToken);
        Assert.Equal("/openai/v1/realtime?model=my%20deployment&api-version=2025-10-01", service.Target);
        Assert.Equal(("k1", "a"), (service.Headers["api-key"], service.Headers["X-Tenant"]));
        Assert.False(service.Headers.ContainsKey("Authorization"));
        Assert.Equal("realtime", service.Headers["Sec-WebSocket-Protocol"]);
    }

    [Theory]
    [InlineData(401, true)]
    [InlineData(403, true)]
    [InlineData(404, true)]
    [InlineData(429, false)]
    [InlineData(500, false)]
    [InlineData(503, false)]
    public async Task A_refused_handshake_over_a_real_socket_is_final_or_tried_again(int status, bool isFinal)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        await using var app = builder.Build();
        app.Run(context =>
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsync("""{"error":{"code":"invalid_api_key","message":"Incorrect API key provided: sk-secret"}}""");
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        var failure = await Assert.ThrowsAsync<ModelSessionException>(() => OpenAiModelSession.ConnectAsync(
            new ModelEndpoint { BaseUrl = new Uri(app.Urls.First() + "/v1"), Key = "sk-secret", Model = "gpt-realtime" }, TimeProvider.System, TestContext.Current.CancellationToken));
        Assert.Equal(isFinal, failure.IsFinal);
        Assert.Contains(status.ToString(System.Globalization.CultureInfo.InvariantCulture), failure.Message);
        Assert.DoesNotContain("sk-secret", failure.ToString());
    }

    [Fact]
    public async Task OpenAI_gets_a_bearer_token_and_the_model()
    {
        await using var service = await Service.StartAsync();
        await using var session = await OpenAiModelSession.ConnectAsync(
            new ModelEndpoint { BaseUrl = service.Url("/v1"), Key = "k2", Model = "gpt-realtime" }, TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.Equal("/v1/realtime?model=gpt-realtime", service.Target);
        Assert.Equal("Bearer k2", service.Headers["Authorization"]);
    }

    [Fact]
    public async Task A_socket_that_takes_nothing_costs_old_audio_and_in_the_end_the_session()
    {
        await using var service = await Service.StartAsync();
        var time = new ManualTime();
        await using var session = await OpenAiModelSession.ConnectAsync(
            new ModelEndpoint { BaseUrl = service.Url("/v1"), Key = "k", AudioBacklog = TimeSpan.FromSeconds(1) }, time, TestContext.Current.CancellationToken);
        // More than the buffers of both ends take: the write that carries it does not end.
        Assert.True(session.TrySend(new ModelCommand.AppendInput(new byte[24 * 1024 * 1024])));
        var second = new short[24_000];
        for (var i = 0; i < 100; i++)
        {
            Assert.True(session.TryAppendAudio(second));
        }

        var stats = session.Stats;
        Assert.Equal(0, stats.AudioSentMilliseconds);
        Assert.Equal(99_000, stats.AudioDroppedMilliseconds);
        for (var i = 0; i < 10_000 && session.TryAppendAudio(second); i++)
        {
            // Until the writing loop has begun, there is no write to be too slow.
            time.Advance(TimeSpan.FromSeconds(11));
            await Task.Yield();
        }

        Assert.False(session.TryAppendAudio(second));
        Assert.Equal(ModelSessionEndKind.Dropped, session.End!.Kind);
        await foreach (var _ in session.Events.ReadAllAsync(TestContext.Current.CancellationToken))
        {
            // Until the end, which has to come.
        }
    }

    private sealed class ManualTime : TimeProvider
    {
        private long _ticks = 1;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Interlocked.Read(ref _ticks);

        public void Advance(TimeSpan time) => Interlocked.Add(ref _ticks, time.Ticks);
    }

    /// <summary>A service that greets and then neither reads nor writes.</summary>
    private sealed class Service(WebApplication app) : IAsyncDisposable
    {
        public Dictionary<string, string> Headers { get; } = new(StringComparer.OrdinalIgnoreCase);

        public string Target { get; private set; } = "";

        public Uri Url(string path) => new(app.Urls.First() + path);

        public static async Task<Service> StartAsync()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var app = builder.Build();
            var service = new Service(app);
            app.UseWebSockets();
            app.Run(service.ServeAsync);
            await app.StartAsync();
            return service;
        }

        public async ValueTask DisposeAsync()
        {
            using var now = new CancellationTokenSource();
            await now.CancelAsync();
            await app.StopAsync(now.Token);
            await app.DisposeAsync();
        }

        private async Task ServeAsync(HttpContext context)
        {
            Target = context.Request.Path.ToUriComponent() + context.Request.QueryString.ToUriComponent();
            foreach (var (name, value) in context.Request.Headers)
            {
                Headers[name] = value.ToString();
            }

            using var socket = await context.WebSockets.AcceptWebSocketAsync("realtime");
            await socket.SendAsync(
                Encoding.UTF8.GetBytes("""{"type":"session.created","event_id":"e","session":{"id":"s","model":"m"}}"""),
                WebSocketMessageType.Text, true, context.RequestAborted);
            try
            {
                await Task.Delay(Timeout.Infinite, context.RequestAborted);
            }
            catch (OperationCanceledException)
            {
                // The test is over.
            }
        }
    }
}
