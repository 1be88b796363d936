namespace Bridge.Rehearsal;

/// <summary>Words as transcript deltas carry them.</summary>
internal static class Words
{
    /// <summary>Splits into words, each with the white space that follows it, so that they concatenate to the text.</summary>
    public static string[] Split(string text)
    {
        var words = new List<string>();
        var start = 0;
        for (var i = 1; i <= text.Length; i++)
        {
            if (i == text.Length || (char.IsWhiteSpace(text[i - 1]) && !char.IsWhiteSpace(text[i])))
            {
                words.Add(text[start..i]);
                start = i;
            }
        }

        return [.. words];
    }
}
