using System.Net.Sockets;
using Bridge.Rtc.Ice;
using Route = Bridge.Rtc.Route;

namespace Bridge.Transport;

/// <summary>
/// One ICE-TCP connection (RFC 6544, passive side): datagrams framed by RFC 4571. Data that does not fit the send buffer is
/// dropped as a full UDP buffer would drop it; a stalled client can't hold anybody up.
/// </summary>
internal sealed class TcpConnection : IDisposable
{
    private const int SendBuffer = 256 * 1024;

    private readonly Lock _gate = new();
    private readonly Socket _socket;
    private readonly MediaEndpoint _endpoint;

    // Made when there is something to send: only who proved to be a caller is ever answered.
    private readonly byte[]?[] _buffers = new byte[]?[2];
    private int _filling;
    private int _filled;
    private bool _sending;
    private bool _closed;

    public TcpConnection(MediaEndpoint endpoint, Socket socket, Route route)
    {
        _endpoint = endpoint;
        _socket = socket;
        _socket.NoDelay = true;
        Route = route;
    }

    /// <summary>How peers name this connection.</summary>
    public Route Route { get; }

    /// <summary>True once a peer proved to be at the other end.</summary>
    public bool IsClaimed { get; set; }

    /// <summary>Reads until the connection ends.</summary>
    public async Task ReceiveAsync()
    {
        var framer = new StreamFramer();
        try
        {
            while (!framer.IsBroken)
            {
                var count = await _socket.ReceiveAsync(framer.Free, SocketFlags.None).ConfigureAwait(false);
                if (count == 0)
                {
                    return;
                }

                framer.Commit(count);
                Dispatch(framer);
            }
        }
        catch (Exception ended) when (ended is SocketException or ObjectDisposedException)
        {
            // The client went away, or we closed it.
        }
    }

    /// <summary>Queues one datagram; false when the buffer is full or the connection is gone.</summary>
    public bool TrySend(ReadOnlySpan<byte> datagram)
    {
        lock (_gate)
        {
            var size = StreamFramer.HeaderSize + datagram.Length;
            if (_closed || _filled + size > SendBuffer)
            {
                return false;
            }

            var free = (_buffers[_filling] ??= new byte[SendBuffer]).AsSpan(_filled);
            StreamFramer.WriteHeader(free, datagram.Length);
            datagram.CopyTo(free[StreamFramer.HeaderSize..]);
            _filled += size;
            if (_sending)
            {
                return true;
            }

            _sending = true;
        }

        _ = SendAsync();
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _closed = true;
        }

        _socket.Dispose();
    }

    private void Dispatch(StreamFramer framer)
    {
        while (framer.TryTake(out var datagram))
        {
            _endpoint.Dispatch(datagram, Route);
        }
    }

    private async Task SendAsync()
    {
        try
        {
            while (true)
            {
                Memory<byte> batch;
                lock (_gate)
                {
                    if (_filled == 0 || _closed)
                    {
                        _sending = false;
                        return;
                    }

                    batch = _buffers[_filling].AsMemory(0, _filled);
                    _filling ^= 1;
                    _filled = 0;
                }

                while (batch.Length > 0)
                {
                    batch = batch[await _socket.SendAsync(batch, SocketFlags.None).ConfigureAwait(false)..];
                }
            }
        }
        catch (Exception ended) when (ended is SocketException or ObjectDisposedException)
        {
            Dispose();
        }
    }
}
