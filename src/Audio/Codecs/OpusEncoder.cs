using Bridge.Native.Opus;

namespace Bridge.Audio;

/// <summary>Mono int16 to Opus packets (RFC 6716), over libopus. One stream, one owner.</summary>
public sealed class OpusEncoder : IDisposable
{
    // A packet of one or two bytes is a TOC with nothing in it: libopus says "this frame need not be sent" (opus_encode).
    private const int LongestDtxPacket = 2;

    private readonly OpusEncoderHandle _handle;
    private bool _silent;

    /// <summary>Makes an encoder.</summary>
    /// <param name="options">Rate, bit rate and the rest.</param>
    /// <exception cref="ArgumentOutOfRangeException">libopus refuses a setting.</exception>
    public OpusEncoder(OpusCodecOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _handle = OpusEncoderHandle.Create(options.SampleRate, channels: 1, (int)options.Application);
        try
        {
            _handle.Set(OpusSetting.Bitrate, options.Bitrate);
            _handle.Set(OpusSetting.Complexity, options.Complexity);
            _handle.Set(OpusSetting.InbandFec, options.ForwardErrorCorrection ? 1 : 0);
            _handle.Set(OpusSetting.PacketLossPercent, options.ForwardErrorCorrection ? options.ExpectedLossPercent : 0);
            _handle.Set(OpusSetting.Dtx, options.Dtx ? 1 : 0);
            Delay = _handle.Lookahead;
        }
        catch
        {
            _handle.Dispose();
            throw;
        }

        SampleRate = options.SampleRate;
    }

    /// <summary>Input rate in Hz.</summary>
    public int SampleRate { get; }

    /// <summary>Samples of <see cref="SampleRate"/> by which the decoded signal lags behind the input (OPUS_GET_LOOKAHEAD).</summary>
    public int Delay { get; }

    /// <summary>Encodes one frame.</summary>
    /// <param name="pcm">2.5, 5, 10, 20, 40 or 60 ms of samples.</param>
    /// <param name="packet">Room for the packet; 1275 bytes hold any.</param>
    /// <returns>Bytes written, 0 for a frame that need not be sent (DTX), or a negative <see cref="AudioError"/>.</returns>
    public int Encode(ReadOnlySpan<short> pcm, Span<byte> packet)
    {
        int length = _handle.Encode(pcm, packet);
        bool wasSilent = _silent;
        _silent = length is > 0 and <= LongestDtxPacket;

        // The first of them is sent all the same: it tells the listener that the gap after it is silence, not loss.
        return _silent && wasSilent ? 0 : length;
    }

    /// <summary>Tells the encoder how much loss the receiver reports, so that it can weigh redundancy against quality.</summary>
    /// <param name="percent">0 to 100.</param>
    public void ExpectLoss(int percent) => _handle.Set(OpusSetting.PacketLossPercent, Math.Clamp(percent, 0, 100));

    /// <summary>Forgets the stream so far.</summary>
    public void Reset()
    {
        _handle.Reset();
        _silent = false;
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();
}
