namespace Bridge.Configuration;

/// <summary>The host can't start; the message is one sentence for the operator.</summary>
public sealed class HostStartException : Exception
{
    /// <summary>Refuses to start.</summary>
    public HostStartException(string message, int exitCode = 2)
        : base(message) => ExitCode = exitCode;

    /// <summary>Exit code of the process: 2 for configuration, 3 for a missing native library.</summary>
    public int ExitCode { get; }
}
