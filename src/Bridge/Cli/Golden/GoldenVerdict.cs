using System.Globalization;
using System.Text.Json;
using Bridge.Roles.Golden;

namespace Bridge.Cli.Golden;

/// <summary>Compares what a turn expected with what the agent did; each difference is two lines, as in a diff.</summary>
internal static class GoldenVerdict
{
    private static readonly JsonSerializerOptions Readable = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static IReadOnlyList<string> Differences(GoldenTurn turn, GoldenAnswer answer)
    {
        var lines = new List<string>();
        foreach (var wanted in turn.Says.Where(wanted => !answer.Text.Contains(wanted, StringComparison.OrdinalIgnoreCase)))
        {
            Differ(lines, $"says   … {wanted} …", $"says   {Quote(answer.Text)}");
        }

        foreach (var unwanted in turn.SaysNot.Where(unwanted => answer.Text.Contains(unwanted, StringComparison.OrdinalIgnoreCase)))
        {
            Differ(lines, $"says   nothing of \"{unwanted}\"", $"says   {Quote(answer.Text)}");
        }

        foreach (var wanted in turn.Shows.Where(wanted =>
            !answer.Shown.Exists(shown => Readably(shown).Contains(wanted, StringComparison.OrdinalIgnoreCase))))
        {
            Differ(
                lines,
                $"shows  … {wanted} …",
                answer.Shown.Count == 0 ? "shows  nothing" : $"shows  {string.Join(" | ", answer.Shown.Select(Readably))}");
        }

        if (turn.Silent && answer.Text.Length > 0)
        {
            Differ(lines, "says   nothing", $"says   {Quote(answer.Text)}");
        }

        Calls(turn.Calls, answer, lines);
        if (answer.Delay is { } delay && delay > turn.Within)
        {
            Differ(lines, $"within {Milliseconds(turn.Within)}", $"within {Milliseconds(delay)}");
        }

        if (!answer.Complete)
        {
            Differ(lines, "an end of the answer", $"no end within 90 s; so far {Quote(answer.Text)}");
        }

        lines.AddRange(answer.Problems.Select(problem => $"! {problem}"));
        return lines;
    }

    /// <summary>Compares the outcome of a call with what was expected of it.</summary>
    public static IReadOnlyList<string> Differences(JsonElement expected, JsonElement? outcome, IReadOnlyList<string> problems)
    {
        var lines = new List<string>();
        if (outcome is not { } got || !Holds(got, expected))
        {
            Differ(lines, $"outcome {Text(expected)}", outcome is { } other ? $"outcome {Text(other)}" : "no outcome");
        }

        lines.AddRange(problems.Select(problem => $"! {problem}"));
        return lines;
    }

    private static void Calls(IReadOnlyList<GoldenCall>? expected, GoldenAnswer answer, List<string> lines)
    {
        if (expected is null)
        {
            return;
        }

        var got = answer.Calls.Select(call => $"call   {call.Name} {Text(call.Arguments)}").ToList();
        if (expected.Count == 0 && got.Count > 0)
        {
            lines.Add("- no call");
            lines.AddRange(got.Select(call => "+ " + call));
            return;
        }

        var at = 0;
        foreach (var call in expected)
        {
            var found = answer.Calls.FindIndex(at, made => made.Name == call.Name && Holds(made.Arguments, call.Arguments));
            if (found >= 0)
            {
                at = found + 1;
                continue;
            }

            lines.Add($"- call   {call.Name} {Text(call.Arguments)}");
            lines.AddRange(got.Count == 0 ? ["+ no call"] : got.Skip(at).DefaultIfEmpty("no further call").Select(made => "+ " + made));
        }
    }

    // Every member of the expectation is in the value; lists are equal item by item, numbers by value.
    private static bool Holds(JsonElement value, JsonElement expected)
    {
        if (expected.ValueKind == JsonValueKind.Object)
        {
            return value.ValueKind == JsonValueKind.Object
                && expected.EnumerateObject().All(member => value.TryGetProperty(member.Name, out var inner) && Holds(inner, member.Value));
        }

        if (expected.ValueKind == JsonValueKind.Array)
        {
            return value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == expected.GetArrayLength()
                && expected.EnumerateArray().Zip(value.EnumerateArray()).All(pair => Holds(pair.Second, pair.First));
        }

        return JsonElement.DeepEquals(value, expected);
    }

    private static void Differ(List<string> lines, string expected, string got)
    {
        lines.Add("- " + expected);
        lines.Add("+ " + got);
    }

    private static string Readably(string json)
    {
        using var document = JsonDocument.Parse(json);
        return Text(document.RootElement);
    }

    private static string Text(JsonElement value) => JsonSerializer.Serialize(value, Readable);

    private static string Quote(string text) => text.Length == 0 ? "nothing" : $"\"{text}\"";

    private static string Milliseconds(TimeSpan time) => time.TotalMilliseconds.ToString("F0", CultureInfo.InvariantCulture) + " ms";
}
