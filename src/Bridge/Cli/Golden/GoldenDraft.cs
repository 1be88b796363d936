using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Bridge.Realtime.Conversation;
using Bridge.Realtime.Flight;
using Bridge.Realtime.Model;

namespace Bridge.Cli.Golden;

/// <summary>
/// Writes a role test (docs/roles.md) out of a conversation: the caller's words, the role's functions with arguments and results, and
/// a sentence of each answer. JSON is YAML, so texts and values are written as JSON.
/// </summary>
internal static class GoldenDraft
{
    private const int MaxSays = 100;
    private static readonly char[] Ends = ['.', '!', '?', '\n', '。', '！', '？'];
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The file; null when nothing was said.</summary>
    public static string? Write(FlightHeader header, IReadOnlyList<ConversationItem> items)
    {
        var turns = Turns(items);
        if (turns.Count == 0)
        {
            return null;
        }

        var words = new PersonalWords(header.Caller);
        var declared = header.Options.Session.Tools.Select(tool => tool.Name).ToHashSet(StringComparer.Ordinal);
        var text = new StringBuilder();
        text.Append("# Written by `Bridge golden` out of a call. E-mail addresses, long numbers and the caller's attributes are\n");
        text.Append("# replaced; other names that were said are not. Answers are expected by one sentence each: shorten it to\n");
        text.Append("# what matters.\n");
        text.Append(CultureInfo.InvariantCulture, $"name: {Text($"From a call of {header.Started:yyyy-MM-dd}")}\n");
        if (header.Caller.Count > 0)
        {
            var caller = header.Caller.Keys.ToDictionary(key => key, PersonalWords.StandIn);
            text.Append("caller: ").Append(JsonSerializer.Serialize(caller, Json)).Append('\n');
        }

        text.Append("turns:\n");
        foreach (var turn in turns)
        {
            Write(text, turn, words, declared);
        }

        return text.ToString();
    }

    private static void Write(StringBuilder text, Turn turn, PersonalWords words, HashSet<string> declared)
    {
        text.Append("  - ");
        if (turn.User is { } user)
        {
            text.Append("user: ").Append(Text(words.Replace(user))).Append("\n    ");
        }

        text.Append("expect:\n");
        var calls = turn.Calls.Where(call => declared.Contains(call.Name)).ToList();
        text.Append(calls.Count == 0 && turn.Calls.Count == 0 ? "      calls: []\n" : calls.Count == 0 ? "" : "      calls:\n");
        foreach (var call in calls)
        {
            text.Append("        - name: ").Append(Text(call.Name)).Append('\n');
            if (Arguments(call.Arguments, words) is { Count: > 0 } arguments)
            {
                text.Append("          arguments: ").Append(arguments.ToJsonString(Json)).Append('\n');
            }

            if (Parse(call.Output) is JsonObject result)
            {
                text.Append("          result: ").Append(words.Replace(result)!.ToJsonString(Json)).Append('\n');
            }
        }

        foreach (var other in turn.Calls.Select(call => call.Name).Except(declared, StringComparer.Ordinal))
        {
            text.Append("      # The page's own function ").Append(Text(other));
            text.Append(" was called; a role test knows those of the role.\n");
        }

        if (turn.Agent.Length == 0)
        {
            text.Append("      silent: true\n");
        }
        else if (Sentence(words.Replace(turn.Agent.ToString())) is { } says)
        {
            text.Append("      says: ").Append(Text(says)).Append('\n');
        }
    }

    private static List<Turn> Turns(IReadOnlyList<ConversationItem> items)
    {
        List<Turn> turns = [];
        foreach (var item in items)
        {
            var turn = turns.Count == 0 ? null : turns[^1];
            switch (item.Kind)
            {
                case ModelItemKind.UserMessage when item.Text.Length > 0:
                    if (turn is { User: { } earlier, Agent.Length: 0, Calls.Count: 0 })
                    {
                        // Said in two pieces, and answered once.
                        turn.User = earlier + " " + item.Text;
                    }
                    else
                    {
                        turns.Add(new Turn { User = item.Text });
                    }

                    break;
                case ModelItemKind.AgentMessage when item.Text.Length > 0:
                    Current().Agent.Append(item.Text).Append(' ');
                    break;
                case ModelItemKind.FunctionCall:
                    Current().Calls.Add(new Call(item.Name ?? "", item.Arguments, item.CallId));
                    break;
                case ModelItemKind.FunctionOutput when turns.SelectMany(t => t.Calls).LastOrDefault(c => c.Id == item.CallId) is { } call:
                    call.Output = item.Output;
                    break;
            }

            Turn Current()
            {
                if (turn is null)
                {
                    turns.Add(new Turn());
                }

                return turns[^1];
            }
        }

        return turns;
    }

    // Only what is the same when somebody says the replaced words: an argument with a gap is not expected.
    private static JsonObject? Arguments(string? json, PersonalWords words) => Parse(json) is JsonObject arguments
        ? new JsonObject(arguments
            .Select(a => (a.Key, Before: a.Value?.ToJsonString(Json), After: words.Replace(a.Value)))
            .Where(a => a.After is not null && !PersonalWords.HasGaps(a.After.ToJsonString(Json)) && !IsZeroed(a.Before, a.After))
            .Select(a => KeyValuePair.Create(a.Key, a.After)))
        : null;

    private static bool IsZeroed(string? before, JsonNode after) => after.ToJsonString() == "0" && before != "0";

    private static JsonNode? Parse(string? json)
    {
        try
        {
            return json is null ? null : JsonNode.Parse(json);
        }
        catch (JsonException)
        {
            // The model's arguments and a tool's output are free text.
            return null;
        }
    }

    private static string? Sentence(string text)
    {
        var best = text.Split(Ends, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Where(sentence => !PersonalWords.HasGaps(sentence))
            .MaxBy(sentence => Math.Min(sentence.Length, MaxSays));
        return best is null || best.Length <= MaxSays ? best : best[..(best.LastIndexOf(' ', MaxSays) is var end and > 0 ? end : MaxSays)];
    }

    private static string Text(string text) => JsonSerializer.Serialize(text, Json);

    private sealed class Turn
    {
        public string? User { get; set; }

        public StringBuilder Agent { get; } = new();

        public List<Call> Calls { get; } = [];
    }

    private sealed record Call(string Name, string? Arguments, string? Id)
    {
        public string? Output { get; set; }
    }
}
