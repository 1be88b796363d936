namespace Bridge.Audio.Tests;

/// <summary>An engine for Opus.</summary>
public enum OpusEngine
{
    /// <summary>The system's own, natively.</summary>
    LibOpus,

    /// <summary>The managed port.</summary>
    Concentus,
}
