using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Bridge.Rtc;
using Bridge.Rtc.Dtls;
using Bridge.Rtc.Sctp;

namespace Bridge.Interop;

/// <summary>Our own peer as a client of the lab echo: one UDP socket, one thread, one data channel.</summary>
internal sealed class LabClient : IRtcSink, IDisposable
{
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
    private ushort? _stream;
    private Uri? _location;
    private volatile bool _stopped;

    public LabClient(DtlsIdentity identity)
    {
        _socket.ReceiveBufferSize = 1 << 20;
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        TransportAddress local = TransportAddress.From((IPEndPoint)_socket.LocalEndPoint!);
        _peer = new RtcPeer(Now, SystemEntropy.Instance, new RtcPeerOptions { Identity = identity, Role = RtcRole.Client, LocalCandidates = [new LocalCandidate(local, 0)] });
        _thread = new Thread(Listen) { IsBackground = true, Name = "lab client" };
        _timer = new Thread(Tick) { IsBackground = true, Name = "lab client timer" };
    }

    public byte[] LastMessage { get; private set; } = [];

    public SctpStats? Stats => _peer.DataStats;

    private static Instant Now => new(Stopwatch.GetTimestamp() / (Stopwatch.Frequency / TimeSpan.TicksPerSecond));

    /// <summary>Offers, takes the answer and waits until the data channel is open.</summary>
    public async Task ConnectAsync(Uri host)
    {
        string offer;
        lock (_gate)
        {
            offer = _peer.CreateOffer(Now);
        }

        using StringContent content = new(offer, Encoding.UTF8);
        content.Headers.ContentType = new("application/sdp");
        using HttpResponseMessage response = await Http.PostAsync(new Uri(host, "/lab/echo?path=rtp"), content);
        string answer = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.Created, answer);
        _location = new Uri(host, response.Headers.Location!);
        lock (_gate)
        {
            Assert.True(_peer.TryAcceptAnswer(Now, answer, out string? refusal), refusal);
            Drain();
        }

        _thread.Start();
        _timer.Start();
        await _opened.Task.WaitAsync(TimeSpan.FromSeconds(20));
    }

    /// <summary>Sends messages of one size and waits for all of their echoes.</summary>
    public async Task<TimeSpan> EchoAsync(int count, byte[] message)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++)
        {
            lock (_gate)
            {
                Assert.Equal(DataSendResult.Queued, _peer.Send(Now, _stream!.Value, message, true));
                Drain();
            }
        }

        for (int i = 0; i < count; i++)
        {
            Assert.True(await _arrived.WaitAsync(TimeSpan.FromSeconds(20)), $"echo {i} of {count} is missing");
        }

        return Stopwatch.GetElapsedTime(start);
    }

    /// <summary>Ends the echo at the host and lets go of everything here.</summary>
    public async Task EndAsync()
    {
        using HttpResponseMessage response = await Http.DeleteAsync(_location);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Dispose();
    }

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

    public void Transmit(ReadOnlySpan<byte> datagram, Route to)
    {
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

    public void StateChanged(RtcPeerState state)
    {
    }

    public void AudioNegotiated(in AudioFormat format)
    {
    }

    public void AudioReceived(in RtpPacket packet)
    {
    }

    public void DtmfReceived(in DtmfEvent digit)
    {
    }

    public void ChannelOpened(ushort stream, string label) => _opened.TrySetResult();

    public void ChannelClosed(ushort stream)
    {
    }

    public void MessageReceived(ushort stream, ReadOnlySpan<byte> message, bool binary)
    {
        LastMessage = message.ToArray();
        _arrived.Release();
    }

    public void BufferedAmountLow(ushort stream)
    {
    }

    private void Drain()
    {
        _stream ??= _peer.OpenDataChannel(Now, new DataChannelOptions { Label = "echo" });
        _due = _peer.Advance(Now, this).At;
        _wake.Set();
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
