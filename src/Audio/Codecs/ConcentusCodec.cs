namespace Bridge.Audio.Codecs;

/// <summary>
/// Opus by Concentus, a managed port of libopus 1.1.2: needs nothing installed, at two to three times the cost and with some 80 kB
/// of garbage for each 20 ms both ways (docs/decisions/0001-own-webrtc-peer.md). It takes no packet back.
/// </summary>
/// <param name="options">Settings; the measured defaults when left out.</param>
/// <exception cref="ArgumentOutOfRangeException">Concentus refuses a setting.</exception>
public sealed class ConcentusCodec(OpusCodecOptions? options = null) : OpusCodecBase(
    options,
    static (settings, application, loss) => new ConcentusEncoder(settings, application, loss),
    static rate => new ConcentusDecoder(rate))
{
    /// <summary>Name and version of the engine, such as <c>Concentus 2.2.2</c>.</summary>
    public static string Engine { get; } = $"Concentus {typeof(Concentus.OpusException).Assembly.GetName().Version?.ToString(3)}";
}
