using System.Text.Json;

namespace Bridge.Roles.Settings;

/// <summary>A function that the model may call.</summary>
public sealed record ToolDeclaration
{
    /// <summary>
    /// 1..64 letters, digits, underscores and hyphens; for <see cref="ToolTarget.Mcp"/> the prefix of the server's tools.
    /// </summary>
    public required string Name { get; init; }

    /// <summary>Where it runs.</summary>
    public required ToolTarget Target { get; init; }

    /// <summary>Told to the model.</summary>
    public required string Description { get; init; }

    /// <summary>JSON Schema of the arguments, an object schema; built-in tools bring their own. Undefined for MCP.</summary>
    public JsonElement Parameters { get; init; }

    /// <summary>Why the host leaves the tool out, with its place in role.yaml; null when it can be used.</summary>
    public RoleError? Unusable { get; init; }

    /// <summary>The effect of an interruption on it.</summary>
    public BargeInPolicy BargeIn { get; init; } = BargeInPolicy.Keep;

    /// <summary>When it counts as failed.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The receivers of its progress.</summary>
    public ToolProgress Progress { get; init; } = ToolProgress.Page;

    /// <summary>The label in the caller's words; empty when the role gives none.</summary>
    public string Label { get; init; } = "";

    /// <summary>Whether the caller is asked on the page before it runs.</summary>
    public bool Confirm { get; init; }

    /// <summary>Slugs that <c>transfer</c> may hand over to; empty for every other tool.</summary>
    public IReadOnlyList<string> TransferTo { get; init; } = [];

    /// <summary>Set when <see cref="Target"/> is <see cref="ToolTarget.Http"/>.</summary>
    public HttpToolSettings? Http { get; init; }

    /// <summary>Set when <see cref="Target"/> is <see cref="ToolTarget.Mcp"/>.</summary>
    public McpToolSettings? Mcp { get; init; }
}
