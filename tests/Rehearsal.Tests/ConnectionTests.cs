using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Bridge.Rehearsal.Tests;

/// <summary>The socket itself: odd messages, leaving, shutting down, many at once.</summary>
public sealed class ConnectionTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_binary_message_is_not_understood()
    {
        await using var host = await RehearsalHost.StartAsync();
        using var socket = await ConnectAsync(host);

        await socket.SendAsync(new byte[10], WebSocketMessageType.Binary, true, Token);

        Assert.Equal(WebSocketCloseStatus.InvalidMessageType, await ReadToCloseAsync(socket));
    }

    [Fact]
    public async Task A_message_in_many_fragments_is_one_event()
    {
        await using var host = await RehearsalHost.StartAsync(faults: new RehearsalFaults { DeltaPace = 0 });
        using var socket = await ConnectAsync(host);
        var text = Encoding.UTF8.GetBytes("""{"type":"response.create"}""");
        for (var i = 0; i < text.Length; i++)
        {
            await socket.SendAsync(text.AsMemory(i, 1), WebSocketMessageType.Text, i == text.Length - 1, Token);
        }

        while ((string)(await ReadAsync(socket))!["type"]! != "response.done")
        {
            // Everything before it is of no interest here.
        }
    }

    [Fact]
    public async Task The_largest_append_fits_and_a_larger_message_ends_the_session()
    {
        await using var host = await RehearsalHost.StartAsync();
        using var socket = await ConnectAsync(host);
        var audio = Convert.ToBase64String(new byte[15 * 1024 * 1024]);
        await SendAsync(socket, $$"""{"type":"input_audio_buffer.append","audio":"{{audio}}"}""");
        await SendAsync(socket, """{"type":"input_audio_buffer.clear"}""");
        while ((string)(await ReadAsync(socket))!["type"]! is var type && type != "input_audio_buffer.cleared")
        {
            Assert.NotEqual("error", type);
        }

        try
        {
            await SendAsync(socket, new string(' ', 22 * 1024 * 1024));
        }
        catch (WebSocketException)
        {
            // The server may have closed before all of it was written.
        }

        Assert.Equal(WebSocketCloseStatus.MessageTooBig, await ReadToCloseAsync(socket));
    }

    [Fact]
    public async Task A_client_that_vanishes_without_a_word_ends_its_session_alone()
    {
        await using var host = await RehearsalHost.StartAsync();
        using var stays = await ConnectAsync(host);
        var goes = await ConnectAsync(host);
        await ReadAsync(goes);
        goes.Abort();
        goes.Dispose();

        await Task.WhenAny(host.Runs).WaitAsync(TimeSpan.FromSeconds(20), Token);

        await SendAsync(stays, """{"type":"input_audio_buffer.clear"}""");
        while ((string)(await ReadAsync(stays))!["type"]! != "input_audio_buffer.cleared")
        {
            // The greeting comes first.
        }

        Assert.Equal(1, host.Server.Sessions);
    }

    [Fact]
    public async Task A_server_that_shuts_down_says_so()
    {
        await using var host = await RehearsalHost.StartAsync();
        using var socket = await ConnectAsync(host);
        await ReadAsync(socket);

        await host.Shutdown.CancelAsync();

        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, await ReadToCloseAsync(socket));
    }

    [Fact]
    public async Task A_client_that_does_not_read_is_given_up()
    {
        // Ten minutes of audio at once, 38 MB: more than any socket buffer takes.
        await using var host = await RehearsalHost.StartAsync(
            faults: new RehearsalFaults { DeltaPace = 0 },
            voice: (_, _, _, _) => new ValueTask<ReadOnlyMemory<short>>(new short[24_000 * 600]),
            sendTimeout: TimeSpan.FromMilliseconds(300));
        using var socket = await ConnectAsync(host);

        await SendAsync(socket, """{"type":"response.create"}""");

        await Task.WhenAll(host.Runs).WaitAsync(TimeSpan.FromSeconds(60), Token);
        Assert.Equal(0, host.Server.Sessions);
    }

    [Fact]
    public async Task Forty_sessions_at_once_each_get_their_whole_answer()
    {
        await using var host = await RehearsalHost.StartAsync(faults: new RehearsalFaults { DeltaPace = 50 });

        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(async _ =>
        {
            using var socket = await ConnectAsync(host);
            await SendAsync(socket, """{"type":"response.create"}""");
            var bytes = 0;
            while (await ReadAsync(socket) is { } json && (string)json["type"]! != "response.done")
            {
                bytes += (string)json["type"]! == "response.output_audio.delta"
                    ? Convert.FromBase64String((string)json["delta"]!).Length
                    : 0;
            }

            return bytes;
        }));

        Assert.All(answers, bytes => Assert.Equal(SyntheticVoice.Speak("Hello there.", "marin", 1).Length * 2, bytes));
    }

    private static async Task<ClientWebSocket> ConnectAsync(RehearsalHost host)
    {
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("realtime");
        await socket.ConnectAsync(
            new Uri($"{host.Address.Replace("http", "ws", StringComparison.Ordinal)}/rehearsal/v1/realtime?model=rehearsal/test"), Token);
        Assert.Equal("realtime", socket.SubProtocol);
        return socket;
    }

    private static ValueTask SendAsync(ClientWebSocket socket, string text) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(text).AsMemory(), WebSocketMessageType.Text, true, Token);

    private static async Task<JsonNode?> ReadAsync(ClientWebSocket socket)
    {
        var buffer = new byte[256 * 1024];
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

    private static async Task<WebSocketCloseStatus?> ReadToCloseAsync(ClientWebSocket socket)
    {
        while (await ReadAsync(socket) is not null)
        {
            // Until the close frame.
        }

        return socket.CloseStatus;
    }
}
