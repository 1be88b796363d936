using Concentus;

namespace Bridge.Audio.Codecs;

/// <summary>Concentus's encoder.</summary>
internal sealed class ConcentusEncoder : IOpusEncoder
{
    private readonly Concentus.Structs.OpusEncoder _encoder;

    /// <param name="options">Rate, bit rate and the rest.</param>
    /// <param name="application">In place of the options' own.</param>
    /// <param name="lossPercent">Loss to be ready for.</param>
    /// <exception cref="ArgumentOutOfRangeException">Concentus refuses a setting.</exception>
    internal ConcentusEncoder(OpusCodecOptions options, OpusApplication application, int lossPercent)
    {
        try
        {
#pragma warning disable CS0618 // The factory that it recommends loads native code from the working folder.
            _encoder = new Concentus.Structs.OpusEncoder(options.SampleRate, 1, (Concentus.Enums.OpusApplication)application)
            {
                Bitrate = options.Bitrate,
                Complexity = options.Complexity,
                UseInbandFEC = options.ForwardErrorCorrection,
                PacketLossPercent = options.ForwardErrorCorrection ? lossPercent : 0,
                UseDTX = options.Dtx,
            };
#pragma warning restore CS0618
        }
        catch (ArgumentException refused)
        {
            throw new ArgumentOutOfRangeException($"Concentus makes no such encoder: {refused.Message}", refused);
        }
    }

    public int Lookahead => _encoder.Lookahead;

    public int Encode(ReadOnlySpan<short> pcm, Span<byte> packet)
    {
        try
        {
            return _encoder.Encode(pcm, pcm.Length, packet, packet.Length);
        }
        catch (OpusException failed)
        {
            // Its codes are those of libopus, and it has some beyond them.
            return Enum.IsDefined((AudioError)failed.OpusErrorCode) ? failed.OpusErrorCode : (int)AudioError.Internal;
        }
    }

    public void SetLoss(int percent) => _encoder.PacketLossPercent = percent;

    // At a constant rate it clicks where the mode changes.
    public void SetBitrate(int bitrate, bool constant) => _encoder.Bitrate = bitrate;

    public void Reset() => _encoder.ResetState();

    public void Dispose()
    {
        // Nothing native is held.
    }
}
