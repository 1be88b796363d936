using System.Text.Json;
using Bridge.Roles;

namespace Bridge.Rehearsal;

/// <summary>
/// Decides by the script what a response says and calls. Everything is read off the conversation's items, so that a
/// conversation replayed into a new session is continued, not begun again.
/// </summary>
internal sealed class ReplyPlanner(RehearsalIds ids)
{
    private const string StockGreeting = "Hello! How can I help you?";
    private const string StillThere = "Are you still there?";
    private const string DictationMark = "Say exactly this sentence and nothing else: \"";
    private const string StillWorking = "One moment, I am still working on that.";

    /// <summary>The task of a response.</summary>
    /// <param name="Items">The items it sees.</param>
    /// <param name="OutOfBand">True for <c>conversation: "none"</c>: a recap.</param>
    /// <param name="Idle">True when nobody spoke for the idle timeout.</param>
    /// <param name="Prompt">
    /// The client's instructions for this response beside the session's, or null: with nothing new to answer, that is how a client
    /// makes the agent prompt a silent caller, or go on with a sentence that broke off.
    /// </param>
    /// <param name="Tools">Declared tools: a JSON array, or null.</param>
    /// <param name="ToolChoice">Tool choice, or null for auto.</param>
    public sealed record Request(
        IReadOnlyList<RehearsalItem> Items, bool OutOfBand, bool Idle, string? Prompt, JsonElement? Tools, JsonElement? ToolChoice);

    /// <summary>The script it plans by; another one after an edit.</summary>
    public required RehearsalScript Script { get; set; }

    public List<ReplyPart> Plan(Request request)
    {
        var parts = new List<ReplyPart>();
        if (Forced(request) is { } forced)
        {
            parts.Add(forced);
        }
        else if (request.OutOfBand)
        {
            parts.Add(new ReplyPart.Line(Recap(request.Items)));
        }
        else if (request.Idle)
        {
            parts.Add(new ReplyPart.Line(StillThere));
        }
        else
        {
            Answer(request, parts);
        }

        return parts;
    }

    private void Answer(Request request, List<ReplyPart> parts)
    {
        var items = request.Items;
        var spoken = LastIndex(items, i => i.IsAssistant);
        var called = LastIndex(items, i => i.Type == "function_call");
        var asked = LastIndex(items, i => i.IsUser);
        var question = asked > Math.Max(spoken, called) ? items[asked] : null;

        if (Dictated(request.Prompt) is { } line)
        {
            parts.Add(new ReplyPart.Line(line));
            return;
        }

        // A rule may speak before it calls, so its own line stands before its calls and does not answer them.
        var calls = items.Skip(spoken + 1).Where(i => i.Type == "function_call").ToList();
        var outputs = items.Skip(spoken + 1).Where(i => i.Type == "function_call_output").ToList();
        var answered = calls.Count > 0 && calls.TrueForAll(c => items.Any(i => i.Type == "function_call_output" && i.CallId == c.CallId));
        if (outputs.Count > 0 && answered)
        {
            var rule = RuleOf(items, calls);
            if (question is null && Again(rule, request, items.Skip(asked + 1)) is { Count: > 0 } again)
            {
                parts.AddRange(again);
                return;
            }

            if (rule?.Then is { Length: > 0 } then)
            {
                parts.Add(new ReplyPart.Line(RehearsalText.Fill(then, ParseOutput(outputs[^1].Value))));
            }
            else if (question is null)
            {
                // The script has the model stay silent after these calls.
                return;
            }
        }

        if (question is not null)
        {
            Reply(question.Words, request, parts);
        }
        else if (parts.Count == 0)
        {
            parts.Add(new ReplyPart.Line(
                calls.Count > 0 && !answered ? StillWorking
                : asked < 0 && spoken < 0 ? Script.Greeting ?? StockGreeting
                : request.Prompt is { } prompt && !AsksToGoOn(prompt) ? StillThere
                : Rest(items, spoken) ?? Remainder(items, spoken, outputs) ?? Script.Otherwise));
        }
    }

    /// <summary>True when instructions ask for a sentence, or to go on: they are no mere context then.</summary>
    public static bool AsksForWords(string instructions) => Dictated(instructions) is not null || AsksToGoOn(instructions);

    // A sentence in quotation marks that the client's instructions for this response ask for.
    private static string? Dictated(string? prompt)
    {
        var at = prompt?.IndexOf(DictationMark, StringComparison.Ordinal) ?? -1;
        return at < 0 ? null : prompt![(at + DictationMark.Length)..].TrimEnd().TrimEnd('"');
    }

    // A rule that repeats its calls does so until it is told to call no more.
    private List<ReplyPart.Call> Again(RehearsalRule? rule, Request request, IEnumerable<RehearsalItem> sinceAsked)
    {
        var calls = rule is { Repeat: > 0 } ? Callable(rule, request) : [];
        return rule is not null && sinceAsked.Count(i => i.Type == "function_call") < calls.Count * (1 + rule.Repeat)
            ? [.. calls.Select(Part)]
            : [];
    }

    private static List<RehearsalCall> Callable(RehearsalRule rule, Request request) =>
        Choice(request) == "none" ? [] : rule.Calls.Where(c => Declares(request.Tools, c.Name)).ToList();

    private ReplyPart.Call Part(RehearsalCall call) => new(call.Name, call.Arguments.GetRawText(), ids.Next("call"));

    private void Reply(string words, Request request, List<ReplyPart> parts)
    {
        var rule = Script.RuleFor(words);
        var calls = rule is null ? [] : Callable(rule, request);
        var say = rule is null ? Script.Otherwise : rule.Say;
        if (calls.Count == 0 && rule is { Say: null or "" })
        {
            // The rule only calls, and none of its tools is there: a real model would say so.
            say = Script.Otherwise;
        }

        if (say is { Length: > 0 })
        {
            parts.Add(new ReplyPart.Line(say));
        }

        parts.AddRange(calls.Select(Part));
    }

    // An interrupted answer is taken up where its heard part ended.
    private static string? Rest(IReadOnlyList<RehearsalItem> items, int spoken)
    {
        var content = spoken >= 0 && items[spoken].Status == "incomplete" && items[spoken].Content.Count > 0
            ? items[spoken].Content[0]
            : null;
        if (content is not { Type: "output_audio", Heard.Length: > 0 })
        {
            return null;
        }

        var words = content.Heard.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var rest = string.Join(' ', words.Skip((int)(words.Length * content.Portion)));
        return rest.Length > 0 ? rest : null;
    }

    private static bool AsksToGoOn(string prompt) =>
        prompt.Contains("go on from", StringComparison.OrdinalIgnoreCase)
            || prompt.Contains("continue", StringComparison.OrdinalIgnoreCase);

    // A sentence that broke off with another session is here as the text that was said of it: its line has the rest.
    private string? Remainder(IReadOnlyList<RehearsalItem> items, int spoken, List<RehearsalItem> outputs)
    {
        var said = spoken < 0 ? "" : items[spoken].Words.TrimEnd();
        if (said.Length == 0)
        {
            return null;
        }

        var last = outputs.Count > 0 ? outputs[^1] : items.LastOrDefault(i => i.Type == "function_call_output");
        var result = last is null ? null : ParseOutput(last.Value);
        return Script.Rules.SelectMany(rule => new[] { rule.Say, rule.Then is { } then ? RehearsalText.Fill(then, result) : null })
            .Append(Script.Otherwise)
            .Append(Script.Greeting ?? StockGreeting)
            .Where(line => line is not null && line.Length > said.Length && line.StartsWith(said, StringComparison.Ordinal))
            .Select(line => line![said.Length..].TrimStart())
            .FirstOrDefault(rest => rest.Length > 0);
    }

    // tool_choice "required" or a named function: the model must call, whatever was said.
    private ReplyPart.Call? Forced(Request request)
    {
        if (request.ToolChoice is not { } choice || request.Tools is not { } tools)
        {
            return null;
        }

        var name = choice.ValueKind == JsonValueKind.Object && choice.TryGetProperty("name", out var named)
                && named.ValueKind == JsonValueKind.String ? named.GetString()
            : Choice(request) == "required"
                ? tools.EnumerateArray().Select(NameOf).FirstOrDefault(n => n is not null)
                : null;
        if (name is null || !Declares(tools, name))
        {
            return null;
        }

        var words = request.Items.LastOrDefault(i => i.IsUser)?.Words ?? "";
        var scripted = Script.RuleFor(words)?.Calls.FirstOrDefault(c => c.Name == name)
            ?? Script.Rules.SelectMany(r => r.Calls).FirstOrDefault(c => c.Name == name);
        var arguments = name == RoleOutcome.Function && request.OutOfBand ? Script.Outcome : scripted?.Arguments;
        return new ReplyPart.Call(name, arguments?.GetRawText() ?? "{}", ids.Next("call"));
    }

    private static string? Choice(Request request) =>
        request.ToolChoice is { ValueKind: JsonValueKind.String } choice ? choice.GetString() : null;

    private static bool Declares(JsonElement? tools, string name) =>
        tools is { } list && list.EnumerateArray().Any(t => NameOf(t) == name);

    private static string? NameOf(JsonElement tool) =>
        tool.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String ? name.GetString() : null;

    // The rule that made these calls: the one that the caller's last words before them select, else any that calls so.
    private RehearsalRule? RuleOf(IReadOnlyList<RehearsalItem> items, List<RehearsalItem> calls)
    {
        var first = LastIndex(items, i => i == calls[0]);
        var words = items.Take(first).LastOrDefault(i => i.IsUser)?.Words ?? "";
        var name = calls[^1].Name;
        var rule = Script.RuleFor(words);
        return rule is not null && rule.Calls.Any(c => c.Name == name)
            ? rule
            : Script.Rules.FirstOrDefault(r => r.Calls.Any(c => c.Name == name));
    }

    private static JsonElement? ParseOutput(string output)
    {
        try
        {
            using var document = JsonDocument.Parse(output);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            // A tool may answer with plain text: {{output}} is then that text.
            return JsonSerializer.SerializeToElement(output);
        }
    }

    // The script's recap is about this call where it says {{said}}.
    private string Recap(IReadOnlyList<RehearsalItem> items)
    {
        var said = items
            .Where(i => (i.IsUser || i.IsAssistant) && i.Words.Length > 0)
            .Select(i => $"- {(i.IsUser ? "Caller" : "Agent")}: {i.Words}")
            .ToList();
        var list = said.Count == 0 ? "Nothing was said." : string.Join('\n', said);
        return Script.Recap?.Replace("{{said}}", list, StringComparison.Ordinal) ?? list;
    }

    private static int LastIndex(IReadOnlyList<RehearsalItem> items, Predicate<RehearsalItem> matches)
    {
        for (var i = items.Count - 1; i >= 0; i--)
        {
            if (matches(items[i]))
            {
                return i;
            }
        }

        return -1;
    }
}
