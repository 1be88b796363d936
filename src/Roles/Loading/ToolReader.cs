using System.Text.Json.Nodes;
using Bridge.Roles.Documents;
using Bridge.Roles.Validation;

namespace Bridge.Roles.Loading;

/// <summary>Turns the tools of a document into declarations.</summary>
internal sealed class ToolReader(string file, DocumentBinder binder, List<RoleError> errors, List<KeyValuePair<string, RoleError>> transfers)
{
    public IReadOnlyList<ToolDeclaration> Read(List<ToolDocument> tools)
    {
        for (var i = 0; i < tools.Count; i++)
        {
            if (tools[i].Parameters is { } parameters && tools[i].Target is "page" or "http")
            {
                SchemaLint.Check(file, parameters, $"tools[{i}].parameters", errors);
            }

            NoteTransfers(tools[i], i);
        }

        // Broken documents have no declarations; the errors say why.
        return errors.Count == 0 ? [.. tools.Select(Declare)] : [];
    }

    private void NoteTransfers(ToolDocument tool, int index)
    {
        for (var i = 0; i < (tool.To?.Count ?? 0); i++)
        {
            var place = binder.PlaceOf($"Tools[{index}].To[{i}]");
            transfers.Add(new(tool.To![i], new RoleError(file, place?.Line ?? 0, place?.Column ?? 0, $"tools[{index}].to names \"{tool.To[i]}\", but there is no such role")));
        }
    }

    private static ToolDeclaration Declare(ToolDocument tool)
    {
        var declaration = tool.Target == "server"
            ? BuiltIn(tool)
            : new ToolDeclaration
            {
                Name = tool.Name!,
                Target = tool.Target switch { "page" => ToolTarget.Page, "http" => ToolTarget.Http, _ => ToolTarget.Mcp },
                Description = tool.Description ?? "",
                Parameters = tool.Parameters?.ToJson() ?? default,
                Http = tool.Http is null ? null : Http(tool.Http),
                Mcp = tool.Mcp is null ? null : Mcp(tool.Mcp),
            };
        return declaration with
        {
            BargeIn = tool.BargeIn switch { "cancel" => BargeInPolicy.Cancel, "detach" => BargeInPolicy.Detach, _ => BargeInPolicy.Keep },
            Progress = tool.Progress switch { "model" => ToolProgress.Model, "none" => ToolProgress.None, _ => ToolProgress.Page },
            Timeout = tool.TimeoutMs is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : declaration.Timeout,
            Label = tool.Label ?? "",
            Confirm = tool.Confirm == "page",
            TransferTo = tool.To ?? [],
        };
    }

    private static ToolDeclaration BuiltIn(ToolDocument tool)
    {
        var builtIn = ServerTools.Find(tool.Name!)!;
        var parameters = builtIn.Parameters;
        if (tool.To is { Count: > 0 })
        {
            var schema = JsonNode.Parse(parameters.GetRawText())!;
            schema["properties"]!["role"]!["enum"] = new JsonArray([.. tool.To.Select(slug => (JsonNode)slug)]);
            parameters = JsonText.Build(schema, static (json, node) => node.WriteTo(json));
        }

        return builtIn with { Description = tool.Description ?? builtIn.Description, Parameters = parameters };
    }

    private static HttpToolSettings Http(HttpDocument http) => new()
    {
        Url = new Uri(http.Url!),
        Headers = http.Headers ?? [],
        Idempotent = http.Idempotent ?? false,
        Retries = http.Retries ?? 0,
        AllowPrivate = http.AllowPrivate ?? false,
    };

    private static McpToolSettings Mcp(McpDocument mcp) => new()
    {
        Url = mcp.Url is null ? null : new Uri(mcp.Url),
        Command = mcp.Command,
        Arguments = mcp.Arguments ?? [],
        Secrets = mcp.Secrets ?? [],
        Allow = mcp.Allow ?? [],
    };
}
