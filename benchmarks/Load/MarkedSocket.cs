using System.Net.WebSockets;

namespace Bridge.Benchmarks.Load;

/// <summary>A socket whose messages are looked at on their way.</summary>
internal sealed class MarkedSocket(WebSocket inner, LoadMarks marks) : WebSocket
{
    private readonly byte[] _message = new byte[64 * 1024];
    private int _length;

    public override WebSocketCloseStatus? CloseStatus => inner.CloseStatus;

    public override string? CloseStatusDescription => inner.CloseStatusDescription;

    public override WebSocketState State => inner.State;

    public override string? SubProtocol => inner.SubProtocol;

    public override void Abort() => inner.Abort();

    public override void Dispose() => inner.Dispose();

    public override Task CloseAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) =>
        inner.CloseAsync(closeStatus, statusDescription, cancellationToken);

    public override Task CloseOutputAsync(
        WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) =>
        inner.CloseOutputAsync(closeStatus, statusDescription, cancellationToken);

    public override async Task<WebSocketReceiveResult> ReceiveAsync(ArraySegment<byte> buffer, CancellationToken cancellationToken)
    {
        WebSocketReceiveResult result = await inner.ReceiveAsync(buffer, cancellationToken);
        Take(buffer.AsSpan(0, result.Count), result.EndOfMessage);
        return result;
    }

    public override async ValueTask<ValueWebSocketReceiveResult> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        ValueWebSocketReceiveResult result = await inner.ReceiveAsync(buffer, cancellationToken);
        Take(buffer.Span[..result.Count], result.EndOfMessage);
        return result;
    }

    public override Task SendAsync(
        ArraySegment<byte> buffer, WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken)
    {
        marks.Sending(buffer);
        return inner.SendAsync(buffer, messageType, endOfMessage, cancellationToken);
    }

    public override ValueTask SendAsync(
        ReadOnlyMemory<byte> buffer, WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken)
    {
        marks.Sending(buffer.Span);
        return inner.SendAsync(buffer, messageType, endOfMessage, cancellationToken);
    }

    private void Take(ReadOnlySpan<byte> bytes, bool last)
    {
        // Nothing longer is an append of the host or a question of the page.
        int taken = Math.Min(bytes.Length, _message.Length - _length);
        bytes[..taken].CopyTo(_message.AsSpan(_length));
        _length += taken;
        if (last)
        {
            marks.Received(_message.AsSpan(0, _length));
            _length = 0;
        }
    }
}
