using Bridge.Audio.Codecs;

namespace Bridge.Audio.Playout;

/// <summary>
/// Makes packets of another bit rate and length from the Opus packets of a <see cref="PlayoutQueue"/>, 20 ms each, as they leave it: what
/// was encoded ahead of time need not be thrown away where the path turns out to be narrow.
/// </summary>
/// <remarks>
/// One encoder makes all of them, so that libopus itself leads from one mode to the next (RFC 6716 §4.5). Nothing is allocated per packet.
/// One owner.
/// </remarks>
internal sealed class Transcoder : IDisposable
{
    private const int Rate = 24_000;
    private const int Frame = Rate / 50;
    private const int FullBitrate = 48_000;
    private const int MaxFrames = 3; // 60 ms: the longest frame of SILK (RFC 6716 table 2)

    // So much that the encoder chooses CELT, the mode of the packets that the listener has had until now.
    private const int LeadInBitrate = 128_000;
    private const int LeadInFrames = 3;

    private readonly IOpusDecoder _decoder;
    private readonly IOpusEncoder _encoder;
    private readonly short[] _pcm = new short[MaxFrames * Frame];
    private readonly short[] _decoded = new short[6 * Frame];
    private readonly byte[] _leadIn = new byte[1275];
    private uint _timestamp;
    private bool _marker;
    private int _bitrate;
    private int _loss;

    private Transcoder(
        Func<OpusCodecOptions, OpusApplication, int, IOpusEncoder> makeEncoder, Func<int, IOpusDecoder> makeDecoder)
    {
        _encoder = makeEncoder(new OpusCodecOptions(), OpusApplication.Voip, 0);
        _decoder = makeDecoder(Rate);
    }

    /// <summary>Frames of 20 ms that wait for the packet to be whole.</summary>
    internal int Frames { get; private set; }

    /// <summary>Makes one over libopus.</summary>
    internal static Transcoder OverLibOpus() =>
        new(static (options, application, loss) => new LibOpusEncoder(options, application, loss), static rate => new LibOpusDecoder(rate));

    /// <summary>Makes one over Concentus.</summary>
    internal static Transcoder OverConcentus() =>
        new(
            static (options, application, loss) => new ConcentusEncoder(options, application, loss),
            static rate => new ConcentusDecoder(rate));

    /// <summary>Begins in the middle of a stream.</summary>
    /// <param name="before">The packets right before the first.</param>
    internal void Begin(PacketHistory before)
    {
        Frames = 0;
        _decoder.Reset();
        _encoder.Reset();
        Set(LeadInBitrate, 0);
        for (int i = 0; i < before.Count; i++)
        {
            Decode(before[i]);
            if (before.Count - i <= LeadInFrames)
            {
                _encoder.Encode(_decoded.AsSpan(0, Frame), _leadIn);
            }
        }
    }

    /// <summary>Takes a packet of 20 ms. <see cref="Take"/> has to be called before a fourth.</summary>
    internal void Add(ReadOnlySpan<byte> packet, uint timestamp, bool marker)
    {
        if (Frames == 0)
        {
            (_timestamp, _marker) = (timestamp, marker);
        }

        Decode(packet);
        _decoded.AsSpan(0, Frame).CopyTo(_pcm.AsSpan(Frames++ * Frame));
    }

    /// <summary>Makes one packet of what was added.</summary>
    /// <param name="bitrate">Bit/s.</param>
    /// <param name="lossPercent">Expected loss, per cent; the encoder weighs in-band FEC against it.</param>
    /// <param name="packet">Room for 1275 bytes.</param>
    /// <param name="timestamp">Of its first frame.</param>
    /// <param name="marker">Of its first frame.</param>
    /// <returns>Bytes; 0 when there is nothing to send.</returns>
    internal int Take(int bitrate, int lossPercent, Span<byte> packet, out uint timestamp, out bool marker)
    {
        (timestamp, marker) = (_timestamp, _marker);
        int frames = Frames;
        Frames = 0;
        if (frames == 0)
        {
            return 0;
        }

        Set(bitrate, lossPercent);
        return Math.Max(0, _encoder.Encode(_pcm.AsSpan(0, frames * Frame), packet));
    }

    public void Dispose()
    {
        _decoder.Dispose();
        _encoder.Dispose();
    }

    private void Decode(ReadOnlySpan<byte> packet)
    {
        int samples = _decoder.Decode(packet, _decoded);
        if (samples != Frame && _decoder.Conceal([], _decoded.AsSpan(0, Frame)) != Frame)
        {
            _decoded.AsSpan(0, Frame).Clear();
        }
    }

    private void Set(int bitrate, int lossPercent)
    {
        if (bitrate != _bitrate)
        {
            _encoder.SetBitrate(bitrate, constant: bitrate < FullBitrate);
            _bitrate = bitrate;
        }

        if (lossPercent != _loss)
        {
            _encoder.SetLoss(lossPercent);
            _loss = lossPercent;
        }
    }
}
