using System.Text.Json;
using System.Text.RegularExpressions;
using Bridge.Roles;
using Bridge.Rpc;

namespace Bridge.Calls;

/// <summary>Tools that the page registers when it says hello: hostile until parsed.</summary>
internal static partial class PageTools
{
    private const int Most = 64;
    private const int LongestDescription = 2_000;

    /// <summary>Reads <c>tools</c>; throws <see cref="RpcException"/> with what is wrong.</summary>
    public static IReadOnlyList<ToolDeclaration> Read(JsonElement hello)
    {
        if (hello.ValueKind != JsonValueKind.Object || !hello.TryGetProperty("tools", out var tools) || tools.ValueKind == JsonValueKind.Null)
        {
            return [];
        }

        if (tools.ValueKind != JsonValueKind.Array || tools.GetArrayLength() > Most)
        {
            throw Invalid($"tools has to be an array of at most {Most}.");
        }

        var declared = new List<ToolDeclaration>();
        foreach (var tool in tools.EnumerateArray())
        {
            var name = String(tool, "name");
            if (name is null || !ToolName().IsMatch(name))
            {
                throw Invalid("A tool's name has 1 to 64 letters, digits, underscores or dashes.");
            }

            if (declared.Any(d => d.Name == name))
            {
                throw Invalid($"The tool {name} is registered twice.");
            }

            var description = String(tool, "description") ?? "";
            if (description.Length > LongestDescription)
            {
                throw Invalid($"The description of {name} has more than {LongestDescription} characters.");
            }

            var parameters = tool.TryGetProperty("parameters", out var schema) && schema.ValueKind == JsonValueKind.Object
                ? schema.Clone()
                : JsonSerializer.SerializeToElement(new { type = "object", properties = new { } });
            declared.Add(new ToolDeclaration { Name = name, Target = ToolTarget.Page, Description = description, Parameters = parameters });
        }

        return declared;
    }

    private static string? String(JsonElement tool, string name) =>
        tool.ValueKind == JsonValueKind.Object && tool.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    private static RpcException Invalid(string sentence) => new(RpcErrorCode.InvalidParams, sentence);

    [GeneratedRegex(@"^[A-Za-z0-9_-]{1,64}\z")]
    private static partial Regex ToolName();
}
