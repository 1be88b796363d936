using System.Net.WebSockets;
using System.Text;
using Bridge.Rehearsal;
using Bridge.Rehearsal.Hosting;
using Bridge.Roles;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace Bridge.Tests.Cli;

/// <summary>The handshakes that other people's clients make.</summary>
public sealed class RehearsalEndpointTests : IAsyncLifetime
{
    private WebApplication _app = null!;
    private RehearsalServer _server = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.UseWebSockets();
        _server = new RehearsalServer(new RehearsalOptions { Scripts = model => model == "m" ? new RehearsalScript() : null });
        _app.MapRehearsal("/v1/realtime", _server, RehearsalEndpoint.BringsKey, _app.Lifetime.ApplicationStopping);
        await _app.StartAsync(Token);
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    [Theory]
    [InlineData(401)]
    [InlineData(429)]
    public async Task A_handshake_can_be_refused_with_a_status(int status)
    {
        _server.Faults = new RehearsalFaults { HandshakeStatus = status };
        using var refused = new ClientWebSocket();
        refused.Options.CollectHttpResponseDetails = true;
        refused.Options.SetRequestHeader("Authorization", "Bearer k");
        await Assert.ThrowsAsync<WebSocketException>(() => refused.ConnectAsync(Address("?model=m"), Token));
        Assert.Equal(status, (int)refused.HttpStatusCode);

        _server.Faults = RehearsalFaults.None;
        using var taken = new ClientWebSocket();
        taken.Options.SetRequestHeader("Authorization", "Bearer k");
        await taken.ConnectAsync(Address("?model=m"), Token);
        Assert.Equal(WebSocketState.Open, taken.State);
    }

    [Theory]
    [InlineData("?model=m", "Authorization: Bearer k", "", "session.created")]
    [InlineData("?model=m", "Authorization: Bearer k", "realtime", "session.created")]
    [InlineData("?model=m", "", "realtime,openai-insecure-api-key.k", "session.created")]
    [InlineData("?model=m", "api-key: k", "realtime", "session.created")]
    [InlineData("?deployment=m&api-version=2025-10-01&api-key=k", "", "", "session.created")]
    [InlineData("?model=m", "Authorization: Bearer k|OpenAI-Beta: realtime=v1", "realtime", "beta_api_shape_disabled")]
    [InlineData("?model=m", "", "realtime,openai-insecure-api-key.k,openai-beta.realtime-v1", "beta_api_shape_disabled")]
    [InlineData("?model=other", "Authorization: Bearer k", "realtime", "model_not_found")]
    public async Task A_handshake_is_answered_as_the_service_answers_it(string query, string headers, string protocols, string first)
    {
        using var socket = new ClientWebSocket();
        foreach (var header in headers.Split('|', StringSplitOptions.RemoveEmptyEntries))
        {
            socket.Options.SetRequestHeader(
                header[..header.IndexOf(':', StringComparison.Ordinal)], header[(header.IndexOf(':', StringComparison.Ordinal) + 2)..]);
        }

        foreach (var protocol in protocols.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            socket.Options.AddSubProtocol(protocol);
        }

        await socket.ConnectAsync(Address(query), Token);
        var buffer = new byte[16 * 1024];
        var read = await socket.ReceiveAsync(buffer, Token);
        Assert.Contains($"\"{first}\"", Encoding.UTF8.GetString(buffer, 0, read.Count), StringComparison.Ordinal);
        Assert.Equal(protocols.Contains("realtime", StringComparison.Ordinal) ? "realtime" : null, socket.SubProtocol);
        if (first != "session.created")
        {
            await socket.ReceiveAsync(buffer, Token);
            Assert.Equal((4000, $"invalid_request_error.{first}"), ((int)socket.CloseStatus!.Value, socket.CloseStatusDescription));
        }
    }

    [Fact]
    public async Task Without_any_key_there_is_no_session()
    {
        using var socket = new ClientWebSocket();
        var refusal = await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(Address("?model=m"), Token));
        Assert.Contains("401", refusal.Message, StringComparison.Ordinal);
    }

    private Uri Address(string query) => new(_app.Urls.First().Replace("http:", "ws:", StringComparison.Ordinal) + "/v1/realtime" + query);
}
