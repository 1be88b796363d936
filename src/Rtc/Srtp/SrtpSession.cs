using System.Buffers.Binary;
using Bridge.Rtc.Rtp;

namespace Bridge.Rtc.Srtp;

/// <summary>
/// Both directions of one peer's SRTP and SRTCP: roll-over counters and replay windows by synchronization source. In place, without
/// allocation after the first packet of a source.
/// </summary>
internal sealed class SrtpSession : IDisposable
{
    /// <summary>
    /// Sources of the remote side that get state; a page that takes its microphone away and back needs another one each time.
    /// </summary>
    public const int MaxSources = 256;

    private readonly SrtpDirection _outbound;
    private readonly SrtpDirection _inbound;
    private Source[] _sources = new Source[1];
    private int _sourceCount;
    private uint _sendSsrc;
    private ExtendedSequence _sendIndex;
    private bool _sending;
    private uint _sendRtcpIndex;

    private SrtpSession(SrtpDirection outbound, SrtpDirection inbound)
    {
        _outbound = outbound;
        _inbound = inbound;
    }

    /// <summary>Bytes RTP packets grow by.</summary>
    public int RtpOverhead => _outbound.RtpOverhead;

    /// <summary>From exported keying material: client key, server key, client salt, server salt (RFC 5764 §4.2).</summary>
    public static SrtpSession FromExport(SrtpProfile profile, ReadOnlySpan<byte> material, bool isDtlsClient)
    {
        int salt = SrtpKeys.SaltSize(profile);
        const int Key = SrtpKeys.MasterKeySize;
        var client = SrtpDirection.FromMaster(profile, material[..Key], material.Slice(2 * Key, salt));
        var server = SrtpDirection.FromMaster(profile, material.Slice(Key, Key), material.Slice((2 * Key) + salt, salt));
        return isDtlsClient ? new SrtpSession(client, server) : new SrtpSession(server, client);
    }

    /// <summary>Protects an RTP packet of the one source this side sends; sequence numbers must rise by less than 32,768 each.</summary>
    /// <param name="buffer">The packet, and room for <see cref="RtpOverhead"/>.</param>
    /// <param name="headerLength">Bytes that stay readable.</param>
    /// <param name="length">Bytes of the packet.</param>
    /// <returns>The length of the protected packet.</returns>
    public int ProtectRtp(Span<byte> buffer, int headerLength, int length)
    {
        SequenceNumber sequence = new(BinaryPrimitives.ReadUInt16BigEndian(buffer[2..]));
        uint ssrc = BinaryPrimitives.ReadUInt32BigEndian(buffer[8..]);
        if (!_sending)
        {
            _sending = true;
            _sendSsrc = ssrc;
            _sendIndex = new ExtendedSequence(sequence.Value);
        }
        else if (ssrc != _sendSsrc)
        {
            throw new InvalidOperationException("One session sends one source.");
        }
        else
        {
            _sendIndex = _sendIndex.Next(sequence);
        }

        return _outbound.ProtectRtp(buffer, headerLength, length, ssrc, (ulong)_sendIndex.Value);
    }

    /// <summary>Protects a compound RTCP packet.</summary>
    public int ProtectRtcp(Span<byte> buffer, int length)
    {
        int result = _outbound.ProtectRtcp(buffer, length, _sendRtcpIndex);
        _sendRtcpIndex = (_sendRtcpIndex + 1) & 0x7FFF_FFFF;
        return result;
    }

    /// <summary>Checks and decrypts an RTP packet; nothing is remembered of a packet that fails.</summary>
    public SrtpResult UnprotectRtp(Span<byte> packet, in RtpHeader header, out int length)
    {
        length = 0;
        if (packet.Length < header.Length + _inbound.RtpOverhead)
        {
            return SrtpResult.Malformed;
        }

        int slot = Find(header.Ssrc);
        ulong index = slot < 0 ? header.Sequence.Value : _sources[slot].GuessIndex(header.Sequence);
        if (slot >= 0 && _sources[slot].Rtp.Contains(index))
        {
            return SrtpResult.Replayed;
        }

        if (!_inbound.TryUnprotectRtp(packet, header.Length, header.Ssrc, index, out length))
        {
            return SrtpResult.Unauthentic;
        }

        if (slot < 0 && (slot = Add(header.Ssrc)) < 0)
        {
            return SrtpResult.TooManySources;
        }

        _sources[slot].Rtp.Add(index);
        return SrtpResult.Ok;
    }

    /// <summary>Checks and decrypts a compound RTCP packet.</summary>
    public SrtpResult UnprotectRtcp(Span<byte> packet, out int length)
    {
        length = 0;
        if (!_inbound.TryReadRtcpIndex(packet, out uint index))
        {
            return SrtpResult.Malformed;
        }

        uint ssrc = BinaryPrimitives.ReadUInt32BigEndian(packet[4..]);
        int slot = Find(ssrc);
        if (slot >= 0 && _sources[slot].Rtcp.Contains(index))
        {
            return SrtpResult.Replayed;
        }

        if (!_inbound.TryUnprotectRtcp(packet, index, out length))
        {
            return SrtpResult.Unauthentic;
        }

        if (slot < 0 && (slot = Add(ssrc)) < 0)
        {
            return SrtpResult.TooManySources;
        }

        _sources[slot].Rtcp.Add(index);
        return SrtpResult.Ok;
    }

    public void Dispose()
    {
        _outbound.Dispose();
        _inbound.Dispose();
    }

    private int Find(uint ssrc)
    {
        // The latest first: it is the one that is heard.
        for (int i = _sourceCount - 1; i >= 0; i--)
        {
            if (_sources[i].Ssrc == ssrc)
            {
                return i;
            }
        }

        return -1;
    }

    // A source is never forgotten: its old packets would pass for new ones.
    private int Add(uint ssrc)
    {
        if (_sourceCount == MaxSources)
        {
            return -1;
        }

        if (_sourceCount == _sources.Length)
        {
            Array.Resize(ref _sources, Math.Min(MaxSources, _sources.Length * 4));
        }

        _sources[_sourceCount] = new Source { Ssrc = ssrc };
        return _sourceCount++;
    }

    private struct Source
    {
        public uint Ssrc;
        public ReplayWindow Rtp;
        public ReplayWindow Rtcp;

        /// <summary>The index nearest to the highest one seen; RFC 3711 §3.3.1 and appendix A.</summary>
        public readonly ulong GuessIndex(SequenceNumber sequence)
        {
            long nearest = Rtp.IsEmpty ? -1 : new ExtendedSequence((long)Rtp.Highest).Nearest(sequence).Value;
            return nearest >= 0 ? (ulong)nearest : sequence.Value;
        }
    }
}
