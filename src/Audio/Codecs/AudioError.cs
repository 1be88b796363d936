namespace Bridge.Audio.Codecs;

/// <summary>
/// The answer of a codec in place of a count when it could not do its work. The values are negative and those of libopus
/// where it has one (opus_defines.h), so that a count and an error share one <c>int</c>.
/// </summary>
public enum AudioError
{
    /// <summary>An argument is out of range: a frame length that the codec does not know, an odd byte count.</summary>
    BadArgument = -1,

    /// <summary>The output span is too short.</summary>
    BufferTooSmall = -2,

    /// <summary>The codec failed inside.</summary>
    Internal = -3,

    /// <summary>The packet is corrupt.</summary>
    InvalidPacket = -4,

    /// <summary>The codec cannot do this.</summary>
    Unsupported = -5,
}
