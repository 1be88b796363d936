namespace Bridge.Rehearsal;

/// <summary>Breaks the texts of an event: JSON that is well-formed and names no text.</summary>
internal static class LoneSurrogates
{
    /// <summary>
    /// The event with the escape of half a surrogate pair at the end of every <c>transcript</c> and <c>text</c> that says something.
    /// </summary>
    public static byte[] InTexts(ReadOnlySpan<byte> json)
    {
        var broken = new List<byte>(json.Length + 16);
        while (true)
        {
            var start = Next(json);
            if (start < 0)
            {
                broken.AddRange(json);
                return [.. broken];
            }

            var end = start;
            while (json[end] != (byte)'"')
            {
                end += json[end] == (byte)'\\' ? 2 : 1;
            }

            broken.AddRange(json[..end]);
            if (end > start)
            {
                broken.AddRange(@"\ud83d"u8);
            }

            json = json[end..];
        }
    }

    // Where the next text begins, behind its quotation mark.
    private static int Next(ReadOnlySpan<byte> json)
    {
        var transcript = After(json, "\"transcript\":\""u8);
        var text = After(json, "\"text\":\""u8);
        return transcript < 0 || text < 0 ? Math.Max(transcript, text) : Math.Min(transcript, text);
    }

    private static int After(ReadOnlySpan<byte> json, ReadOnlySpan<byte> key) =>
        json.IndexOf(key) is >= 0 and var at ? at + key.Length : -1;
}
