namespace Bridge.Native.OpenSsl;

/// <summary>How a step of a DTLS connection went.</summary>
internal enum DtlsOutcome
{
    /// <summary>Done.</summary>
    Done,

    /// <summary>More has to arrive first.</summary>
    WantsInput,

    /// <summary>The remote side sent close_notify.</summary>
    Closed,

    /// <summary>The connection is broken; <see cref="DtlsConnection.LastError"/> says why.</summary>
    Failed,
}
