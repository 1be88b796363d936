using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Bridge.Rtc;

namespace Bridge.Browser.Tests;

/// <summary>
/// A bad network between browser and host: every datagram, both ways, is held back by a random time of its own between
/// nothing and the jitter, so that they also overtake one another (what netem does with <c>delay J/2 J/2</c>).
/// </summary>
internal sealed class JitterRelay : IDisposable
{
    private readonly Socket _front = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly ConcurrentDictionary<EndPoint, Socket> _backs = new();
    private readonly object _bell = new();
    private readonly PriorityQueue<(Socket Via, byte[] Datagram, EndPoint To), long> _waiting = new();
    private readonly ConcurrentQueue<SentPacket> _sent = new();
    private readonly Lock _dice = new();
    private readonly IPEndPoint _host;
    private double _jitterMs;
    private readonly Random _random;
    private readonly ConcurrentQueue<(double At, double Milliseconds, int Bytes, string Kind)> _waits = new();
    private long _busyUntil; // guarded by _bell
    private volatile int _rate;
    private volatile bool _stopped;
    private volatile bool _cut;

    public JitterRelay(IPEndPoint host, TimeSpan jitter, int seed)
    {
        _host = host;
        _jitterMs = jitter.TotalMilliseconds;
        _random = new Random(seed);
        _front.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Start("relay front", FromBrowser);
        Start("relay clock", Deliver);
    }

    public int Port => ((IPEndPoint)_front.LocalEndPoint!).Port;

    /// <summary>The RTP packets of the host, as it sent them; times are Unix milliseconds.</summary>
    public IReadOnlyList<SentPacket> Sent => [.. _sent];

    /// <summary>The longest that a datagram is held back from now on.</summary>
    public TimeSpan Jitter
    {
        set
        {
            lock (_dice)
            {
                _jitterMs = value.TotalMilliseconds;
            }
        }
    }

    /// <summary>
    /// Bit/s that pass from the host to the browser from now on, IP and UDP headers counted; 0 for no limit. The rest waits in a queue
    /// of <see cref="QueueTime"/>, and what does not fit there is lost.
    /// </summary>
    public int Rate
    {
        set => _rate = value;
    }

    /// <summary>The longest that the queue of <see cref="Rate"/> is.</summary>
    public static TimeSpan QueueTime { get; } = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// When each datagram came to that queue, Unix milliseconds, and how long it had to wait; 201 for one that was lost. With its bytes and
    /// its protocol.
    /// </summary>
    public IReadOnlyList<(double At, double Milliseconds, int Bytes, string Kind)> Waits => [.. _waits];

    /// <summary>While true nothing gets through, either way: the cable is out.</summary>
    public bool Cut
    {
        set => _cut = value;
    }

    /// <summary>
    /// The router in between forgets its mapping, as one that was restarted: from now on the host sees the browser at another port,
    /// and what it sends to the old one reaches nobody. Gives how many mappings were made anew.
    /// </summary>
    public int Rebind()
    {
        foreach (var (browser, old) in _backs.ToArray())
        {
            // The new one is there first, so that the system can't give it the port of the old.
            _backs[browser] = Back(browser);
            old.Dispose();
        }

        return _backs.Count;
    }

    /// <summary>The relay in front of a host.</summary>
    public static JitterRelay To(BrowserHost host, TimeSpan jitter, int seed)
    {
        var candidate = host.Media.Candidates.First(c => c.Address.Protocol == TransportProtocol.Udp).Address.ToIPEndPoint();
        var address = candidate.Address.IsIPv4MappedToIPv6 ? candidate.Address.MapToIPv4() : candidate.Address;
        return new JitterRelay(new IPEndPoint(address, host.Media.Port), jitter, seed);
    }

    /// <summary>The init script that lets a page know of no other way to the host.</summary>
    public string Script => $$"""
        {
          const set = RTCPeerConnection.prototype.setRemoteDescription;
          RTCPeerConnection.prototype.setRemoteDescription = function (answer) {
            let first = true;
            const sdp = answer.sdp.replace(/a=candidate:(\S+) 1 (\S+) (\d+) \S+ \d+ (typ host)[^\r]*\r\n/gi, (all, f, protocol, priority, type) => {
              if (!first || protocol.toLowerCase() !== 'udp') return '';
              first = false;
              return `a=candidate:${f} 1 udp ${priority} 127.0.0.1 {{Port}} ${type}\r\n`;
            });
            return set.call(this, { type: answer.type, sdp });
          };
        }
        """;

    public static double Now => (DateTime.UtcNow - DateTime.UnixEpoch).TotalMilliseconds;

    public void Dispose()
    {
        _stopped = true;
        _front.Dispose();
        foreach (var back in _backs.Values)
        {
            back.Dispose();
        }

        lock (_bell)
        {
            Monitor.PulseAll(_bell);
        }
    }

    private static void Start(string name, Action body) => new Thread(() => body()) { IsBackground = true, Name = name }.Start();

    private void FromBrowser()
    {
        var buffer = new byte[2048];
        EndPoint from = new IPEndPoint(IPAddress.Any, 0);
        while (TryReceive(_front, buffer, ref from, out var length))
        {
            Hold(_backs.GetOrAdd(from, Back), buffer.AsSpan(0, length), _host, toBrowser: false);
        }
    }

    private Socket Back(EndPoint browser)
    {
        var back = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        back.Bind(new IPEndPoint(_host.Address.Equals(IPAddress.Loopback) ? IPAddress.Loopback : IPAddress.Any, 0));
        Start("relay back", () =>
        {
            var buffer = new byte[2048];
            EndPoint from = new IPEndPoint(IPAddress.Any, 0);
            while (TryReceive(back, buffer, ref from, out var length))
            {
                // RTP and not RTCP (RFC 5761 §4).
                if (buffer[0] is >= 128 and < 192 && (buffer[1] & 0x7F) is < 64 or > 95)
                {
                    var timestamp = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(buffer.AsSpan(4));
                    _sent.Enqueue(new SentPacket(Now, timestamp));
                }

                Hold(_front, buffer.AsSpan(0, length), browser, toBrowser: true);
            }
        });
        return back;
    }

    private bool TryReceive(Socket socket, byte[] buffer, ref EndPoint from, out int length)
    {
        while (!_stopped)
        {
            try
            {
                length = socket.ReceiveFrom(buffer, ref from);
                return true;
            }
            catch (SocketException refused) when (refused.SocketErrorCode == SocketError.ConnectionReset)
            {
                // An ICMP answer to an earlier datagram; the next one may be wanted.
            }
            catch (Exception over) when (over is SocketException or ObjectDisposedException)
            {
                break;
            }
        }

        length = 0;
        return false;
    }

    private void Hold(Socket via, ReadOnlySpan<byte> datagram, EndPoint to, bool toBrowser)
    {
        if (_cut)
        {
            return;
        }

        double delay;
        lock (_dice)
        {
            delay = _random.NextDouble() * _jitterMs;
        }

        var due = Stopwatch.GetTimestamp() + (long)(delay / 1000 * Stopwatch.Frequency);
        lock (_bell)
        {
            if (toBrowser && _rate > 0)
            {
                var start = Math.Max(_busyUntil, due);
                var wait = (start - due) * 1000.0 / Stopwatch.Frequency;
                var fits = wait <= QueueTime.TotalMilliseconds;
                var kind = datagram[0] switch { < 4 => "STUN", < 64 => "DTLS", _ => datagram[1] is >= 192 and < 224 ? "RTCP" : "RTP" };
                _waits.Enqueue((Now, fits ? wait : QueueTime.TotalMilliseconds + 1, datagram.Length + 28, kind));
                if (!fits)
                {
                    return;
                }

                due = start + ((datagram.Length + 28) * 8 * Stopwatch.Frequency / _rate);
                _busyUntil = due;
            }

            _waiting.Enqueue((via, datagram.ToArray(), to), due);
            Monitor.PulseAll(_bell);
        }
    }

    private void Deliver()
    {
        while (!_stopped)
        {
            (Socket Via, byte[] Datagram, EndPoint To) next;
            lock (_bell)
            {
                if (!_waiting.TryPeek(out next, out var due))
                {
                    Monitor.Wait(_bell);
                    continue;
                }

                var wait = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due);
                if (wait > TimeSpan.Zero)
                {
                    Monitor.Wait(_bell, wait < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : wait);
                    continue;
                }

                _waiting.Dequeue();
            }

            try
            {
                next.Via.SendTo(next.Datagram, next.To);
            }
            catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
            {
                // The browser closed its socket: a datagram lost, as on any network.
            }
        }
    }

    internal readonly record struct SentPacket(double At, uint Timestamp);
}
