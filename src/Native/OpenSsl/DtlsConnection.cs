using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Bridge.Native.OpenSsl;

/// <summary>One DTLS connection over two memory BIOs (an SSL). One thread at a time.</summary>
/// <remarks>
/// A memory BIO is a byte stream: datagrams are fed one per read cycle, and output is cut at record headers (RFC 6347 §4.1).
/// </remarks>
internal sealed unsafe class DtlsConnection : IDisposable
{
    private const int RecordHeader = 13;
    private const byte ApplicationData = 23;

    // RFC 6347 §4.2.4.1 proposes one second, for unknown paths; ICE has just measured this one to be alive,
    // so the first retransmission comes early, as it does in browsers.
    private const uint FirstTimeoutMicroseconds = 100_000;
    private const uint LongestTimeoutMicroseconds = 3_000_000;

    private readonly SslHandle _ssl;
    private readonly BioHandle _input;
    private readonly BioHandle _output;
    private readonly int _mtu;
    private readonly byte[] _pendingHeader = new byte[RecordHeader];
    private bool _headerPending;
    private bool _outputPossible;

    /// <summary>A fresh connection.</summary>
    /// <param name="context">The shared part.</param>
    /// <param name="server">True for the passive side.</param>
    /// <param name="mtu">The longest datagram to produce.</param>
    /// <exception cref="OpenSslException">OpenSSL is out of memory.</exception>
    public DtlsConnection(DtlsContext context, bool server, int mtu)
    {
        ArgumentNullException.ThrowIfNull(context);
        _mtu = mtu;
        LibCrypto.ERR_clear_error();
        _ssl = LibSsl.SSL_new(context.Handle);
        _input = LibCrypto.BIO_new(LibCrypto.BIO_s_mem());
        _output = LibCrypto.BIO_new(LibCrypto.BIO_s_mem());
        if (_ssl.IsInvalid || _input.IsInvalid || _output.IsInvalid)
        {
            string reason = LibCrypto.TakeErrors();
            Dispose();
            throw new OpenSslException($"SSL_new failed: {reason}");
        }

        // An empty memory BIO shall mean "later", not "end".
        LibCrypto.BIO_ctrl(_input, LibCrypto.BioSetMemoryEofReturn, new CLong(-1), null);
        LibCrypto.BIO_ctrl(_output, LibCrypto.BioSetMemoryEofReturn, new CLong(-1), null);

        // SSL_set_bio takes one reference of each, our handles keep the other.
        LibCrypto.BIO_up_ref(_input);
        LibCrypto.BIO_up_ref(_output);
        LibSsl.SSL_set_bio(_ssl, _input, _output);
        LibSsl.SSL_ctrl(_ssl, LibSsl.CtrlSetMtu, new CLong(mtu), null);
        LibSsl.DTLS_set_timer_cb(_ssl, &NextTimeout);
        if (server)
        {
            LibSsl.SSL_set_accept_state(_ssl);
        }
        else
        {
            LibSsl.SSL_set_connect_state(_ssl);
        }
    }

    /// <summary>The message of the last failed step.</summary>
    public string? LastError { get; private set; }

    /// <summary>The number of the agreed SRTP profile (RFC 5764 §4.1.2); 0 for none.</summary>
    public int SrtpProfile
    {
        get
        {
            // struct srtp_protection_profile_st { const char *name; unsigned long id; }
            nint profile = LibSsl.SSL_get_selected_srtp_profile(_ssl);
            return profile == 0 ? 0 : (int)((SrtpProtectionProfile*)profile)->Id.Value;
        }
    }

    /// <summary>
    /// Time until <see cref="HandleTimeout"/> is due, by OpenSSL's own clock; null when no flight is waiting for an answer.
    /// </summary>
    public TimeSpan? TimeUntilRetransmission
    {
        get
        {
            // struct timeval: two longs on Linux; long and 32 bits on macOS; two 32-bit longs on Windows.
            long* timeval = stackalloc long[2];
            timeval[0] = timeval[1] = 0;
            if (LibSsl.SSL_ctrl(_ssl, LibSsl.CtrlDtlsGetTimeout, new CLong(0), timeval).Value != 1)
            {
                return null;
            }

            return OperatingSystem.IsWindows()
                ? TimeSpan.FromSeconds(((int*)timeval)[0]) + TimeSpan.FromMicroseconds(((int*)timeval)[1])
                : TimeSpan.FromSeconds(timeval[0]) + TimeSpan.FromMicroseconds((int)timeval[1]);
        }
    }

    /// <summary>Takes one datagram; <see cref="Handshake"/> or <see cref="Read"/> must consume it before the next.</summary>
    public void Feed(ReadOnlySpan<byte> datagram)
    {
        LibCrypto.BIO_ctrl(_input, LibCrypto.BioCtrlReset, new CLong(0), null);
        fixed (byte* pointer = datagram)
        {
            _ = LibCrypto.BIO_write(_input, pointer, datagram.Length);
        }
    }

    /// <summary>Goes on with the handshake as far as the input reaches.</summary>
    public DtlsOutcome Handshake()
    {
        Begin();
        return Judge(LibSsl.SSL_do_handshake(_ssl));
    }

    /// <summary>Reads the application data of one record.</summary>
    public DtlsOutcome Read(Span<byte> buffer, out int length)
    {
        Begin();
        fixed (byte* pointer = buffer)
        {
            int result = LibSsl.SSL_read(_ssl, pointer, buffer.Length);
            length = Math.Max(result, 0);
            return Judge(result);
        }
    }

    /// <summary>Encrypts one record of application data.</summary>
    public DtlsOutcome Write(ReadOnlySpan<byte> data)
    {
        Begin();
        fixed (byte* pointer = data)
        {
            return Judge(LibSsl.SSL_write(_ssl, pointer, data.Length));
        }
    }

    /// <summary>Sends the waiting flight again if its time has come.</summary>
    public DtlsOutcome HandleTimeout()
    {
        Begin();
        if (LibSsl.SSL_ctrl(_ssl, LibSsl.CtrlDtlsHandleTimeout, new CLong(0), null).Value < 0)
        {
            LastError = LibCrypto.TakeErrors();
            return DtlsOutcome.Failed;
        }

        return DtlsOutcome.Done;
    }

    /// <summary>Produces close_notify.</summary>
    public void Shutdown()
    {
        Begin();
        _ = LibSsl.SSL_shutdown(_ssl);
        LibCrypto.ERR_clear_error();
    }

    /// <summary>
    /// Takes one datagram to send: handshake records share one up to the MTU, a record of application data is sent alone.
    /// </summary>
    /// <returns>Its length; 0 when nothing waits.</returns>
    public int TakeDatagram(Span<byte> buffer)
    {
        int length = 0;
        Span<byte> header = _pendingHeader;
        while (true)
        {
            if (!_headerPending)
            {
                // Asked for after every step of a peer, and mostly there is nothing: no step of OpenSSL, no output.
                if (!_outputPossible || ReadOutput(header) != RecordHeader)
                {
                    _outputPossible = false;
                    return length;
                }

                _headerPending = true;
            }

            int record = RecordHeader + BinaryPrimitives.ReadUInt16BigEndian(header[11..]);
            bool alone = header[0] == ApplicationData;
            if (length > 0 && (alone || length + record > _mtu))
            {
                return length;
            }

            header.CopyTo(buffer[length..]);
            _headerPending = false;
            if (ReadOutput(buffer.Slice(length + RecordHeader, record - RecordHeader)) != record - RecordHeader)
            {
                throw new InvalidOperationException("OpenSSL wrote half a record.");
            }

            length += record;
            if (alone)
            {
                return length;
            }
        }
    }

    /// <summary>The remote certificate in DER form; null before it arrived.</summary>
    public byte[]? PeerCertificate()
    {
        using X509Handle certificate = LibSsl.SSL_get1_peer_certificate(_ssl);
        if (certificate.IsInvalid)
        {
            return null;
        }

        int length = LibCrypto.i2d_X509(certificate, null);
        if (length <= 0)
        {
            return null;
        }

        byte[] der = new byte[length];
        fixed (byte* start = der)
        {
            byte* position = start;
            return LibCrypto.i2d_X509(certificate, &position) == length ? der : null;
        }
    }

    /// <summary>Exports keying material (RFC 5705) without a context; false before the handshake is complete.</summary>
    public bool TryExport(ReadOnlySpan<byte> label, Span<byte> material)
    {
        LibCrypto.ERR_clear_error();
        fixed (byte* labelPointer = label)
        fixed (byte* pointer = material)
        {
            bool exported = LibSsl.SSL_export_keying_material(
                _ssl, pointer, (nuint)material.Length, labelPointer, (nuint)label.Length, null, 0, 0) == 1;
            LibCrypto.ERR_clear_error();
            return exported;
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _ssl.Dispose();
        _input?.Dispose();
        _output?.Dispose();
    }

    // OpenSSL asks for the length of a flight's timer: 0 means its first one.
    [UnmanagedCallersOnly]
    private static uint NextTimeout(nint ssl, uint previous) =>
        previous == 0 ? FirstTimeoutMicroseconds : Math.Min(previous * 2, LongestTimeoutMicroseconds);

    /// <summary>Before a step that may fail, or write records.</summary>
    private void Begin()
    {
        _outputPossible = true;
        LibCrypto.ERR_clear_error();
    }

    private int ReadOutput(Span<byte> buffer)
    {
        fixed (byte* pointer = buffer)
        {
            return LibCrypto.BIO_read(_output, pointer, buffer.Length);
        }
    }

    private DtlsOutcome Judge(int result)
    {
        if (result > 0)
        {
            return DtlsOutcome.Done;
        }

        switch (LibSsl.SSL_get_error(_ssl, result))
        {
            case LibSsl.ErrorWantRead or LibSsl.ErrorWantWrite:
                return DtlsOutcome.WantsInput;
            case LibSsl.ErrorZeroReturn:
                return DtlsOutcome.Closed;
            default:
                LastError = LibCrypto.TakeErrors();
                return DtlsOutcome.Failed;
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct SrtpProtectionProfile
    {
        public nint Name;
        public CULong Id;
    }
}
