using Bridge.JsonSchema;

namespace Bridge.Tools;

/// <summary>A declared tool with its compiled schema and, for MCP, its server.</summary>
/// <param name="Declaration">As it is declared to the model: its schema is in the form that the service takes.</param>
/// <param name="Arguments">The schema as it was declared, which arguments are checked against.</param>
/// <param name="Server">Null unless the tool is a server's.</param>
/// <param name="RemoteName">The tool's name there.</param>
internal sealed record BoundTool(ToolDeclaration Declaration, Schema Arguments, McpServer? Server = null, string? RemoteName = null)
{
    /// <summary>Slug of the role that declares it; empty for the page's own tools. Secrets are bound to it.</summary>
    public string Role { get; init; } = "";

    /// <summary>False: the tool can not be used, and why.</summary>
    public static bool TryBind(ToolDeclaration tool, out BoundTool bound, out SchemaProblem problem)
    {
        if (!Schema.TryCompile(tool.Parameters, out var arguments, out problem)
            || !FunctionParameters.TryNormalise(tool.Parameters, out var sent, out problem))
        {
            bound = null!;
            return false;
        }

        bound = new BoundTool(tool with { Parameters = sent }, arguments);
        return true;
    }

    /// <summary>The tools that can be used, as they are declared to the model.</summary>
    public static IReadOnlyList<ToolDeclaration> Usable(IEnumerable<ToolDeclaration> tools)
    {
        var usable = new List<ToolDeclaration>();
        foreach (var tool in tools)
        {
            if (TryBind(tool, out var bound, out _))
            {
                usable.Add(bound.Declaration);
            }
        }

        return usable;
    }

    /// <summary>The target's name on the wire.</summary>
    public static string NameOf(ToolTarget target) => target switch
    {
        ToolTarget.Page => "page",
        ToolTarget.Server => "server",
        ToolTarget.Http => "http",
        ToolTarget.App => "app",
        _ => "mcp",
    };
}
