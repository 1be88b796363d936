namespace Bridge.Roles.Settings;

/// <summary>A web hook: the arguments are POSTed as JSON, the body that comes back is the result.</summary>
public sealed record HttpToolSettings
{
    /// <summary>Absolute http or https URL.</summary>
    public required Uri Url { get; init; }

    /// <summary>Header values; <c>${NAME}</c> stands for the host's secret of that name, which never leaves the host.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether the same call may be sent again; without it nothing is retried.</summary>
    public bool Idempotent { get; init; }

    /// <summary>Attempts after the first, 0..5.</summary>
    public int Retries { get; init; }

    /// <summary>Whether the role asks for addresses inside the network; the host must allow them too.</summary>
    public bool AllowPrivate { get; init; }
}
