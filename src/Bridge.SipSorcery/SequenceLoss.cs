namespace Bridge.SipSorcery;

/// <summary>Packets that a source sent and that never came (RFC 3550 §A.3), counted on one thread.</summary>
internal sealed class SequenceLoss
{
    private uint? _source;
    private ushort _highest;
    private long _expected;
    private long _received;
    private long _former;

    /// <summary>Packets lost so far, of all sources; late ones and duplicates can make it fall.</summary>
    public long Lost => Volatile.Read(ref _former) + Math.Max(0, Volatile.Read(ref _expected) - Volatile.Read(ref _received));

    /// <summary>Counts one packet.</summary>
    /// <param name="source">SSRC.</param>
    /// <param name="sequence">RTP sequence number.</param>
    public void Count(uint source, ushort sequence)
    {
        if (_source != source)
        {
            _former = Lost;
            (_source, _highest, _expected, _received) = (source, sequence, 1, 1);
            return;
        }

        _received++;
        var ahead = (short)(sequence - _highest);
        if (ahead > 0)
        {
            _expected += ahead;
            _highest = sequence;
        }
    }
}
