using Bridge.Native;
using Bridge.Native.Opus;

namespace Bridge.Audio.Codecs;

/// <summary>Opus by libopus, the system's own.</summary>
/// <param name="options">Settings; the measured defaults when left out.</param>
/// <exception cref="ArgumentOutOfRangeException">libopus refuses a setting.</exception>
/// <exception cref="NativeLibraryMissingException">libopus is not installed.</exception>
public sealed class OpusCodec(OpusCodecOptions? options = null) : OpusCodecBase(
    options,
    static (settings, application, loss) => new LibOpusEncoder(settings, application, loss),
    static rate => new LibOpusDecoder(rate))
{
    /// <summary>Name and version of the engine, such as <c>libopus 1.3.1</c>.</summary>
    /// <exception cref="NativeLibraryMissingException">libopus is not installed.</exception>
    public static string Engine => OpusLibrary.Version;
}
