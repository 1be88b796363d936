namespace Bridge.Rtc.Sdp;

/// <summary>The text of a remote description that may be repeated in ours.</summary>
internal static class SdpToken
{
    private const int MaxToken = 256;

    /// <summary>
    /// Printable ASCII without spaces: wider than RFC 8866's token (protocols have slashes), yet nothing that breaks a line.
    /// </summary>
    public static bool IsToken(string value) =>
        value.Length is > 0 and <= MaxToken && !value.AsSpan().ContainsAnyExceptInRange('!', '~');

    /// <summary>ice-char: letters, digits, + and /; RFC 8839 §5.4.</summary>
    public static bool IsIceText(string value, int minimum)
    {
        if (value.Length < minimum || value.Length > MaxToken)
        {
            return false;
        }

        foreach (char c in value)
        {
            // Some stacks write a hyphen or an underscore; they do no harm.
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('+' or '/' or '-' or '_'))
            {
                return false;
            }
        }

        return true;
    }
}
