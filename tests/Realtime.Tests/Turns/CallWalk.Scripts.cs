using System.Text.Json;
using Bridge.Realtime.Model;
using Bridge.Rehearsal;
using Bridge.Roles;

namespace Bridge.Realtime.Tests.Turns;

// What the model may say and call in a walk.
internal sealed partial class CallWalk
{
    private static readonly RehearsalScript[] Scripts = [.. Talks()];
    private static readonly RehearsalScript Calm = new() { Otherwise = "A calm answer.", Recap = "summary", Hears = ["some words"] };
    private static readonly IReadOnlyList<ModelTool> Tools = DeclareTools();

    private static IEnumerable<RehearsalScript> Talks()
    {
        var none = JsonSerializer.SerializeToElement(new { });
        string[] calls = ["", "", "", "", "k", "c", "d", "s", "kc", "kk", "ds", "kcd", "sck"];
        foreach (var (names, i) in calls.Select((c, i) => (c, i)))
        {
            foreach (var says in new[] { true, false })
            {
                yield return new RehearsalScript
                {
                    Hears = ["some words"],
                    Otherwise = "An answer of a few words."[..(6 + (i % 4 * 6))],
                    Recap = "summary",
                    Rules =
                    [
                        new RehearsalRule
                        {
                            When = ["text", "words", "spoken"],
                            Say = says || names.Length == 0 ? "An answer of a few words."[..(6 + (i % 4 * 6))] : null,
                            Calls = [.. names.Select(n => new Roles.RehearsalCall(n.ToString(), none))],
                            Then = i % 3 == 0 ? null : "So it was done.",
                            Repeat = i % 5 == 0 ? 2 : 0,
                        },
                    ],
                };
            }
        }
    }

    private static ModelTool[] DeclareTools()
    {
        var schema = JsonSerializer.SerializeToElement(new { type = "object", properties = new { } });
        return [new("k", "", schema), new("c", "", schema), new("d", "", schema), new("s", "", schema)];
    }
}
