using Bridge.Native.Opus;

namespace Bridge.Audio.Codecs;

/// <summary>libopus's encoder.</summary>
internal sealed class LibOpusEncoder : IOpusEncoder
{
    private readonly OpusEncoderHandle _handle;

    /// <param name="options">Rate, bit rate and the rest.</param>
    /// <param name="application">In place of the options' own.</param>
    /// <param name="lossPercent">Loss to be ready for.</param>
    /// <exception cref="ArgumentOutOfRangeException">libopus refuses a setting.</exception>
    internal LibOpusEncoder(OpusCodecOptions options, OpusApplication application, int lossPercent)
    {
        _handle = OpusEncoderHandle.Create(options.SampleRate, channels: 1, (int)application);
        try
        {
            _handle.Set(OpusSetting.Bitrate, options.Bitrate);
            _handle.Set(OpusSetting.Complexity, options.Complexity);
            _handle.Set(OpusSetting.InbandFec, options.ForwardErrorCorrection ? 1 : 0);
            _handle.Set(OpusSetting.PacketLossPercent, options.ForwardErrorCorrection ? lossPercent : 0);
            _handle.Set(OpusSetting.Dtx, options.Dtx ? 1 : 0);
            Lookahead = _handle.Lookahead;
        }
        catch
        {
            _handle.Dispose();
            throw;
        }
    }

    public int Lookahead { get; }

    public int Encode(ReadOnlySpan<short> pcm, Span<byte> packet) => _handle.Encode(pcm, packet);

    public void SetLoss(int percent) => _handle.Set(OpusSetting.PacketLossPercent, percent);

    public void SetBitrate(int bitrate, bool constant)
    {
        _handle.Set(OpusSetting.Bitrate, bitrate);
        _handle.Set(OpusSetting.VariableBitrate, constant ? 0 : 1);
    }

    public void Reset() => _handle.Reset();

    public void Dispose() => _handle.Dispose();
}
