namespace Bridge.Roles;

/// <summary>One rule of a <see cref="RehearsalScript"/>: on these words, say that, call those tools, then say the other.</summary>
public sealed record RehearsalRule
{
    /// <summary>Keywords or phrases, any of which triggers the rule.</summary>
    public required IReadOnlyList<string> When { get; init; }

    /// <summary>Spoken in the same response as <see cref="Calls"/>, before them; null says nothing.</summary>
    public string? Say { get; init; }

    /// <summary>Function calls of the response, in order; may be empty.</summary>
    public IReadOnlyList<RehearsalCall> Calls { get; init; } = [];

    /// <summary>
    /// How often <see cref="Calls"/> are made again, each time their outputs came in, before <see cref="Then"/>: a model that
    /// does not find its end. 0: they are made once.
    /// </summary>
    public int Repeat { get; init; }

    /// <summary>
    /// Spoken in the response that follows the outputs of <see cref="Calls"/>; may hold <c>{{output.path}}</c> of the last
    /// call's JSON result (see <see cref="RehearsalText.Fill"/>). Null: the model stays silent after the calls.
    /// </summary>
    public string? Then { get; init; }

    /// <summary>True when one of <see cref="When"/> occurs in <paramref name="text"/> as whole words, ignoring case.</summary>
    public bool Matches(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        foreach (var keyword in When)
        {
            if (Occurs(text, keyword))
            {
                return true;
            }
        }

        return false;
    }

    // "step 2" must not fire on "step 20", nor "add" on "ladder".
    private static bool Occurs(string text, string keyword)
    {
        if (keyword.Length == 0)
        {
            return false;
        }

        for (var at = text.IndexOf(keyword, StringComparison.OrdinalIgnoreCase); at >= 0;
             at = at + 1 < text.Length ? text.IndexOf(keyword, at + 1, StringComparison.OrdinalIgnoreCase) : -1)
        {
            var end = at + keyword.Length;
            var startsClean = at == 0 || !char.IsLetterOrDigit(keyword[0]) || !char.IsLetterOrDigit(text[at - 1]);
            var endsClean = end == text.Length || !char.IsLetterOrDigit(keyword[^1]) || !char.IsLetterOrDigit(text[end]);
            if (startsClean && endsClean)
            {
                return true;
            }
        }

        return false;
    }
}
