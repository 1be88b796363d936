using System.ComponentModel;
using Bridge.Roles.Yaml;

namespace Bridge.Roles.Documents;

/// <summary>One entry of <c>tools:</c> in role.yaml.</summary>
internal sealed class ToolDocument
{
    [Description("Name of the function; for target mcp the prefix of the server's tools; for target server one of the built-in names.")]
    public string? Name { get; set; }

    [Description("Where it runs: a function of the page, built into the server, a web hook, or an MCP server.")]
    public string? Target { get; set; }

    [Description("Tells the model what it does and when to call it.")]
    public string? Description { get; set; }

    [Description("JSON Schema of the arguments.")]
    [SchemaFragment("""{"type":"object","properties":{"type":{"const":"object"}},"required":["type"]}""")]
    public YamlNode? Parameters { get; set; }

    [Description("What an interruption by the caller does to it.")]
    public string? BargeIn { get; set; }

    [Description("Milliseconds after which it has failed.")]
    public int? TimeoutMs { get; set; }

    [Description("Who hears of its progress: the page; the model too; nobody.")]
    public string? Progress { get; set; }

    [Description("What it does in the caller's words, for cards and questions: Places your order.")]
    public string? Label { get; set; }

    [Description("page: the caller is asked on the page before it runs. none: it runs at once.")]
    public string? Confirm { get; set; }

    [Description("transfer only: slugs of the roles that may take over.")]
    public List<string>? To { get; set; }

    [Description("target http: the web hook.")]
    public HttpDocument? Http { get; set; }

    [Description("target mcp: the MCP server.")]
    public McpDocument? Mcp { get; set; }
}
