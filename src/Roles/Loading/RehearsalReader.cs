using Bridge.Roles.Documents;
using Bridge.Roles.Validation;

namespace Bridge.Roles.Loading;

/// <summary>Turns a rehearsal document into a script whose calls fit the role's tools.</summary>
internal sealed class RehearsalReader(string file, DocumentBinder binder, List<RoleError> errors)
{
    public RehearsalScript Read(RehearsalDocument document, List<ToolDocument> tools)
    {
        var rules = document.Rules ?? [];
        for (var i = 0; i < rules.Count; i++)
        {
            var calls = rules[i].Call ?? [];
            for (var j = 0; j < calls.Count; j++)
            {
                CheckCall(calls[j], $"Rules[{i}].Call[{j}]", tools);
            }
        }

        CheckReach(rules);
        var script = new RehearsalScript
        {
            Greeting = document.Greeting,
            Hears = document.Hears ?? [],
            Rules = errors.Count > 0 ? [] : [.. rules.Select(Rule)],
            Recap = document.Recap,
        };
        return document.Otherwise is null ? script : script with { Otherwise = document.Otherwise };
    }

    // The first rule that matches answers, so a keyword that an earlier rule matches too is dead.
    private void CheckReach(List<RehearsalRuleDocument> rules)
    {
        for (var i = 1; i < rules.Count; i++)
        {
            for (var j = 0; j < (rules[i].When?.Count ?? 0); j++)
            {
                var earlier = rules.FindIndex(0, i, rule => new RehearsalRule { When = rule.When ?? [] }.Matches(rules[i].When![j]));
                if (earlier >= 0)
                {
                    var place = binder.PlaceOf($"Rules[{i}].When[{j}]")!;
                    errors.Add(
                        new RoleError(
                            file,
                            place.Line,
                            place.Column,
                            $"rules[{i}].when \"{rules[i].When![j]}\" is never reached, because rules[{earlier}] answers it first; move "
                                + $"this rule before it."));
                }
            }
        }
    }

    private void CheckCall(RehearsalCallDocument call, string path, List<ToolDocument> tools)
    {
        if (string.IsNullOrEmpty(call.Name))
        {
            return;
        }

        var place = binder.PlaceOf($"{path}.Name")!;
        var tool = tools.Find(candidate => candidate.Name == call.Name);
        if (tool is null)
        {
            // The tools of an MCP server carry its name as prefix and are known only once it is asked.
            if (!tools.Any(candidate => candidate.Target == "mcp" && call.Name.StartsWith(candidate.Name + "_", StringComparison.Ordinal)))
            {
                var near = Suggestion.Nearest(call.Name, tools.Select(candidate => candidate.Name ?? ""));
                errors.Add(new RoleError(file, place.Line, place.Column, $"{DocumentBinder.Spell(path)} calls \"{call.Name}\", which "
                    + $"role.yaml does not declare"
                    + (near is not null ? $"; did you mean \"{near}\"?" : tools.Count > 0 ? $"; it declares "
                    + $"{string.Join(", ", tools.Select(candidate => candidate.Name))}." : ".")));
            }

            return;
        }

        var schema = tool.Target == "server" ? ServerTools.Find(call.Name)?.Parameters : tool.Parameters?.ToJson();
        new ScriptedArguments(file, $"{DocumentBinder.Spell(path)}.arguments", errors).Check(call.Arguments, place, schema ?? default);
    }

    private static RehearsalRule Rule(RehearsalRuleDocument rule) => new()
    {
        When = rule.When ?? [],
        Say = rule.Say,
        Calls = [.. (rule.Call ?? []).Select(call => new RehearsalCall(call.Name!, call.Arguments?.ToJson() ?? JsonText.EmptyObject))],
        Repeat = rule.Repeat ?? 0,
        Then = rule.Then,
    };
}
