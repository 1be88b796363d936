namespace Bridge.Rtc.Dtls;

/// <summary>The DTLS connection of one peer: its engine, its state, and where its handshake flights went.</summary>
internal sealed class DtlsTransport(RtcPeerOptions options, OutputQueue output) : IDisposable
{
    // A DTLS record's plaintext is at most 2^14 bytes; one buffer serves every peer of a thread.
    private const int ScratchSize = 16_384 + 512;

    [ThreadStatic]
    private static byte[]? t_scratch;

    private IDtlsEngine? _engine;
    private Route? _flightRoute;
    private bool _flightsWentElsewhere;

    public DtlsTransportState State { get; private set; }

    public DtlsRole Role { get; set; }

    /// <summary>The engine; null before the first flight.</summary>
    public IDtlsEngine? Engine => _engine;

    public bool IsConnected => State == DtlsTransportState.Connected;

    /// <summary>Makes the engine; a client sends its first flight.</summary>
    public void Start(Instant now)
    {
        State = DtlsTransportState.Connecting;
        output.AddDtlsStart(Role);
        _engine = options.Identity.CreateEngine(Role, options.Mtu);
        if (Role == DtlsRole.Client)
        {
            _engine.Start(now);
        }
    }

    public void Receive(Instant now, ReadOnlySpan<byte> datagram) => _engine!.Receive(now, datagram);

    /// <summary>Queues the datagrams that are ready and gives the next other signal.</summary>
    /// <param name="now">The time.</param>
    /// <param name="to">Where datagrams go; without one they are lost, as on a bad network.</param>
    /// <param name="data">The decrypted bytes, for <see cref="DtlsSignal.ApplicationData"/>; valid until the next call of any transport on
    /// this thread.</param>
    public DtlsSignal Poll(Instant now, Route? to, out ReadOnlySpan<byte> data)
    {
        data = default;
        if (_engine is null)
        {
            return DtlsSignal.None;
        }

        byte[] scratch = t_scratch ??= new byte[ScratchSize];
        DtlsSignal signal;
        int length;
        while ((signal = _engine.Poll(now, scratch, out length)) == DtlsSignal.Datagram)
        {
            if (to is { } route && length <= OutputQueue.BufferSize)
            {
                NoteFlight(route);
                output.AddDatagram(scratch.AsSpan(0, length), route);
            }
        }

        data = scratch.AsSpan(0, length);
        return signal;
    }

    /// <summary>The handshake is complete and the certificate is the promised one.</summary>
    public void Connected()
    {
        State = DtlsTransportState.Connected;
        output.AddDtlsConnected(_engine!.Profile);
    }

    /// <summary>
    /// Whether completing the handshake from a route shows that its far end receives: every flight went there, and the last flight of
    /// the remote side can't be made without them.
    /// </summary>
    public bool ProvesReceiver(Route from) => !_flightsWentElsewhere && _flightRoute == from;

    public void Fail(Instant now)
    {
        State = DtlsTransportState.Failed;
        _engine!.Close(now);
    }

    public void Dispose() => _engine?.Dispose();

    private void NoteFlight(Route route)
    {
        if (State == DtlsTransportState.Connecting)
        {
            _flightsWentElsewhere |= _flightRoute is { } former && former != route;
            _flightRoute = route;
        }
    }
}
