using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Bridge.Audio.Codecs;
using Bridge.Audio.Playout;
using Bridge.Benchmarks.Lab;
using Bridge.Rtc.Rtp;
using Bridge.Rtc.Srtp;

namespace Bridge.Benchmarks.Load;

/// <summary>
/// The least that a transcoded call costs on this machine: a process with one thread that takes a packet from its UDP socket, decrypts,
/// decodes, encodes, encrypts and sends it back. It has no ICE, no RTCP, no order of packets, no pace and no sessions but SRTP's. Its
/// callers send the packets of the other rows at the same times.
/// </summary>
internal sealed class BareEcho : IDisposable
{
    private const string Said = "The bare echo is at port ";
    private const int Room = 1500;

    private readonly Process _process;
    private readonly PacketClock _clock;
    private readonly IPEndPoint _to;
    private readonly List<Sender> _senders = [];

    private BareEcho(Process process, int port)
    {
        _process = process;
        _to = new IPEndPoint(IPAddress.Loopback, port);
        _clock = new PacketClock(TimeProvider.System, TimeProvider.System.GetTimestamp());
    }

    /// <summary>The system's number of its process.</summary>
    internal int Id => _process.Id;

    /// <summary>Packets that came back so far.</summary>
    internal long Returned => _senders.Sum(sender => sender.Returned);

    /// <summary>Callers so far.</summary>
    internal int Callers => _senders.Count;

    internal static BareEcho Start()
    {
        ProcessStartInfo start = new("dotnet", [typeof(BareEcho).Assembly.Location, "bare-echo"]) { RedirectStandardOutput = true };
        Process process = Process.Start(start) ?? throw new InvalidOperationException("dotnet does not start.");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => HostProcess.End(process);
        string? line = process.StandardOutput.ReadLine();
        return line?.StartsWith(Said, StringComparison.Ordinal) == true
            ? new BareEcho(process, int.Parse(line[Said.Length..], CultureInfo.InvariantCulture))
            : throw new InvalidOperationException($"The bare echo said: {line}");
    }

    /// <summary>One more caller, who sends these packets over and over.</summary>
    internal void Add(byte[][] packets)
    {
        Sender sender = new(_to, packets, (uint)_senders.Count);
        _senders.Add(sender);
        sender.Begin(_clock);
    }

    public void Dispose()
    {
        _clock.Dispose();
        _senders.ForEach(sender => sender.Dispose());
        HostProcess.End(_process);
        _process.Dispose();
    }

    /// <summary><c>-- bare-echo</c>: the process itself; it ends with its parent.</summary>
    internal static void Run(TextWriter output)
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.ReceiveBufferSize = socket.SendBufferSize = 4 << 20;
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Said}{((IPEndPoint)socket.LocalEndPoint!).Port}"));
        output.Flush();
        List<Session> sessions = [];
        byte[] buffer = GC.AllocateArray<byte>(Room, pinned: true);
        SocketAddress from = new(AddressFamily.InterNetwork);
        while (true)
        {
            int length = socket.ReceiveFrom(buffer, SocketFlags.None, from);
            if (!RtpHeader.TryParse(buffer.AsSpan(0, length), out RtpHeader header))
            {
                continue;
            }

            while (sessions.Count <= header.Ssrc)
            {
                sessions.Add(new Session());
            }

            int answer = sessions[(int)header.Ssrc].Echo(buffer, length, header);
            if (answer > 0)
            {
                socket.SendTo(buffer.AsSpan(0, answer), SocketFlags.None, from);
            }
        }
    }

    private static SrtpSession Keys(bool isCaller)
    {
        const SrtpProfile Profile = SrtpProfile.AeadAes128Gcm;
        byte[] material = [.. Enumerable.Range(0, SrtpKeys.ExportSize(Profile)).Select(i => (byte)(i * 7))];
        return SrtpSession.FromExport(Profile, material, isCaller);
    }

    private sealed class Session
    {
        private readonly SrtpSession _srtp = Keys(isCaller: false);
        private readonly OpusCodec _codec = new();
        private readonly short[] _pcm = new short[5760];

        internal int Echo(byte[] buffer, int length, in RtpHeader header)
        {
            if (_srtp.UnprotectRtp(buffer.AsSpan(0, length), header, out int plain) != SrtpResult.Ok)
            {
                return 0;
            }

            int samples = _codec.Decode(buffer.AsSpan(header.Length, plain - header.Length), _pcm);
            int bytes = _codec.Encode(_pcm.AsSpan(0, samples), buffer.AsSpan(header.Length));
            return _srtp.ProtectRtp(buffer, header.Length, header.Length + bytes);
        }
    }

    private sealed class Sender : IDisposable
    {
        private const int SmallStack = 256 * 1024;

        private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        private readonly SrtpSession _srtp = Keys(isCaller: true);
        private readonly byte[] _buffer = new byte[Room];
        private readonly byte[][] _packets;
        private readonly uint _number;
        private PacketClockTicket? _ticket;
        private ushort _sent;
        private long _returned;

        internal Sender(IPEndPoint to, byte[][] packets, uint number)
        {
            (_packets, _number) = (packets, number);
            _socket.Connect(to);
        }

        internal long Returned => Volatile.Read(ref _returned);

        internal void Begin(PacketClock clock)
        {
            new Thread(Listen, SmallStack) { IsBackground = true, Name = "bare caller" }.Start();
            _ticket = clock.Add(_ => Tick());
        }

        public void Dispose()
        {
            _ticket?.Dispose();
            _socket.Dispose();
        }

        private bool Tick()
        {
            byte[] packet = _packets[_sent % _packets.Length];
            (_buffer[0], _buffer[1]) = (0x80, 111);
            BinaryPrimitives.WriteUInt16BigEndian(_buffer.AsSpan(2), _sent);
            BinaryPrimitives.WriteUInt32BigEndian(_buffer.AsSpan(4), (uint)_sent * 960);
            BinaryPrimitives.WriteUInt32BigEndian(_buffer.AsSpan(8), _number);
            packet.CopyTo(_buffer, RtpHeader.FixedSize);
            _sent++;
            int length = _srtp.ProtectRtp(_buffer, RtpHeader.FixedSize, RtpHeader.FixedSize + packet.Length);
            _socket.Send(_buffer.AsSpan(0, length));
            return true;
        }

        private void Listen()
        {
            byte[] buffer = new byte[Room];
            try
            {
                while (_socket.Receive(buffer) > 0)
                {
                    Interlocked.Increment(ref _returned);
                }
            }
            catch (SocketException)
            {
                // Closed, or the echo is gone.
            }
            catch (ObjectDisposedException)
            {
                // Closed.
            }
        }
    }
}
