namespace Bridge.Transport;

/// <summary>Datagrams that belong to no peer, by what their first byte says they are (RFC 7983 §7).</summary>
internal sealed class StrangerCounts
{
    private long _stun;
    private long _dtls;
    private long _rtp;
    private long _other;

    /// <summary>Of all kinds.</summary>
    public long Total => ByKind.Sum(k => k.Count);

    /// <summary>The counts under the names they have in metrics.</summary>
    public IEnumerable<(string Kind, long Count)> ByKind =>
    [
        ("stun", Interlocked.Read(ref _stun)), ("dtls", Interlocked.Read(ref _dtls)), ("rtp", Interlocked.Read(ref _rtp)),
        ("other", Interlocked.Read(ref _other)),
    ];

    /// <summary>Counts one.</summary>
    public void Add(ReadOnlySpan<byte> datagram)
    {
        ref var count = ref _other;
        if (!datagram.IsEmpty)
        {
            switch (datagram[0])
            {
                case <= 3:
                    count = ref _stun;
                    break;
                case >= 20 and <= 63:
                    count = ref _dtls;
                    break;
                case >= 128 and <= 191:
                    count = ref _rtp;
                    break;
            }
        }

        Interlocked.Increment(ref count);
    }
}
