using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace Bridge.Tests;

/// <summary>The hub's JSON protocol over a bare WebSocket: record separator 0x1E, types 1 (invocation), 3 (completion), 6 (ping).</summary>
internal sealed class HubClient : IAsyncDisposable
{
    private readonly ClientWebSocket _socket = new();
    private readonly StringBuilder _pending = new();
    private int _invocation;

    public static async Task<HubClient> ConnectAsync(Uri host, CancellationToken cancellation, string? ticket = null,
        System.Net.CookieContainer? cookies = null,
        (string Name, string Value)? header = null, System.Net.IPAddress? from = null)
    {
        var client = new HubClient();
        var query = ticket is null ? "" : "access_token=" + ticket;
        var address = new UriBuilder(host) { Scheme = "ws", Path = host.AbsolutePath.TrimEnd('/') + "/signal", Query = query }.Uri;
        client._socket.Options.Cookies = cookies;
        if (header is { } extra)
        {
            client._socket.Options.SetRequestHeader(extra.Name, extra.Value);
        }

        if (from is null)
        {
            await client._socket.ConnectAsync(address, cancellation);
        }
        else
        {
            using var sockets = From(from);
            using var invoker = new HttpMessageInvoker(sockets);
            await client._socket.ConnectAsync(address, invoker, cancellation);
        }

        await client.SendAsync("""{"protocol":"json","version":1}""", cancellation);
        await client.NextAsync(cancellation);
        return client;
    }

    /// <summary>Invokes a method; the result, or the error text of a HubException.</summary>
    public async Task<(JsonElement Result, string? Error)> InvokeAsync(string target, object argument, CancellationToken cancellation)
    {
        var id = (++_invocation).ToString(System.Globalization.CultureInfo.InvariantCulture);
        await SendAsync(
            JsonSerializer.Serialize(new { type = 1, invocationId = id, target, arguments = new[] { argument } }), cancellation);
        while (true)
        {
            var message = await NextAsync(cancellation);
            if (message.TryGetProperty("invocationId", out var answered) && answered.GetString() == id
                && message.GetProperty("type").GetInt32() == 3)
            {
                return (
                    message.TryGetProperty("result", out var result) ? result : default,
                    message.TryGetProperty("error", out var error) ? error.GetString() : null);
            }
        }
    }

    /// <summary>Waits for the server to call a method of ours.</summary>
    public async Task<JsonElement> ExpectAsync(string target, CancellationToken cancellation)
    {
        while (true)
        {
            var message = await NextAsync(cancellation);
            if (message.TryGetProperty("target", out var called) && called.GetString() == target)
            {
                return message.GetProperty("arguments")[0];
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_socket.State == WebSocketState.Open)
        {
            try
            {
                await _socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
            }
            catch (WebSocketException)
            {
                // The host ended first.
            }
        }

        _socket.Dispose();
    }

    // One address of this machine out of many.
    private static SocketsHttpHandler From(System.Net.IPAddress from) => new()
    {
        ConnectCallback = async (context, cancellation) =>
        {
            var socket = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
            socket.Bind(new System.Net.IPEndPoint(from.MapToIPv6(), 0));
            await socket.ConnectAsync(context.DnsEndPoint, cancellation);
            return new System.Net.Sockets.NetworkStream(socket, ownsSocket: true);
        },
    };

    private Task SendAsync(string json, CancellationToken cancellation) =>
        _socket.SendAsync(Encoding.UTF8.GetBytes(json + "\u001e"), WebSocketMessageType.Text, true, cancellation);

    private async Task<JsonElement> NextAsync(CancellationToken cancellation)
    {
        var buffer = new byte[64 * 1024];
        while (true)
        {
            var text = _pending.ToString();
            var end = text.IndexOf('\u001e');
            if (end >= 0)
            {
                _pending.Clear().Append(text.AsSpan(end + 1));
                return JsonSerializer.Deserialize<JsonElement>(text[..end]);
            }

            var received = await _socket.ReceiveAsync(buffer, cancellation);
            Assert.NotEqual(WebSocketMessageType.Close, received.MessageType);
            _pending.Append(Encoding.UTF8.GetString(buffer, 0, received.Count));
        }
    }
}
