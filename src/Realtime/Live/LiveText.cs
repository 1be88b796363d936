using System.Text;

namespace Bridge.Realtime.Live;

/// <summary>The words of a transcript, put together, and the ends of its sentences.</summary>
internal static class LiveText
{
    // CJK scripts put no blank between words.
    private const char FirstWithoutBlanks = '\u2E80';

    /// <summary>A blank belongs between the text and the words that follow it: the first of a line come without.</summary>
    public static bool NeedsBlank(StringBuilder text, string delta) =>
        text.Length > 0 && !char.IsWhiteSpace(text[^1]) && delta.Length > 0 && char.IsLetterOrDigit(delta[0])
            && delta[0] < FirstWithoutBlanks;

    /// <summary>The text ends a sentence.</summary>
    public static bool EndsSentence(StringBuilder text)
    {
        var last = text.Length - 1;
        while (last >= 0 && (char.IsWhiteSpace(text[last]) || text[last] is '"' or '\'' or '”' or '’' or '»' or ')' or ']'))
        {
            last--;
        }

        return last >= 0 && (text[last] is '.' or '!' or '?' or '…' or '。' or '！' or '？');
    }

    /// <summary>The end of a text, at most so many characters, from a word on.</summary>
    public static string Tail(string text, int length)
    {
        if (text.Length <= length)
        {
            return text;
        }

        var from = text.IndexOf(' ', text.Length - length);
        return "..." + text[(from < 0 ? text.Length - length : from)..];
    }

    /// <summary>The beginning of a text, at most so many characters, to a word's end.</summary>
    public static string Head(string text, int length)
    {
        if (text.Length <= length)
        {
            return text;
        }

        var to = text.LastIndexOf(' ', length);
        return text[..(to <= 0 ? length : to)] + " ...";
    }
}
