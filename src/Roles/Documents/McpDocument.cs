using System.ComponentModel;

namespace Bridge.Roles.Documents;

/// <summary><c>mcp:</c> of a tool.</summary>
internal sealed class McpDocument
{
    [Description("Endpoint of a server that speaks HTTP.")]
    public string? Url { get; set; }

    [Description("Program of a server that speaks over standard input and output.")]
    public string? Command { get; set; }

    [Description("Arguments of the program.")]
    public List<string>? Arguments { get; set; }

    [Description("Headers (url) or environment variables (command); ${NAME} stands for the server's secret of that name.")]
    public Dictionary<string, string>? Secrets { get; set; }

    [Description("Tools of the server that the model may see, or \"*\".")]
    public List<string>? Allow { get; set; }
}
