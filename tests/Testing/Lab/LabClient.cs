using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Bridge.Rtc;
using Bridge.Rtc.Dtls;
using Bridge.Rtc.Sctp;

namespace Bridge.Testing.Lab;

/// <summary>
/// Our own peer as a client of the lab echo (<c>POST /lab/echo</c>): one UDP socket, two threads, one data channel. In real time.
/// </summary>
public sealed class LabClient : IRtcSink, IDisposable
{
    private const int SmallStack = 256 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly HttpClient Http = new();

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly object _gate = new();
    private readonly RtcPeer _peer;
    private readonly SemaphoreSlim _arrived = new(0);
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Thread _thread;
    private readonly Thread _timer;
    private readonly AutoResetEvent _wake = new(false);
    private Instant _due = Instant.Distant;
    private Instant _offeredAt;
    private ushort? _stream;
    private Uri? _location;
    private volatile bool _stopped;

    /// <summary>Binds a socket on loopback; nothing is sent before <see cref="ConnectAsync(Uri, string)"/>.</summary>
    /// <param name="identity">May be shared by clients.</param>
    /// <param name="change">Changes the peer's options.</param>
    public LabClient(DtlsIdentity identity, Func<RtcPeerOptions, RtcPeerOptions>? change = null)
    {
        _socket.ReceiveBufferSize = 1 << 20;
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        TransportAddress local = TransportAddress.From((IPEndPoint)_socket.LocalEndPoint!);
        RtcPeerOptions options = new() { Identity = identity, Role = RtcRole.Client, LocalCandidates = [new LocalCandidate(local, 0)] };
        _peer = new RtcPeer(Now, SystemEntropy.Instance, change?.Invoke(options) ?? options);
        _thread = new Thread(Listen, SmallStack) { IsBackground = true, Name = "lab client" };
        _timer = new Thread(Tick, SmallStack) { IsBackground = true, Name = "lab client timer" };
    }

    /// <summary>Called for each audio packet that came back, with its arrival; the client is held meanwhile.</summary>
    public Action<uint, Instant>? Heard { get; set; }

    /// <summary>The same with the packet itself.</summary>
    public PacketHandler? PacketHeard { get; set; }

    /// <summary>Label of the data channel.</summary>
    public string Label { get; init; } = "echo";

    /// <summary>Called for each message that came in; the client is held meanwhile.</summary>
    public Action<byte[]>? Received { get; set; }

    /// <summary>Changes the host's answer before it is taken.</summary>
    public Func<string, string>? EditAnswer { get; set; }

    /// <summary>Keeps <see cref="LastCheck"/>, <see cref="FirstHello"/> and <see cref="LastAudio"/>.</summary>
    public bool Records { get; set; }

    /// <summary>The latest STUN datagram sent, when recorded.</summary>
    public byte[] LastCheck { get; private set; } = [];

    /// <summary>The first DTLS datagram sent, when recorded.</summary>
    public byte[] FirstHello { get; private set; } = [];

    /// <summary>The latest SRTP datagram sent, when recorded.</summary>
    public byte[] LastAudio { get; private set; } = [];

    /// <summary>The latest message that came back.</summary>
    public byte[] LastMessage { get; private set; } = [];

    /// <summary>Counters of the data channel's association.</summary>
    public SctpStats? Stats => _peer.DataStats;

    /// <summary>Counters of the connection.</summary>
    public RtcStats Counters => _peer.Stats;

    /// <summary>The connection's state.</summary>
    public RtcPeerState State => _peer.State;

    /// <summary>From the making of the offer until the host's answer was there.</summary>
    public TimeSpan AnswerTime { get; private set; }

    /// <summary>From the making of the offer to state connected.</summary>
    public TimeSpan ConnectTime { get; private set; }

    /// <summary>From the making of the offer until the data channel was open.</summary>
    public TimeSpan OpenTime { get; private set; }

    /// <summary>Where this client sends from.</summary>
    public IPEndPoint LocalEndPoint => (IPEndPoint)_socket.LocalEndPoint!;

    /// <summary>Where the host's media port is, once connected.</summary>
    public IPEndPoint? RemoteEndPoint => _peer.SelectedRoute?.Remote.ToIPEndPoint();

    private static Instant Now => new(Stopwatch.GetTimestamp() / (Stopwatch.Frequency / TimeSpan.TicksPerSecond));

    /// <summary>Offers, takes the answer and waits until the data channel is open.</summary>
    /// <param name="host">The host's HTTP address.</param>
    /// <param name="path"><c>rtp</c> (packets come back untouched) or <c>call</c>.</param>
    /// <exception cref="InvalidOperationException">The host refused.</exception>
    /// <exception cref="TimeoutException">The channel did not open in time.</exception>
    public Task ConnectAsync(Uri host, string path = "rtp") => ConnectAsync(async offer =>
    {
        using StringContent content = new(offer, Encoding.UTF8);
        content.Headers.ContentType = new("application/sdp");
        using HttpResponseMessage response = await Http.PostAsync(new Uri(host, "/lab/echo?path=" + path), content).ConfigureAwait(false);
        string answer = await response.Content.ReadAsStringAsync().ConfigureAwait(false);
        if (response.StatusCode != HttpStatusCode.Created)
        {
            throw new InvalidOperationException($"The host answered {(int)response.StatusCode}: {answer}");
        }

        _location = new Uri(host, response.Headers.Location!);
        return answer;
    });

    /// <summary>The same with signaling of the caller's own.</summary>
    /// <param name="signal">Takes the offer to the host and brings its answer.</param>
    /// <exception cref="InvalidOperationException">The answer can't be taken.</exception>
    /// <exception cref="TimeoutException">The channel did not open in time.</exception>
    public async Task ConnectAsync(Func<string, Task<string>> signal)
    {
        ArgumentNullException.ThrowIfNull(signal);
        _offeredAt = Now;
        string offer;
        lock (_gate)
        {
            offer = _peer.CreateOffer(_offeredAt);
        }

        string answer = await signal(offer).ConfigureAwait(false);
        answer = EditAnswer?.Invoke(answer) ?? answer;
        AnswerTime = Now - _offeredAt;
        lock (_gate)
        {
            if (!_peer.TryAcceptAnswer(Now, answer, out string? refusal))
            {
                throw new InvalidOperationException(refusal);
            }

            Drain();
        }

        _thread.Start();
        _timer.Start();
        await _opened.Task.WaitAsync(Patience).ConfigureAwait(false);
    }

    /// <summary>Sends messages of one size and waits for all of their echoes.</summary>
    /// <returns>From the first message sent to the last echo.</returns>
    /// <exception cref="TimeoutException">An echo is missing.</exception>
    public async Task<TimeSpan> EchoAsync(int count, byte[] message)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++)
        {
            lock (_gate)
            {
                if (_peer.Send(Now, _stream!.Value, message, true) is var result and not DataSendResult.Queued)
                {
                    throw new InvalidOperationException($"Message {i} was not taken: {result}");
                }

                Drain();
            }
        }

        for (int i = 0; i < count; i++)
        {
            if (!await _arrived.WaitAsync(Patience).ConfigureAwait(false))
            {
                throw new TimeoutException($"echo {i} of {count} is missing");
            }
        }

        return Stopwatch.GetElapsedTime(start);
    }

    /// <summary>Sends one audio packet; false when there is no connection.</summary>
    public bool SendAudio(ReadOnlySpan<byte> packet, uint timestamp)
    {
        lock (_gate)
        {
            bool sent = _peer.TrySendAudio(Now, packet, timestamp, marker: false);
            Drain();
            return sent;
        }
    }

    /// <summary>Sends a text message on the data channel.</summary>
    /// <exception cref="InvalidOperationException">It was not taken.</exception>
    public void SendText(ReadOnlySpan<byte> utf8)
    {
        lock (_gate)
        {
            if (_peer.Send(Now, _stream!.Value, utf8, false) is var result and not DataSendResult.Queued)
            {
                throw new InvalidOperationException($"The message was not taken: {result}");
            }

            Drain();
        }
    }

    /// <summary>Does something with the peer while nobody else may, and sends what it gives out.</summary>
    public void With(Action<RtcPeer, Instant> act)
    {
        ArgumentNullException.ThrowIfNull(act);
        lock (_gate)
        {
            act(_peer, Now);
            Drain();
        }
    }

    /// <summary>Sends bytes of the caller's making from this client's address to where it is connected to.</summary>
    public void SendRaw(ReadOnlySpan<byte> datagram)
    {
        if (RemoteEndPoint is { } host)
        {
            _socket.SendTo(datagram, SocketFlags.None, host);
        }
    }

    /// <summary>Ends the echo at the host and lets go of everything here.</summary>
    /// <exception cref="InvalidOperationException">The host knows of no such echo.</exception>
    public async Task EndAsync()
    {
        using HttpResponseMessage response = await Http.DeleteAsync(_location).ConfigureAwait(false);
        Dispose();
        if (response.StatusCode != HttpStatusCode.OK)
        {
            throw new InvalidOperationException($"The host answered {(int)response.StatusCode} to DELETE.");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_stopped)
        {
            return;
        }

        _stopped = true;
        _wake.Set();
        _socket.Dispose();
        foreach (Thread thread in (Thread[])[_thread, _timer])
        {
            // Each by itself: the listener may have gone already while the timer still waits on what is disposed below.
            if (!thread.ThreadState.HasFlag(System.Threading.ThreadState.Unstarted))
            {
                thread.Join();
            }
        }

        _wake.Dispose();
        _peer.Dispose();
        _arrived.Dispose();
    }

    /// <inheritdoc/>
    public void Transmit(ReadOnlySpan<byte> datagram, Route to)
    {
        if (Records)
        {
            Record(datagram);
        }

        try
        {
            _socket.SendTo(datagram, SocketFlags.None, to.Remote.ToIPEndPoint());
        }
        catch (SocketException)
        {
            // A candidate of the host that can't be reached from a loopback socket.
        }
        catch (ObjectDisposedException) when (_stopped)
        {
        }
    }

    /// <inheritdoc/>
    public void StateChanged(RtcPeerState state)
    {
        if (state == RtcPeerState.Connected && ConnectTime == TimeSpan.Zero)
        {
            ConnectTime = Now - _offeredAt;
        }
    }

    /// <inheritdoc/>
    public void AudioNegotiated(in AudioFormat format)
    {
    }

    /// <inheritdoc/>
    public void AudioReceived(in RtpPacket packet)
    {
        Heard?.Invoke(packet.Timestamp, packet.Arrival);
        PacketHeard?.Invoke(packet);
    }

    /// <inheritdoc/>
    public void DtmfReceived(in DtmfEvent digit)
    {
    }

    /// <inheritdoc/>
    public void ChannelOpened(ushort stream, string label)
    {
        if (stream == _stream)
        {
            OpenTime = Now - _offeredAt;
            _opened.TrySetResult();
        }
    }

    /// <inheritdoc/>
    public void ChannelClosed(ushort stream)
    {
    }

    /// <inheritdoc/>
    public void MessageReceived(ushort stream, ReadOnlySpan<byte> message, bool binary)
    {
        LastMessage = message.ToArray();
        Received?.Invoke(LastMessage);
        _arrived.Release();
    }

    /// <inheritdoc/>
    public void BufferedAmountLow(ushort stream)
    {
    }

    private void Drain()
    {
        _stream ??= _peer.OpenDataChannel(Now, new DataChannelOptions { Label = Label });
        Instant due = _peer.Advance(Now, this).At;
        bool sooner = due < _due;
        _due = due;
        if (sooner)
        {
            _wake.Set();
        }
    }

    private void Record(ReadOnlySpan<byte> datagram)
    {
        switch (datagram[0])
        {
            case <= 3:
                LastCheck = datagram.ToArray();
                break;
            case 22 when FirstHello.Length == 0:
                FirstHello = datagram.ToArray();
                break;
            case >= 128 and <= 191 when datagram[1] is < 192 or > 223:
                LastAudio = datagram.ToArray();
                break;
        }
    }

    private void Listen()
    {
        byte[] buffer = new byte[2048];
        SocketAddress from = new(AddressFamily.InterNetwork);
        while (!_stopped)
        {
            try
            {
                int length = _socket.ReceiveFrom(buffer, SocketFlags.None, from);
                lock (_gate)
                {
                    _peer.Receive(Now, buffer.AsSpan(0, length), new Route(TransportAddress.From(from), 0));
                    Drain();
                }
            }
            catch (SocketException)
            {
                // Errors of earlier sends surface here; Dispose ends the loop.
            }
            catch (ObjectDisposedException)
            {
                return;
            }
        }
    }

    private void Tick()
    {
        while (!_stopped)
        {
            TimeSpan wait;
            lock (_gate)
            {
                wait = _due == Instant.Distant ? TimeSpan.FromSeconds(1) : _due - Now;
                if (wait <= TimeSpan.Zero)
                {
                    Drain();
                    continue;
                }
            }

            _wake.WaitOne(TimeSpan.FromMilliseconds(Math.Clamp(Math.Ceiling(wait.TotalMilliseconds), 1, 1000)));
        }
    }
}
