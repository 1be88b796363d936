using Bridge.Roles;

namespace Bridge.Tools;

/// <summary>A declared tool with its compiled schema and, for MCP, its server.</summary>
internal sealed record BoundTool(ToolDeclaration Declaration, ArgumentSchema Schema, McpServer? Server = null, string? RemoteName = null)
{
    /// <summary>The target's name on the wire.</summary>
    public static string NameOf(ToolTarget target) => target switch
    {
        ToolTarget.Page => "page",
        ToolTarget.Server => "server",
        ToolTarget.Http => "http",
        _ => "mcp",
    };
}
