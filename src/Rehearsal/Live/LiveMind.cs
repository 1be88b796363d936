using System.Text.Json;

namespace Bridge.Rehearsal.Live;

/// <summary>
/// The model's decisions about the words it hears and the context it is given: it answers by the script, delegates what the script
/// has functions for, and says what comes back.
/// </summary>
internal sealed class LiveMind(
    RehearsalIds ids, ReplyPlanner planner, LiveItems conversation, LiveMouth mouth, LiveTimeline timeline, LiveEvents events)
{
    private const string Typed = "typed:";
    private const string AsksToAnswer = "answer what";
    private const string AsksToGoOn = "go on from there";
    private const string AsksForSilence = "be silent now";
    private const string HeardMark = "up to these words: \"";
    private const string HeardNothing = "they heard nothing";
    private const int RestMs = 400;
    private readonly HashSet<string> _delegations = new(StringComparer.Ordinal);

    /// <summary>The session's settings.</summary>
    public LiveConfig? Config { get; set; }

    /// <summary>The backend of Responses delegation; null: the client does the work.</summary>
    public LiveBackend? Backend { get; set; }

    /// <summary>True for a client delegation of this session.</summary>
    public bool Knows(string delegation) => _delegations.Contains(delegation);

    /// <summary>Answers what the person said or typed.</summary>
    public void Answer(TimeSpan now, string words)
    {
        conversation.AddText(ids.Next("item"), "user", words);
        Reply(now, words);
    }

    private void Reply(TimeSpan now, string words)
    {
        var parts = Plan(null, Backend is null ? Functions() : Config!.Backend("tools"));
        var delegates = parts.Exists(part => part is ReplyPart.Call);
        if (delegates && Backend is null)
        {
            var id = ids.Next("item");
            _delegations.Add(id);
            Tell(id, null);
        }
        else if (delegates)
        {
            Backend!.Delegate(now, words);
        }

        foreach (var line in parts.OfType<ReplyPart.Line>())
        {
            mouth.Say(new LiveUtterance(line.Text)
            {
                Acknowledges = delegates,
                NotBefore = delegates ? timeline.Position + Config!.AcknowledgementDelayMs : 0,
            });
        }
    }

    /// <summary>Says the rest of what a sound without words cut off.</summary>
    public void Resume() => SayAll(Plan(null, null));

    /// <summary>Takes context that is on the timeline now.</summary>
    public void Take(TimeSpan now, LiveAppends.Append append)
    {
        switch (append.Kind)
        {
            case LiveAppends.Kind.Commentary:
                mouth.ForgetAcknowledgements();
                Say(append.Content);
                break;
            case LiveAppends.Kind.Thinking:
                mouth.ForgetAcknowledgements();
                break;
            default:
                Obey(now, append.Content);
                break;
        }
    }

    /// <summary>Says a text after what is still to be said.</summary>
    public void Say(string text)
    {
        if (!string.IsNullOrWhiteSpace(text))
        {
            mouth.Say(new LiveUtterance(text.Trim()));
        }
    }

    /// <summary>Tells of a delegation.</summary>
    public void Tell(string id, string? response)
    {
        var json = events.Begin("session.delegation.created"u8);
        json.WriteNumber("offset_ms"u8, timeline.Position / LiveTimeline.CellMs * LiveTimeline.CellMs);
        json.WriteStartObject("delegation"u8);
        json.WriteString("id"u8, id);
        json.WriteString("type"u8, "delegation"u8);
        json.WriteString("target"u8, response is null ? "client"u8 : "responses"u8);
        if (response is not null)
        {
            json.WriteString("response_id"u8, response);
        }

        json.WriteEndObject();
        events.End();
    }

    // Instructions are silent context, except where they ask for words: what was typed, a sentence, a greeting, the rest of a line.
    private void Obey(TimeSpan now, string content)
    {
        var typed = content.IndexOf(Typed, StringComparison.OrdinalIgnoreCase);
        if (typed >= 0)
        {
            Answer(now, content[(typed + Typed.Length)..].Trim().Trim('"'));
        }
        else if (content.Contains(AsksToGoOn, StringComparison.OrdinalIgnoreCase) && Unheard(content) is { } rest)
        {
            // The line that is being said is not heard either.
            mouth.Rest(timeline.Position + RestMs);
            Say(rest);
        }
        else if (content.Contains(AsksForSilence, StringComparison.OrdinalIgnoreCase))
        {
            mouth.Rest(timeline.Position + RestMs);
        }
        else if (content.StartsWith(AsksToAnswer, StringComparison.OrdinalIgnoreCase))
        {
            Reply(now, conversation.All.LastOrDefault(item => item.Role == "user")?.Words ?? "");
        }
        else if (ReplyPlanner.AsksForWords(content)
            || (content.Contains("greet", StringComparison.OrdinalIgnoreCase) && conversation.All.Count == 0))
        {
            SayAll(Plan(content, null));
        }
    }

    // The rest of the newest line of this session that has the words which were heard last, or all of it where none were; null: there is
    // none.
    private string? Unheard(string content)
    {
        if (content.Contains(HeardNothing, StringComparison.Ordinal))
        {
            return conversation.All.LastOrDefault(item => item is { Role: "assistant", Content: [{ Heard.Length: > 0 }] })
                ?.Content[0].Heard;
        }

        var from = content.IndexOf(HeardMark, StringComparison.Ordinal) + HeardMark.Length;
        var to = from < HeardMark.Length ? -1 : content.IndexOf('"', from);
        if (to < 0)
        {
            return null;
        }

        var heard = content[from..to].Trim('.').Trim();
        foreach (var item in conversation.All.Reverse().Where(item => item is { Role: "assistant", Content: [{ Heard.Length: > 0 }] }))
        {
            var line = item.Content[0].Heard;
            var at = line.LastIndexOf(heard, StringComparison.Ordinal);
            if (at >= 0)
            {
                var rest = line[(at + heard.Length)..].TrimStart(' ', ',', '.', ';');
                return rest.Length > 0 ? rest : null;
            }
        }

        return null;
    }

    private void SayAll(List<ReplyPart> parts)
    {
        foreach (var line in parts.OfType<ReplyPart.Line>())
        {
            Say(line.Text);
        }
    }

    private List<ReplyPart> Plan(string? prompt, JsonElement? tools) => planner.Plan(new ReplyPlanner.Request(
        conversation.All, false, false, prompt, tools,
        Config!.Backend("tool_choice") is { ValueKind: JsonValueKind.String } choice && choice.ValueEquals("none") ? choice : null));

    // With client delegation the functions are the client's own: the script's calls say for which words there are some.
    private JsonElement Functions() => JsonSerializer.SerializeToElement(
        planner.Script.Rules.SelectMany(rule => rule.Calls).Select(call => call.Name).Distinct().Select(name => new { name }));
}
