using Bridge.Native.Opus;

namespace Bridge.Audio;

/// <summary>Mono int16 to Opus packets (RFC 6716), over libopus. One stream, one owner.</summary>
public sealed class OpusEncoder : IDisposable
{
    // A packet of one or two bytes is a TOC with nothing in it: libopus says "this frame need not be sent" (opus_encode).
    private const int LongestDtxPacket = 2;

    private readonly OpusCodecOptions _options;
    private readonly OpusEncoderHandle _first;
    private OpusEncoderHandle? _redundant; // stands in for the first one while there is loss
    private OpusEncoderHandle _active;
    private int _reportedLoss;
    private int _heededLoss;
    private bool _silent;

    /// <summary>Makes an encoder.</summary>
    /// <param name="options">Rate, bit rate and the rest.</param>
    /// <exception cref="ArgumentOutOfRangeException">libopus refuses a setting.</exception>
    public OpusEncoder(OpusCodecOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _heededLoss = _reportedLoss = options.ExpectedLossPercent;
        _active = _first = Make(options.Application, options.ExpectedLossPercent);
        Delay = _first.Lookahead;
    }

    /// <summary>Input rate in Hz.</summary>
    public int SampleRate => _options.SampleRate;

    /// <summary>Samples of <see cref="SampleRate"/> by which the decoded signal lags behind the input at present (OPUS_GET_LOOKAHEAD).</summary>
    public int Delay { get; private set; }

    /// <summary>Encodes one frame.</summary>
    /// <param name="pcm">2.5, 5, 10, 20, 40 or 60 ms of samples.</param>
    /// <param name="packet">Room for the packet; 1275 bytes hold any.</param>
    /// <returns>Bytes written, 0 for a frame that need not be sent (DTX), or a negative <see cref="AudioError"/>.</returns>
    public int Encode(ReadOnlySpan<short> pcm, Span<byte> packet)
    {
        int loss = Volatile.Read(ref _reportedLoss);
        if (loss != _heededLoss)
        {
            Heed(loss);
        }

        int length = _active.Encode(pcm, packet);
        bool wasSilent = _silent;
        _silent = length is > 0 and <= LongestDtxPacket;

        // The first of them is sent all the same: it tells the listener that the gap after it is silence, not loss.
        return _silent && wasSilent ? 0 : length;
    }

    /// <summary>Tells the encoder how much loss the listener reports, so that it can weigh redundancy against quality. Safe from any thread; the next frame heeds it.</summary>
    /// <param name="percent">0 to 100.</param>
    public void ExpectLoss(int percent) => Volatile.Write(ref _reportedLoss, Math.Clamp(percent, 0, 100));

    /// <summary>Forgets the stream so far.</summary>
    public void Reset()
    {
        _active.Reset();
        _silent = false;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _first.Dispose();
        _redundant?.Dispose();
    }

    private void Heed(int loss)
    {
        _heededLoss = loss;
        if (!_options.ForwardErrorCorrection)
        {
            return;
        }

        if (_options.Application != OpusApplication.RestrictedLowDelay)
        {
            _first.Set(OpusSetting.PacketLossPercent, loss);
            return;
        }

        // Back only at half of it, so that a loss at the border does not make the encoder flap.
        bool redundant = loss >= _options.RedundancyFromPercent || (_active != _first && loss > _options.RedundancyFromPercent / 2);
        OpusEncoderHandle wanted = redundant ? _redundant ??= Make(OpusApplication.Voip, loss) : _first;
        if (wanted != _active)
        {
            _active = wanted;
            _active.Reset();
            Delay = _active.Lookahead;
        }

        if (redundant)
        {
            _active.Set(OpusSetting.PacketLossPercent, loss);
        }
    }

    private OpusEncoderHandle Make(OpusApplication application, int loss)
    {
        OpusEncoderHandle handle = OpusEncoderHandle.Create(_options.SampleRate, channels: 1, (int)application);
        try
        {
            handle.Set(OpusSetting.Bitrate, _options.Bitrate);
            handle.Set(OpusSetting.Complexity, _options.Complexity);
            handle.Set(OpusSetting.InbandFec, _options.ForwardErrorCorrection ? 1 : 0);
            handle.Set(OpusSetting.PacketLossPercent, _options.ForwardErrorCorrection ? loss : 0);
            handle.Set(OpusSetting.Dtx, _options.Dtx ? 1 : 0);
            return handle;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }
}
