using System.Text.Json;

namespace Bridge.Roles;

/// <summary>The lines and calls of the rehearsal model when it plays a role; read from <c>rehearsal.yaml</c>.</summary>
/// <remarks>
/// The rehearsal model can't recognise speech: the n-th spoken turn of a session is transcribed as
/// <c>Hears[n % Hears.Count]</c>. That text, like typed text, is answered by <see cref="RuleFor"/>.
/// </remarks>
public sealed record RehearsalScript
{
    /// <summary>The agent's first line when the role has it speak first; null for a stock greeting.</summary>
    public string? Greeting { get; init; }

    /// <summary>The transcripts of spoken turns, in order and from the start again; may be empty.</summary>
    public IReadOnlyList<string> Hears { get; init; } = [];

    /// <summary>The rules, first match wins.</summary>
    public IReadOnlyList<RehearsalRule> Rules { get; init; } = [];

    /// <summary>The answer when no rule matches.</summary>
    public string Otherwise { get; init; } = "I heard you.";

    /// <summary>Markdown for an out-of-band recap; null lets the model list the turns.</summary>
    public string? Recap { get; init; }

    /// <summary>The arguments of the outcome's function; null: with nothing.</summary>
    public JsonElement? Outcome { get; init; }

    /// <summary>
    /// The first rule one of whose keywords occurs in <paramref name="text"/> as whole words, ignoring case; null when none does.
    /// </summary>
    public RehearsalRule? RuleFor(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        foreach (var rule in Rules)
        {
            if (rule.Matches(text))
            {
                return rule;
            }
        }

        return null;
    }
}
