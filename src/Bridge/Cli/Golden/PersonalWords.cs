using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Bridge.Records;

namespace Bridge.Cli.Golden;

/// <summary>
/// Replaces personal data: values of the caller's attributes by the attribute's name in brackets, e-mail addresses and long
/// numbers by the records' own placeholders.
/// </summary>
internal sealed class PersonalWords
{
    private const int MinLength = 2;
    private const int MinDigits = 5;
    private readonly List<(Regex Value, string Name)> _values;

    /// <param name="attributes">The attributes of the page and the ticket.</param>
    public PersonalWords(IReadOnlyDictionary<string, string> attributes) => _values =
    [
        .. attributes.Where(a => a.Value.Trim().Length >= MinLength).OrderByDescending(a => a.Value.Length).Select(a => (
            new Regex(
                $@"(?<![\p{{L}}\p{{N}}]){Regex.Escape(a.Value.Trim())}(?![\p{{L}}\p{{N}}])",
                RegexOptions.IgnoreCase | RegexOptions.CultureInvariant,
                TimeSpan.FromSeconds(1)),
            StandIn(a.Key))),
    ];

    /// <summary>The placeholder of an attribute's value.</summary>
    public static string StandIn(string attribute) => $"[{attribute}]";

    /// <summary>The text without them.</summary>
    public string Replace(string text)
    {
        foreach (var (value, name) in _values)
        {
            text = value.Replace(text, _ => name);
        }

        return Redaction.Apply(text, TranscriptPolicy.Redacted)!;
    }

    /// <summary>True when a text has placeholders of the records in it, which nobody would say again.</summary>
    public static bool HasGaps(string text) =>
        text.Contains("[number]", StringComparison.Ordinal) || text.Contains("[address]", StringComparison.Ordinal);

    /// <summary>The value without them: texts as <see cref="Replace(string)"/>, long numbers as 0.</summary>
    public JsonNode? Replace(JsonNode? value)
    {
        switch (value)
        {
            case JsonObject members:
                return new JsonObject(members.Select(m => KeyValuePair.Create(m.Key, Replace(m.Value))));
            case JsonArray items:
                return new JsonArray([.. items.Select(Replace)]);
            case JsonValue text when text.TryGetValue<string>(out var words):
                return JsonValue.Create(Replace(words));
            case JsonValue number when number.ToJsonString().Count(char.IsAsciiDigit) >= MinDigits:
                return JsonValue.Create(0);
            default:
                return value?.DeepClone();
        }
    }
}
