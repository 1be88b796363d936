namespace Bridge.Audio.Codecs;

/// <summary>The goal of an encoder (opus_defines.h, OPUS_APPLICATION_*).</summary>
public enum OpusApplication
{
    /// <summary>Intelligibility of speech; enables in-band FEC and speech DTX.</summary>
    Voip = 2048,

    /// <summary>Faithfulness to the input.</summary>
    Audio = 2049,

    /// <summary>CELT alone: 4 ms less delay and a third of the cost, no FEC.</summary>
    RestrictedLowDelay = 2051,
}
