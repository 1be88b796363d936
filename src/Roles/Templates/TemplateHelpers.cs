using System.Collections.Frozen;
using System.Text.Json;

namespace Bridge.Roles.Templates;

/// <summary>The helpers a template may call.</summary>
internal static class TemplateHelpers
{
    private const decimal MaxNumber = 1_000_000_000_000m;

    private static readonly FrozenDictionary<string, Helper> ByName = new Dictionary<string, Helper>(StringComparer.Ordinal)
    {
        ["eq"] = new(2, 2, "(eq a b)", arguments => TemplateValue.Of(TemplateValue.Text(arguments[0]) == TemplateValue.Text(arguments[1]))),
        ["not"] = new(1, 1, "(not a)", arguments => TemplateValue.Of(!TemplateValue.IsTruthy(arguments[0]))),
        ["and"] = new(2, 8, "(and a b)", arguments => TemplateValue.Of(arguments.All(TemplateValue.IsTruthy))),
        ["or"] = new(2, 8, "(or a b)", arguments => arguments.FirstOrDefault(TemplateValue.IsTruthy)),
        ["add"] = new(2, 2, "{{add @index 1}}", arguments => Add(arguments[0], arguments[1])),
        ["count"] = new(1, 1, "{{count list}}", arguments => TemplateValue.Of(Count(arguments[0]))),
        ["join"] = new(1, 2, "{{join list \", \"}}", Join),
        ["json"] = new(
            1,
            1,
            "{{json value}}",
            arguments => TemplateValue.Of(arguments[0].ValueKind == JsonValueKind.Undefined ? "null" : arguments[0].GetRawText())),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static IEnumerable<string> Names => ByName.Keys;

    public static Helper? Find(string name) => ByName.GetValueOrDefault(name);

    private static JsonElement Add(JsonElement a, JsonElement b) =>
        a.ValueKind == JsonValueKind.Number && b.ValueKind == JsonValueKind.Number && a.TryGetDecimal(out var left)
            && b.TryGetDecimal(out var right)
        && Math.Abs(left) < MaxNumber && Math.Abs(right) < MaxNumber
            ? TemplateValue.Of(left + right)
            : default;

    private static int Count(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => value.GetArrayLength(),
        JsonValueKind.Object => value.GetPropertyCount(),
        _ => 0,
    };

    private static JsonElement Join(JsonElement[] arguments)
    {
        var separator = arguments.Length > 1 ? TemplateValue.Text(arguments[1]) : ", ";
        return arguments[0].ValueKind == JsonValueKind.Array
            ? TemplateValue.Of(string.Join(separator, arguments[0].EnumerateArray().Select(TemplateValue.Text)))
            : arguments[0];
    }

    /// <summary>A helper: how many arguments it takes, how it is written, and what it does.</summary>
    internal sealed record Helper(int MinArguments, int MaxArguments, string Usage, Func<JsonElement[], JsonElement> Apply);
}
