using Bridge.Audio.Uplink;
using Bridge.Timing;
using Bridge.Transport;

namespace Bridge.Calls;

/// <summary>
/// Carries the caller's packets from the peer to the codec: a small byte ring, filled while the peer is held, and a work item that
/// decodes and hands the audio on: on the socket's thread once the peer is free (<see cref="SocketThread"/>), or on the pool. Nothing is
/// allocated per packet.
/// </summary>
internal sealed class UplinkPump : IThreadPoolWorkItem
{
    /// <summary>
    /// Receives decoded audio, 24 kHz mono int16, with the time its last packet arrived; null when it was made up for want of packets.
    /// </summary>
    public delegate void AudioSink(Span<short> pcm, TimeSpan? arrived);

    private const int RingBytes = 16 * 1024;
    private const int HeaderBytes = sizeof(ushort) + sizeof(ushort) + sizeof(uint) + sizeof(uint) + sizeof(long) + sizeof(byte);
    private const byte NoLevel = byte.MaxValue; // levels are 0 to 127
    private const int LargestPayload = 1500;

    private readonly Lock _gate = new();
    private readonly byte[] _ring = new byte[RingBytes];
    private readonly byte[] _packet = new byte[LargestPayload];
    private readonly short[] _pcm = new short[AudioUplink.MaxPull];
    private readonly AudioUplink _uplink;
    private readonly AudioSink _sink;
    private readonly HostClock _clock;
    private readonly Action? _dropped;
    private readonly Action _decodeHere;
    private int _head;
    private int _used;
    private int _scheduled;
    private TimeSpan _lastArrival;
    private volatile bool _stopped;

    /// <param name="uplink">Decodes; used by one thread at a time.</param>
    /// <param name="sink">Where the audio goes.</param>
    /// <param name="clock">The host's.</param>
    /// <param name="dropped">Told of each packet that is dropped because the pool does not keep up.</param>
    public UplinkPump(AudioUplink uplink, AudioSink sink, HostClock clock, Action? dropped = null)
    {
        _clock = clock;
        _dropped = dropped;
        _decodeHere = DecodeHere;
        _uplink = uplink;
        _sink = sink;
    }

    /// <summary>Takes a packet from the socket thread.</summary>
    public void Enqueue(TimeSpan arrived, uint source, ushort sequence, uint timestamp, ReadOnlySpan<byte> payload, byte? level)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        BitConverter.TryWriteBytes(header, (ushort)payload.Length);
        BitConverter.TryWriteBytes(header[2..], sequence);
        BitConverter.TryWriteBytes(header[4..], timestamp);
        BitConverter.TryWriteBytes(header[8..], source);
        BitConverter.TryWriteBytes(header[12..], arrived.Ticks);
        header[20] = level ?? NoLevel;
        bool stored;
        lock (_gate)
        {
            stored = payload.Length <= LargestPayload && _used + HeaderBytes + payload.Length <= RingBytes;
            if (stored)
            {
                Write(header);
                Write(payload);
            }
        }

        if (stored)
        {
            Schedule();
        }
        else
        {
            _dropped?.Invoke();
        }
    }

    /// <summary>Called on each clock tick: a gap whose deadline has passed must be filled though nothing arrives.</summary>
    public void Tick(TimeSpan now)
    {
        if (_uplink.NextDeadline is { } due && due <= now)
        {
            Schedule();
        }
    }

    /// <summary>The fates of the caller's packets so far; waits for a run that is under way.</summary>
    public AudioUplinkStats Stats
    {
        get
        {
            lock (_uplink)
            {
                return _uplink.Stats;
            }
        }
    }

    /// <summary>Ends it: a run that is under way finishes with the packet it is at. Waits for nothing.</summary>
    /// <returns>Whether it had not been stopped before.</returns>
    public bool Stop() => !Interlocked.Exchange(ref _stopped, true);

    /// <summary>
    /// Waits until no run uses the codec any more; after <see cref="Stop"/>.
    /// A thread that holds a gate which other calls need may not wait.
    /// </summary>
    public void Join()
    {
        lock (_uplink)
        {
            // A run that comes for the lock later finds it stopped.
        }
    }

    /// <inheritdoc/>
    public void Execute()
    {
        try
        {
            Decode();
        }
        catch (Exception defect)
        {
            // Nobody awaits a work item. The packet is lost, the next one schedules another run.
            _clock.Guard.Failed("uplink", defect);
        }
    }

    /// <summary>
    /// On the socket's thread, which waits for no decoder: a run that is under way on the pool is followed by another there.
    /// </summary>
    private void DecodeHere()
    {
        if (!Monitor.TryEnter(_uplink))
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
            return;
        }

        try
        {
            Execute();
        }
        finally
        {
            Monitor.Exit(_uplink);
        }
    }

    private void Decode()
    {
        // Cleared first: a packet that comes from here on schedules another run.
        Interlocked.Exchange(ref _scheduled, 0);
        lock (_uplink)
        {
            while (!_stopped
                && TryRead(out var arrived, out var source, out var sequence, out var timestamp, out var level, out var length))
            {
                _lastArrival = arrived;
                _uplink.Push(arrived, sequence, timestamp, _packet.AsSpan(0, length), level, source);
                Deliver(arrived);
            }

            Deliver(_clock.Elapsed);
        }
    }

    private void Deliver(TimeSpan now)
    {
        int samples;
        while (!_stopped && (samples = _uplink.Pull(now, _pcm)) > 0)
        {
            _sink(_pcm.AsSpan(0, samples), _uplink.IsMadeUp ? null : _lastArrival);
        }
    }

    private void Schedule()
    {
        if (Interlocked.Exchange(ref _scheduled, 1) == 0 && !SocketThread.TryTake(_decodeHere))
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    private bool TryRead(out TimeSpan arrived, out uint source, out ushort sequence, out uint timestamp, out byte? level, out int length)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        lock (_gate)
        {
            if (_used == 0)
            {
                arrived = default;
                source = 0;
                sequence = 0;
                timestamp = 0;
                level = null;
                length = 0;
                return false;
            }

            Read(header);
            length = BitConverter.ToUInt16(header);
            sequence = BitConverter.ToUInt16(header[2..]);
            timestamp = BitConverter.ToUInt32(header[4..]);
            source = BitConverter.ToUInt32(header[8..]);
            arrived = new TimeSpan(BitConverter.ToInt64(header[12..]));
            level = header[20] == NoLevel ? null : header[20];
            Read(_packet.AsSpan(0, length));
            return true;
        }
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        var at = (_head + _used) % RingBytes;
        var first = Math.Min(bytes.Length, RingBytes - at);
        bytes[..first].CopyTo(_ring.AsSpan(at));
        bytes[first..].CopyTo(_ring);
        _used += bytes.Length;
    }

    private void Read(Span<byte> bytes)
    {
        var first = Math.Min(bytes.Length, RingBytes - _head);
        _ring.AsSpan(_head, first).CopyTo(bytes);
        _ring.AsSpan(0, bytes.Length - first).CopyTo(bytes[first..]);
        _head = (_head + bytes.Length) % RingBytes;
        _used -= bytes.Length;
    }
}
