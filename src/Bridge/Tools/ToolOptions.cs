namespace Bridge.Tools;

/// <summary>The operator's limits for tools; configuration section <c>Bridge:Tools</c>.</summary>
public sealed class ToolOptions
{
    /// <summary>Configuration section.</summary>
    public const string Section = "Bridge:Tools";

    /// <summary>
    /// Web hooks and MCP servers may be inside the network (private, loopback, link-local addresses). A web hook's role has to ask for it,
    /// too.
    /// </summary>
    public bool AllowPrivateAddresses { get; set; }

    /// <summary>
    /// Roles may start MCP servers as programs of this machine. Off by default: a role is text that is passed around, and with
    /// this the author of one runs programs as the host's user.
    /// </summary>
    public bool AllowCommands { get; set; }

    /// <summary>Largest result in bytes that the model gets whole; more is cut, and the model is told so.</summary>
    public int MaxResultBytes { get; set; } = 32_768;

    /// <summary>Most tools of one call that run at once.</summary>
    public int MaxRunning { get; set; } = 16;

    /// <summary>
    /// Values for <c>${NAME}</c> in headers and environments of tools. Also read, in the short form, from environment variables
    /// <c>BRIDGE_SECRET_NAME</c>.
    /// </summary>
    public IDictionary<string, SecretOptions> Secrets { get; set; } = new Dictionary<string, SecretOptions>(StringComparer.Ordinal);
}
