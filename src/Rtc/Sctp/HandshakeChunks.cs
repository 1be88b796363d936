namespace Bridge.Rtc.Sctp;

/// <summary>Chunks of setup and end that are to be sent.</summary>
[Flags]
internal enum HandshakeChunks : byte
{
    None = 0,
    Init = 1,
    CookieEcho = 2,
    CookieAck = 4,
    Shutdown = 8,
    ShutdownAck = 16,
    ShutdownComplete = 32,
}
