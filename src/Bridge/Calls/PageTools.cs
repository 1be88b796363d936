using System.Text.Json;
using System.Text.RegularExpressions;
using Bridge.Rpc;
using Bridge.Tools;

namespace Bridge.Calls;

/// <summary>Tools that the page registers when it says hello: hostile until parsed.</summary>
internal static partial class PageTools
{
    private const int Most = 64;
    private const int LongestDescription = 2_000;

    /// <summary>
    /// Reads <c>tools</c>; throws <see cref="RpcException"/> when it is no list of objects. A tool that can not be read costs itself
    /// alone: it is among the refused.
    /// </summary>
    public static (IReadOnlyList<ToolDeclaration> Declared, IReadOnlyList<ToolRefusal> Refused) Read(JsonElement hello)
    {
        if (hello.ValueKind != JsonValueKind.Object || !hello.TryGetProperty("tools", out var tools)
            || tools.ValueKind == JsonValueKind.Null)
        {
            return ([], []);
        }

        if (tools.ValueKind != JsonValueKind.Array || tools.EnumerateArray().Any(tool => tool.ValueKind != JsonValueKind.Object))
        {
            throw new RpcException(RpcErrorCode.InvalidParams, "tools has to be an array of objects.");
        }

        var declared = new List<ToolDeclaration>();
        var refused = new List<ToolRefusal>();
        foreach (var tool in tools.EnumerateArray())
        {
            var name = String(tool, "name") ?? "";
            var description = String(tool, "description") ?? "";
            var wrong = !ToolName().IsMatch(name) ? "a tool's name has 1 to 64 letters, digits, underscores or dashes"
                : declared.Exists(other => other.Name == name) ? "it is registered twice"
                : declared.Count == Most ? $"a page has at most {Most} tools"
                : description.Length > LongestDescription ? $"its description has more than {LongestDescription} characters"
                : null;
            if (wrong is not null && refused.Count < Most)
            {
                var shown = name.Length > 64 ? name[..64] : name;
                refused.Add(new ToolRefusal(shown, $"{(shown.Length > 0 ? shown : "A tool without a name")} is left out: {wrong}."));
            }

            if (wrong is not null)
            {
                continue;
            }

            var parameters = tool.TryGetProperty("parameters", out var schema) && schema.ValueKind is not JsonValueKind.Null
                ? schema.Clone()
                : default;
            declared.Add(new ToolDeclaration { Name = name, Target = ToolTarget.Page, Description = description, Parameters = parameters });
        }

        return (declared, refused);
    }

    private static string? String(JsonElement tool, string name)
    {
        try
        {
            return tool.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
                ? value.GetString()
                : null;
        }
        catch (InvalidOperationException)
        {
            return null; // an escaped half of a surrogate pair is no text
        }
    }

    [GeneratedRegex(@"^[A-Za-z0-9_-]{1,64}\z")]
    private static partial Regex ToolName();
}
