namespace Bridge.Native.Opus;

/// <summary>Encoder settings of libopus, by their request number in opus_defines.h.</summary>
internal enum OpusSetting
{
    /// <summary>Bit rate in bit/s, 500 to 512000.</summary>
    Bitrate = 4002,

    /// <summary>Widest audio band the encoder may choose: 1101 narrow (4 kHz) to 1105 full (20 kHz).</summary>
    MaxBandwidth = 4004,

    /// <summary>1: variable bit rate, 0: constant.</summary>
    VariableBitrate = 4006,

    /// <summary>Computational complexity, 0 to 10.</summary>
    Complexity = 4010,

    /// <summary>1: in-band forward error correction on.</summary>
    InbandFec = 4012,

    /// <summary>Loss that the encoder should expect, percent.</summary>
    PacketLossPercent = 4014,

    /// <summary>1: discontinuous transmission on.</summary>
    Dtx = 4016,

    /// <summary>Kind of signal: 3001 voice, 3002 music, -1000 let the encoder find out.</summary>
    Signal = 4024,
}
