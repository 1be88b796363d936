using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Bridge.Rehearsal.Hosting;
using Bridge.Roles;

namespace Bridge.Rehearsal.Tests.Live;

/// <summary>The Live protocol's endpoint beside the Realtime one, over real sockets.</summary>
public sealed class LiveEndpointTests
{
    private static readonly byte[] Start = """{"type":"session.start","session":{"model":"gpt-live-1"}}"""u8.ToArray();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_session_starts_at_each_of_its_paths()
    {
        await using var model = await StartAsync(null);
        foreach (var path in RehearsalListener.LivePaths)
        {
            using var socket = await ConnectAsync(model, path);
            await socket.SendAsync(Start.AsMemory(), WebSocketMessageType.Text, true, Token);
            Assert.Equal("session.started", (string?)(await ReadAsync(socket))!["type"]);
        }
    }

    [Theory]
    [InlineData(null, "/v1/live/sessions?model=gpt-live-1", true, HttpStatusCode.BadRequest)]
    [InlineData(null, "/v1/live/sessions", false, HttpStatusCode.Unauthorized)]
    [InlineData("localai", "/v1/live/sessions", true, HttpStatusCode.NotFound)]
    [InlineData(403, "/v1/live/sessions", true, HttpStatusCode.Forbidden)]
    public async Task A_handshake_that_the_service_refuses_is_refused(object? how, string path, bool key, HttpStatusCode status)
    {
        await using var model = await StartAsync(how as string, how is int fault ? fault : null);
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        if (key)
        {
            socket.Options.SetRequestHeader("Authorization", "Bearer any");
        }

        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(At(model, path), Token));
        Assert.Equal(status, socket.HttpStatusCode);
    }

    [Theory]
    [InlineData(null, "gpt-live-1")]
    [InlineData("live", "gpt-realtime")]
    public async Task A_model_of_the_other_protocol_is_an_invalid_model(string? plays, string name)
    {
        await using var model = await StartAsync(plays);
        using var socket = await ConnectAsync(model, "/v1/realtime?model=" + name);
        Assert.Equal("invalid_model", (string?)(await ReadAsync(socket))!["error"]!["code"]);
        Assert.Null(await ReadAsync(socket));
        Assert.Equal(4000, (int)socket.CloseStatus!.Value);
    }

    [Fact]
    public async Task A_server_of_live_alone_answers_its_own_protocol_and_text()
    {
        await using var model = await StartAsync("live");
        using var socket = await ConnectAsync(model, "/v1/live/sessions");
        await socket.SendAsync(Start.AsMemory(), WebSocketMessageType.Text, true, Token);
        Assert.Equal("session.started", (string?)(await ReadAsync(socket))!["type"]);

        using var http = new HttpClient();
        http.DefaultRequestHeaders.Add("Authorization", "Bearer any");
        using var body = new StringContent("""{"model":"m","messages":[{"role":"user","content":"thank you"}]}""");
        using var answer = await http.PostAsync(new Uri(model.Address, "/v1/chat/completions"), body, Token);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains("You are welcome", await answer.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_text_request_needs_a_key_and_has_a_size()
    {
        await using var model = await StartAsync(null);
        using var http = new HttpClient();
        using var small = new StringContent("{}");
        using var strange = await http.PostAsync(new Uri(model.Address, "/v1/responses"), small, Token);
        Assert.Equal(HttpStatusCode.Unauthorized, strange.StatusCode);

        http.DefaultRequestHeaders.Add("Authorization", "Bearer any");
        using var large = new ByteArrayContent(new byte[5 * 1024 * 1024]);
        using var refused = await http.PostAsync(new Uri(model.Address, "/v1/responses"), large, Token);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, refused.StatusCode);
    }

    [Fact]
    public async Task A_server_that_shuts_down_says_so()
    {
        var model = await StartAsync(null);
        using var socket = await ConnectAsync(model, "/v1/live/sessions");
        await socket.SendAsync(Start.AsMemory(), WebSocketMessageType.Text, true, Token);
        await ReadAsync(socket);
        var stopping = model.DisposeAsync();
        while (await ReadAsync(socket) is not null)
        {
            // Until the close frame.
        }

        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, socket.CloseStatus);
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", Token);
        await stopping;
    }

    [Fact]
    public async Task A_running_session_follows_an_edit_of_its_script()
    {
        var script = Scripts.Demo;
        await using var model = await RehearsalListener.StartAsync(
            new RehearsalOptions { Scripts = _ => Scripts.Demo, Edits = _ => _ => script }, Token);
        using var socket = await ConnectAsync(model, "/v1/live/sessions");
        await socket.SendAsync(Start.AsMemory(), WebSocketMessageType.Text, true, Token);
        await ReadAsync(socket);
        script = Scripts.Demo with { Rules = [new RehearsalRule { When = ["soup"], Say = "Edited." }] };
        await SendAsync(socket, """{"type":"session.instructions.append","content":"typed: soup","delegation_id":null}""");
        var audio = $$"""{"type":"session.input_audio.append","audio":"{{Convert.ToBase64String(new byte[4800])}}"}""";
        var said = "";
        for (var i = 0; i < 100 && said.Length == 0; i++)
        {
            await SendAsync(socket, audio);
            while (await ReadAsync(socket) is { } e && (string?)e["type"] != "session.output_audio.delta")
            {
                said += (string?)e["type"] == "session.output_transcript.delta" ? (string?)e["delta"] : "";
            }
        }

        Assert.Equal("Edited.", said);
    }

    private static Task<RehearsalListener> StartAsync(string? plays, int? handshake = null) => RehearsalListener.StartAsync(
        new RehearsalOptions { Scripts = _ => Scripts.Demo, As = plays, Faults = new RehearsalFaults { HandshakeStatus = handshake } },
        Token);

    private static Uri At(RehearsalListener model, string path) => new("ws" + new Uri(model.Address, path).AbsoluteUri[4..]);

    private static async Task<ClientWebSocket> ConnectAsync(RehearsalListener model, string path)
    {
        var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", "Bearer any");
        await socket.ConnectAsync(At(model, path), Token);
        return socket;
    }

    private static ValueTask SendAsync(ClientWebSocket socket, string json) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(json).AsMemory(), WebSocketMessageType.Text, true, Token);

    private static async Task<JsonNode?> ReadAsync(ClientWebSocket socket)
    {
        var buffer = new byte[64 * 1024];
        var length = 0;
        while (true)
        {
            var read = await socket.ReceiveAsync(buffer.AsMemory(length), Token);
            length += read.Count;
            if (read.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            if (read.EndOfMessage)
            {
                return JsonNode.Parse(buffer.AsSpan(0, length));
            }
        }
    }
}
