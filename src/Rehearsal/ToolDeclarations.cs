using System.Text.Json;

namespace Bridge.Rehearsal;

/// <summary>What the service asks of declared tools beyond the published schema: names it can use, object parameters.</summary>
internal static class ToolDeclarations
{
    private const int MaxNameLength = 64;

    /// <summary>What is wrong with a checked <c>tools</c> array; null: nothing.</summary>
    /// <param name="tools">The array.</param>
    /// <param name="param">Where it stands: <c>session.tools</c> or <c>response.tools</c>.</param>
    public static ServiceError? Check(JsonElement tools, string param)
    {
        var index = 0;
        foreach (var tool in tools.EnumerateArray())
        {
            var at = FormattableString.Invariant($"{param}[{index++}]");
            if (tool.TryGetProperty("type", out var type) && type.ValueEquals("mcp"))
            {
                continue;
            }

            if (!tool.TryGetProperty("name", out var named) || named.ValueKind != JsonValueKind.String)
            {
                return ServiceError.Missing($"{at}.name");
            }

            var name = named.GetString()!;
            if (name.Length > MaxNameLength)
            {
                return ServiceError.TooLong($"{at}.name", MaxNameLength, name.Length);
            }

            if (name.Length == 0 || name.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('_' or '-')))
            {
                return ServiceError.Invalid(
                    $"{at}.name", "string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.");
            }

            if (tool.TryGetProperty("parameters", out var parameters) && parameters.ValueKind == JsonValueKind.Object
                && !(parameters.TryGetProperty("type", out var kind) && kind.ValueKind == JsonValueKind.String && kind.ValueEquals("object")))
            {
                return ServiceError.Parameters(name, $"{at}.parameters");
            }
        }

        return null;
    }
}
