using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Bridge.Rtc;
using Bridge.Rtc.Dtls;
using Bridge.Rtc.Sctp;

namespace Bridge.Tests.Hosting;

/// <summary>
/// A caller without a browser and without a microphone: our own peer over a real UDP socket, and a page that asks in writing.
/// </summary>
internal sealed class SocketCaller : IRtcSink, IDisposable
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(10);
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly Lock _gate = new();
    private readonly DtlsIdentity _identity = OpenSslIdentity.Create();
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _over = new();
    private readonly RtcPeer _peer;
    private Task _running = Task.CompletedTask;
    private ushort? _stream;
    private int _requests;

    public SocketCaller()
    {
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var local = TransportAddress.From((IPEndPoint)_socket.LocalEndPoint!);
        _peer = new RtcPeer(
            Now,
            SystemEntropy.Instance,
            new RtcPeerOptions { Identity = _identity, Role = RtcRole.Client, LocalCandidates = [new LocalCandidate(local, 0)] });
    }

    private static Instant Now => new(Stopwatch.GetElapsedTime(0).Ticks);

    /// <summary>Joins and connects; the call's id.</summary>
    public async Task<string> ConnectAsync(HubClient hub, string role, CancellationToken cancellation)
    {
        var joined = await hub.InvokeAsync("Join", new { role }, cancellation);
        Assert.Null(joined.Error);
        var callId = joined.Result.GetProperty("callId").GetString()!;
        string offer;
        lock (_gate)
        {
            offer = _peer.CreateOffer(Now);
        }

        var answered = await hub.InvokeAsync("Offer", new { callId, sdp = offer }, cancellation);
        Assert.Null(answered.Error);
        lock (_gate)
        {
            Assert.True(_peer.TryAcceptAnswer(Now, answered.Result.GetProperty("sdp").GetString()!, out var refusal), refusal);
            Drain();
        }

        _running = Task.WhenAll(Task.Run(ReceiveAsync, CancellationToken.None), Task.Run(TickAsync, CancellationToken.None));
        await _open.Task.WaitAsync(cancellation);
        Request("page/hello", new { tools = Array.Empty<object>() });
        return callId;
    }

    public void Ask(string text) => Request("page/text", new { text });

    public void Dispose()
    {
        _over.Cancel();
        _running.GetAwaiter().GetResult();
        lock (_gate)
        {
            _peer.Close(Now);
            Drain();
        }

        _socket.Dispose();
        _peer.Dispose();
        _identity.Dispose();
        _over.Dispose();
    }

    public void Transmit(ReadOnlySpan<byte> datagram, Route to)
    {
        try
        {
            _socket.SendTo(datagram, SocketFlags.None, to.Remote.ToIPEndPoint());
        }
        catch (SocketException)
        {
            // A candidate of the host that a loopback socket can't reach.
        }
    }

    public void ChannelOpened(ushort stream, string label) => _open.TrySetResult();

    public void AudioReceived(in RtpPacket packet)
    {
    }

    public void StateChanged(RtcPeerState state)
    {
    }

    public void AudioNegotiated(in AudioFormat format)
    {
    }

    public void DtmfReceived(in DtmfEvent digit)
    {
    }

    public void ChannelClosed(ushort stream)
    {
    }

    public void MessageReceived(ushort stream, ReadOnlySpan<byte> message, bool binary)
    {
    }

    public void BufferedAmountLow(ushort stream)
    {
    }

    private void Request(string method, object parameters)
    {
        lock (_gate)
        {
            _peer.Send(
                Now,
                _stream!.Value,
                JsonSerializer.SerializeToUtf8Bytes(new { jsonrpc = "2.0", id = ++_requests, method, @params = parameters }),
                binary: false);
            Drain();
        }
    }

    private void Drain()
    {
        _stream ??= _peer.OpenDataChannel(Now, new DataChannelOptions { Label = "bridge" });
        _ = _peer.Advance(Now, this);
    }

    private async Task TickAsync()
    {
        using var timer = new PeriodicTimer(Step);
        try
        {
            while (await timer.WaitForNextTickAsync(_over.Token))
            {
                lock (_gate)
                {
                    Drain();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The call is over.
        }
    }

    private async Task ReceiveAsync()
    {
        var buffer = new byte[2048];
        var from = new SocketAddress(AddressFamily.InterNetwork);
        while (!_over.IsCancellationRequested)
        {
            try
            {
                var length = await _socket.ReceiveFromAsync(buffer, SocketFlags.None, from, _over.Token);
                lock (_gate)
                {
                    _peer.Receive(Now, buffer.AsSpan(0, length), new Route(TransportAddress.From(from), 0));
                    Drain();
                }
            }
            catch (Exception exception) when (exception is SocketException or OperationCanceledException)
            {
                // Errors of earlier sends surface here; the end of the call ends the loop.
            }
        }
    }
}
