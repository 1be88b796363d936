namespace Bridge.Roles.Settings;

/// <summary>An MCP server: by <see cref="Url"/> over HTTP, or by <see cref="Command"/> over standard input and output.</summary>
public sealed record McpToolSettings
{
    /// <summary>The server's HTTP endpoint; null when it is a command.</summary>
    public Uri? Url { get; init; }

    /// <summary>The program to start; null when it is a URL.</summary>
    public string? Command { get; init; }

    /// <summary>The program's arguments.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>
    /// Header values (HTTP) or environment variables (command); <c>${NAME}</c> stands for the host's secret of that name.
    /// </summary>
    public IReadOnlyDictionary<string, string> Secrets { get; init; } = new Dictionary<string, string>();

    /// <summary>Names of the server's tools that the model may see, at least one; <c>*</c> for all.</summary>
    public IReadOnlyList<string> Allow { get; init; } = [];
}
