using System.Net;
using System.Net.Sockets;
using Bridge.Lab;
using Bridge.Rtc;
using Bridge.Rtc.Dtls;
using Bridge.Rtc.Sctp;
using Bridge.Timing;
using Bridge.Transport;
using Route = Bridge.Rtc.Route;

namespace Bridge.WarmUp;

/// <summary>
/// One connection of the host with itself through its own media port, audio and a message included, so that the first
/// caller does not wait for what a process compiles and loads once. Nothing leaves the machine.
/// </summary>
internal sealed class MediaWarmUp : IRtcSink, IDisposable
{
    private const int LargestDatagram = 2048;
    private const int Step = 50;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Socket _socket;
    private readonly EchoPeer _echo;
    private readonly DtlsIdentity _identity;
    private readonly RtcPeer _client;
    private readonly TransportAddress _host;
    private readonly HostClock _clock;
    private bool _connected;
    private bool _audioBack;
    private bool _messageBack;

    private MediaWarmUp(MediaEndpoint endpoint)
    {
        _clock = endpoint.Clock;
        var host = endpoint.Addresses[0];
        _host = TransportAddress.From(host);
        _socket = new Socket(host.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = Step };
        _socket.Bind(new IPEndPoint(host.Address, 0));
        _identity = OpenSslIdentity.Create();
        _client = new RtcPeer(_clock.Now, SystemEntropy.Instance, new RtcPeerOptions
        {
            Identity = _identity,
            Role = RtcRole.Client,
            LocalCandidates = [new LocalCandidate(TransportAddress.From((IPEndPoint)_socket.LocalEndPoint!), 0)],
        });
        _echo = EchoPeer.Create(endpoint, "warm-up");
    }

    /// <summary>
    /// Connects, exchanges, and releases everything. Takes a fifth of a second in a fresh process; gives up after five.
    /// </summary>
    /// <returns>False when the connection did not come about; the first caller is then a little slower, nothing else.</returns>
    public static bool Run(MediaEndpoint endpoint, CancellationToken cancellation)
    {
        try
        {
            using var warmUp = new MediaWarmUp(endpoint);
            return warmUp.Exchange(cancellation);
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _echo.Dispose();
        _client.Dispose();
        _socket.Dispose();
        _identity.Dispose();
    }

    /// <inheritdoc/>
    public void Transmit(ReadOnlySpan<byte> datagram, Route to)
    {
        // The answer may name public addresses too; those stay unasked.
        if (to.Remote == _host)
        {
            _socket.SendTo(datagram, SocketFlags.None, to.Remote.ToIPEndPoint());
        }
    }

    /// <inheritdoc/>
    public void StateChanged(RtcPeerState state) => _connected = state == RtcPeerState.Connected;

    /// <inheritdoc/>
    public void AudioReceived(in RtpPacket packet) => _audioBack = true;

    /// <inheritdoc/>
    public void MessageReceived(ushort stream, ReadOnlySpan<byte> message, bool binary) => _messageBack = true;

    /// <inheritdoc/>
    public void ChannelOpened(ushort stream, string label)
    {
    }

    /// <inheritdoc/>
    public void AudioNegotiated(in AudioFormat format)
    {
    }

    /// <inheritdoc/>
    public void DtmfReceived(in DtmfEvent digit)
    {
    }

    /// <inheritdoc/>
    public void ChannelClosed(ushort stream)
    {
    }

    /// <inheritdoc/>
    public void BufferedAmountLow(ushort stream)
    {
    }

    private bool Exchange(CancellationToken cancellation)
    {
        var until = _clock.Now + Patience;
        if (!_echo.TryAnswer(_client.CreateOffer(_clock.Now), out var answer, out _)
            || !_client.TryAcceptAnswer(_clock.Now, answer, out _))
        {
            return false;
        }

        var buffer = new byte[LargestDatagram];
        var sender = new SocketAddress(_socket.AddressFamily);
        ushort? channel = null;
        var spoken = false;
        while (_clock.Now is var now && now < until && !cancellation.IsCancellationRequested && !(_audioBack && _messageBack))
        {
            channel ??= Open(now);
            _client.Advance(now, this);
            if (_connected && !spoken)
            {
                spoken = _client.TrySendAudio(now, [1, 2, 3], 0, marker: true);
                _client.Advance(now, this);
            }

            try
            {
                var length = _socket.ReceiveFrom(buffer, SocketFlags.None, sender);
                _client.Receive(_clock.Now, buffer.AsSpan(0, length), new Route(TransportAddress.From(sender), 0));
            }
            catch (SocketException silence) when (silence.SocketErrorCode is SocketError.TimedOut or SocketError.WouldBlock)
            {
                // The client's own timers are looked at next.
            }
        }

        _client.Close(_clock.Now);
        _client.Advance(_clock.Now, this);
        return _audioBack && _messageBack;
    }

    /// <summary>
    /// The channel and its first message, once there is an association; data may go before the channel is acknowledged (RFC 8832 §6).
    /// </summary>
    private ushort? Open(Instant now)
    {
        var channel = _client.OpenDataChannel(now, new DataChannelOptions { Label = "warm-up" });
        if (channel is { } stream)
        {
            _client.Send(now, stream, "warm"u8, binary: false);
        }

        return channel;
    }
}
