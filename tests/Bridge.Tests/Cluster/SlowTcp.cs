using System.Net;
using System.Net.Sockets;

namespace Bridge.Tests.Cluster;

/// <summary>A TCP relay that hands everything on later: a server that is far away. Half of the delay is added each way.</summary>
internal sealed class SlowTcp : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly int _target;
    private readonly Task _accepting;
    private long _delay;

    /// <param name="target">Port on this machine.</param>
    public SlowTcp(int target)
    {
        _target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Where it listens.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Time that it adds to a round trip.</summary>
    public TimeSpan Delay
    {
        get => TimeSpan.FromTicks(Interlocked.Read(ref _delay));
        set => Interlocked.Exchange(ref _delay, value.Ticks);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var running = new List<Task>();
        try
        {
            while (true)
            {
                running.Add(RelayAsync(await _listener.AcceptSocketAsync(_stop.Token)));
            }
        }
        catch (Exception stopped) when (stopped is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            await Task.WhenAll(running);
        }
    }

    private async Task RelayAsync(Socket near)
    {
        using var far = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        near.NoDelay = true;
        try
        {
            await far.ConnectAsync(IPAddress.Loopback, _target, _stop.Token);
            await Task.WhenAny(CopyAsync(near, far), CopyAsync(far, near));
        }
        catch (Exception ended) when (ended is SocketException or OperationCanceledException)
        {
            // One of both sides is gone.
        }
        finally
        {
            near.Dispose();
        }
    }

    // Each piece waits from its own arrival on: a stream is late, and not slowed down.
    private async Task CopyAsync(Socket from, Socket to)
    {
        var pieces = System.Threading.Channels.Channel.CreateUnbounded<(DateTime Due, byte[] Bytes)>();
        var sending = SendAsync();
        try
        {
            var buffer = new byte[64 * 1024];
            while (await from.ReceiveAsync(buffer, _stop.Token) is > 0 and var count)
            {
                pieces.Writer.TryWrite((DateTime.UtcNow + (Delay / 2), buffer[..count]));
            }
        }
        catch (Exception ended) when (ended is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The other direction ends, too.
        }
        finally
        {
            pieces.Writer.Complete();
            await sending;
        }

        async Task SendAsync()
        {
            try
            {
                await foreach (var (due, bytes) in pieces.Reader.ReadAllAsync(_stop.Token))
                {
                    if (due - DateTime.UtcNow is { Ticks: > 0 } wait)
                    {
                        await Task.Delay(wait, _stop.Token);
                    }

                    await to.SendAsync(bytes, _stop.Token);
                }
            }
            catch (Exception ended) when (ended is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // As above.
            }
        }
    }
}
