using System.Buffers.Binary;

namespace Bridge.Rtc.Sctp;

/// <summary>The result of a re-configuration request (RFC 6525 §4.4).</summary>
internal enum ResetResult : uint
{
    Performed = 1,
    Denied = 2,
    InProgress = 6,
}

/// <summary>Stream resets in both directions (RFC 6525): what makes a closed channel's stream number usable again.</summary>
internal sealed class StreamResets
{
    private const int MaxStreamsPerRequest = 128;
    private const int OutgoingHeader = 16;

    private readonly Queue<ushort> _wanted = new(0);
    private readonly HashSet<ushort> _wantedSet = new(0);
    private readonly HashSet<ushort> _forgotten = new(0);
    private readonly SctpOptions _options;
    private readonly RoundTripEstimator _roundTrip;

    private uint _nextNumber;
    private uint _requestNumber;
    private Tsn _requestLastTsn;
    private ushort[]? _requested;
    private bool _requestDue;
    private Instant _retryAt = Instant.Distant;
    private int _retryCount;

    private uint _peerNext;
    private bool _answered;
    private bool _responseDue;
    private uint _responseNumber;
    private ResetResult _responseResult;

    private ushort[]? _deferred;
    private Tsn _deferredTsn;

    public StreamResets(SctpOptions options, RoundTripEstimator roundTrip, Tsn localFirst, Tsn peerFirst)
    {
        _options = options;
        _roundTrip = roundTrip;
        _nextNumber = localFirst.Value;
        _peerNext = peerFirst.Value;
        _responseNumber = _peerNext - 1;
    }

    /// <summary>When the outstanding request goes out again.</summary>
    public Instant RetryAt => _retryAt;

    /// <summary>Asks for a reset of our stream; goes out with the next free request.</summary>
    public void Want(ushort stream)
    {
        if (_wantedSet.Add(stream))
        {
            _wanted.Enqueue(stream);
        }
    }

    /// <summary>Whether our own reset of this stream waits or is under way.</summary>
    public bool IsWanted(ushort stream) => _wantedSet.Contains(stream);

    /// <summary>
    /// The peer uses the stream anew, which shows that our reset was performed. The request stays under way until it is
    /// answered, but the answer says nothing of the stream's new life.
    /// </summary>
    public void Forget(ushort stream)
    {
        if (_wantedSet.Remove(stream))
        {
            _forgotten.Add(stream);
        }
    }

    /// <summary>Runs the timer. False when the peer has answered no request for too long.</summary>
    public bool RunTimer(Instant now)
    {
        if (_retryAt <= now)
        {
            _retryAt = Instant.Distant;
            _requestDue = true;
            _retryCount++;
        }

        return _retryCount <= _options.MaxRetransmissions;
    }

    public bool HasWork => _responseDue || _requestDue || (_requested is null && _wanted.Count > 0);

    public void Write(Instant now, Tsn lastAssigned, ref PacketWriter packet)
    {
        if (_responseDue && packet.Room >= 12)
        {
            _responseDue = false;
            Span<byte> value = packet.Append(ChunkType.ReConfig, 0, 12);
            InitChunk.WriteParameterHeader(value, ParameterType.ReConfigResponse, 8);
            BinaryPrimitives.WriteUInt32BigEndian(value[4..], _responseNumber);
            BinaryPrimitives.WriteUInt32BigEndian(value[8..], (uint)_responseResult);
        }

        if (_requested is null && _wanted.Count > 0)
        {
            _requested = new ushort[Math.Min(_wanted.Count, MaxStreamsPerRequest)];
            for (int i = 0; i < _requested.Length; i++)
            {
                _requested[i] = _wanted.Dequeue();
            }

            _requestNumber = _nextNumber++;
            _requestLastTsn = lastAssigned;
            _requestDue = true;
            _retryCount = 0;
        }

        if (_requestDue && packet.Room >= OutgoingHeader + (2 * _requested!.Length))
        {
            WriteRequest(ref packet);
            _requestDue = false;
            _retryAt = now + _roundTrip.Timeout;
        }
    }

    /// <summary>Takes the answer to our request. Gives the streams that are reset now, or null.</summary>
    public ushort[]? TakeResponse(Instant now, ReadOnlySpan<byte> value)
    {
        if (value.Length < 8 || _requested is null || BinaryPrimitives.ReadUInt32BigEndian(value) != _requestNumber)
        {
            return null;
        }

        _retryCount = 0;
        if ((ResetResult)BinaryPrimitives.ReadUInt32BigEndian(value[4..]) == ResetResult.InProgress)
        {
            _requestDue = false;
            _retryAt = now + _roundTrip.Timeout;
            return null;
        }

        // Denied or failed is final as well: we send nothing on these streams any more.
        ushort[] streams = _requested;
        _requested = null;
        _requestDue = false;
        _retryAt = Instant.Distant;
        if (_forgotten.Count > 0)
        {
            streams = Array.FindAll(streams, stream => !_forgotten.Contains(stream));
            _forgotten.Clear();
        }

        foreach (ushort stream in streams)
        {
            _wantedSet.Remove(stream);
        }

        return streams;
    }

    /// <summary>
    /// Takes a request of the peer to reset its streams. Gives the streams to reset now, an empty array for all of them,
    /// or null for none (§5.2.2).
    /// </summary>
    public ushort[]? TakeOutgoingRequest(Tsn cumulative, ReadOnlySpan<byte> value)
    {
        if (value.Length < 12 || value.Length % 2 != 0)
        {
            return null;
        }

        if (!TakeNumber(BinaryPrimitives.ReadUInt32BigEndian(value)))
        {
            return null;
        }

        Tsn last = new(BinaryPrimitives.ReadUInt32BigEndian(value[8..]));
        ushort[] streams = new ushort[(value.Length - 12) / 2];
        for (int i = 0; i < streams.Length; i++)
        {
            streams[i] = BinaryPrimitives.ReadUInt16BigEndian(value[(12 + (2 * i))..]);
        }

        if (last > cumulative)
        {
            // Data of these streams is still under way.
            _responseResult = ResetResult.InProgress;
            _deferred = streams;
            _deferredTsn = last;
            return null;
        }

        _responseResult = ResetResult.Performed;
        _deferred = null;
        return streams;
    }

    /// <summary>Answers a request that we don't grant.</summary>
    public void Deny(ReadOnlySpan<byte> value)
    {
        if (value.Length >= 4 && TakeNumber(BinaryPrimitives.ReadUInt32BigEndian(value)))
        {
            _responseResult = ResetResult.Denied;
        }
    }

    /// <summary>Gives the streams whose reset waited for data that has arrived by now, or null.</summary>
    public ushort[]? TakeDeferred(Tsn cumulative)
    {
        if (_deferred is null || _deferredTsn > cumulative)
        {
            return null;
        }

        ushort[] streams = _deferred;
        _deferred = null;
        _responseResult = ResetResult.Performed;
        _responseDue = true;
        return streams;
    }

    /// <summary>Checks a request's number (§5.2.1). True for a new request, which becomes the one answered next.</summary>
    private bool TakeNumber(uint number)
    {
        if (number == _peerNext)
        {
            _responseNumber = _peerNext++;
            _responseDue = true;
            _answered = true;
            return true;
        }

        // A repetition gets the last answer again; any other number gets none.
        _responseDue |= number == _responseNumber && _answered;
        return false;
    }

    private void WriteRequest(ref PacketWriter packet)
    {
        int length = 12 + (2 * _requested!.Length);
        Span<byte> value = packet.Append(ChunkType.ReConfig, 0, 4 + length);
        InitChunk.WriteParameterHeader(value, ParameterType.OutgoingResetRequest, length);
        BinaryPrimitives.WriteUInt32BigEndian(value[4..], _requestNumber);
        BinaryPrimitives.WriteUInt32BigEndian(value[8..], _peerNext - 1);
        BinaryPrimitives.WriteUInt32BigEndian(value[12..], _requestLastTsn.Value);
        for (int i = 0; i < _requested.Length; i++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(value[(16 + (2 * i))..], _requested[i]);
        }
    }
}
