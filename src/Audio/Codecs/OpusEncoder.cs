namespace Bridge.Audio.Codecs;

/// <summary>
/// Mono int16 to Opus packets (RFC 6716): an engine's encoder for the wanted application, and a second one with redundancy that
/// stands in for it while the listener reports loss. One stream, one owner.
/// </summary>
internal sealed class OpusEncoder : IDisposable
{
    // A packet of one or two bytes is a TOC with nothing in it: "this frame need not be sent" (opus_encode).
    private const int MaxDtxPacket = 2;

    // Reported loss from which redundancy is worth the bits, percent: where the measured quality curves cross (docs/decisions).
    private const int RedundancyFromPercent = 5;

    private readonly OpusCodecOptions _options;
    private readonly Func<OpusCodecOptions, OpusApplication, int, IOpusEncoder> _make;
    private readonly IOpusEncoder _first;
    private IOpusEncoder? _redundant; // stands in for the first one while there is loss
    private IOpusEncoder _active;
    private int _reportedLoss;
    private int _heededLoss;
    private bool _silent;

    /// <summary>Makes an encoder.</summary>
    /// <param name="options">Rate, bit rate and the rest.</param>
    /// <param name="make">
    /// Makes an engine's encoder from the options, an application in place of theirs, and the loss to be ready for in percent.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">The engine refuses a setting.</exception>
    internal OpusEncoder(OpusCodecOptions options, Func<OpusCodecOptions, OpusApplication, int, IOpusEncoder> make)
    {
        _options = options;
        _make = make;
        _heededLoss = _reportedLoss = options.ExpectedLossPercent;
        _active = _first = make(options, options.Application, options.ExpectedLossPercent);
        Delay = _first.Lookahead;
    }

    /// <summary>Samples of the input's rate by which the decoded signal lags behind the input at present (OPUS_GET_LOOKAHEAD).</summary>
    internal int Delay { get; private set; }

    /// <summary>Encodes one frame.</summary>
    /// <param name="pcm">2.5, 5, 10, 20, 40 or 60 ms of samples.</param>
    /// <param name="packet">Room for the packet; 1275 bytes hold any.</param>
    /// <returns>Bytes written, 0 for a frame that need not be sent (DTX), or a negative <see cref="AudioError"/>.</returns>
    internal int Encode(ReadOnlySpan<short> pcm, Span<byte> packet)
    {
        int loss = Volatile.Read(ref _reportedLoss);
        if (loss != _heededLoss)
        {
            Heed(loss);
        }

        int length = _active.Encode(pcm, packet);
        bool wasSilent = _silent;
        _silent = length is > 0 and <= MaxDtxPacket;

        // The first of them is sent all the same: it shows the listener that the gap after it is silence, not loss.
        return _silent && wasSilent ? 0 : length;
    }

    /// <summary>
    /// Tells the encoder how much loss the listener reports, so that it can weigh redundancy against quality. Safe from any thread; the
    /// next frame heeds it.
    /// </summary>
    /// <param name="percent">0 to 100.</param>
    internal void ExpectLoss(int percent) => Volatile.Write(ref _reportedLoss, Math.Clamp(percent, 0, 100));

    /// <summary>Forgets the stream so far.</summary>
    internal void Reset()
    {
        _active.Reset();
        _silent = false;
    }

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
            _first.SetLoss(loss);
            return;
        }

        // Back only at half of it, so that a loss at the border does not make the encoder flap.
        bool redundant = loss >= RedundancyFromPercent || (_active != _first && loss > RedundancyFromPercent / 2);
        IOpusEncoder wanted = redundant ? _redundant ??= _make(_options, OpusApplication.Voip, loss) : _first;
        if (wanted != _active)
        {
            _active = wanted;
            _active.Reset();
            Delay = _active.Lookahead;
        }

        if (redundant)
        {
            _active.SetLoss(loss);
        }
    }
}
