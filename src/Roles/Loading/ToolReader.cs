using System.Text.Json.Nodes;
using Bridge.JsonSchema;
using Bridge.Roles.Documents;
using Bridge.Roles.Validation;
using Bridge.Roles.Yaml;

namespace Bridge.Roles.Loading;

/// <summary>Turns the tools of a document into declarations.</summary>
internal sealed class ToolReader(
    string file, DocumentBinder binder, List<RoleError> errors, List<KeyValuePair<string, RoleError>> transfers)
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
        return errors.Count == 0 ? [.. tools.Select((tool, index) => Declare(tool) with { Unusable = FindProblem(tool, index) })] : [];
    }

    // A schema that can not be used costs its tool, not the role.
    private RoleError? FindProblem(ToolDocument tool, int index)
    {
        if (tool.Parameters is null || tool.Target is not ("page" or "http"))
        {
            return null;
        }

        var schema = tool.Parameters.ToJson();
        if (Schema.TryCompile(schema, out _, out var problem) && FunctionParameters.TryNormalise(schema, out _, out problem))
        {
            return null;
        }

        var place = YamlPointer.Find(tool.Parameters, problem.At);
        return new RoleError(
            file, place.Line, place.Column, $"tools[{index}].parameters can not be used, so that {tool.Name} is left out: {problem}");
    }

    private void NoteTransfers(ToolDocument tool, int index)
    {
        for (var i = 0; i < (tool.To?.Count ?? 0); i++)
        {
            var place = binder.PlaceOf($"Tools[{index}].To[{i}]");
            transfers.Add(
                new(
                    tool.To![i],
                    new RoleError(
                        file,
                        place?.Line ?? 0,
                        place?.Column ?? 0,
                        $"tools[{index}].to names \"{tool.To[i]}\", but there is no such role")));
        }
    }

    private static ToolDeclaration Declare(ToolDocument tool)
    {
        var declaration = tool.Target == "server"
            ? BuiltIn(tool)
            : new ToolDeclaration
            {
                Name = tool.Name!,
                Target = tool.Target switch
                {
                    "page" => ToolTarget.Page,
                    "http" => ToolTarget.Http,
                    "app" => ToolTarget.App,
                    _ => ToolTarget.Mcp,
                },
                Description = tool.Description ?? "",
                Parameters = tool.Parameters?.ToJson() ?? default,
                Http = tool.Http is null ? null : SettingsReader.Http(tool.Http),
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

    private static McpToolSettings Mcp(McpDocument mcp) => new()
    {
        Url = mcp.Url is null ? null : new Uri(mcp.Url),
        Command = mcp.Command,
        Arguments = mcp.Arguments ?? [],
        Secrets = mcp.Secrets ?? [],
        Allow = mcp.Allow ?? [],
    };
}
