namespace Bridge.Roles.Settings;

/// <summary>Where a tool runs.</summary>
public enum ToolTarget
{
    /// <summary>A function of the page, by JSON-RPC.</summary>
    Page,

    /// <summary>A built-in of the host; see <see cref="ServerTools"/>.</summary>
    Server,

    /// <summary>A web hook.</summary>
    Http,

    /// <summary>The tools of an MCP server.</summary>
    Mcp,

    /// <summary>A function of the application around the Bridge, in C#.</summary>
    App,
}
