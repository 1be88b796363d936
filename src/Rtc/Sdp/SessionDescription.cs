using System.Globalization;

namespace Bridge.Rtc.Sdp;

/// <summary>A session description cut into sections and attributes, checked for form and size alone; RFC 8866.</summary>
internal sealed class SessionDescription
{
    private const int MaxLength = 128 * 1024;
    private const int MaxLine = 4096;
    private const int MaxLines = 4096;
    private const int MaxSections = 32;
    private const int MaxFormats = 128;

    private readonly SdpSection _session = new() { Kind = "session", Port = 0, Protocol = "", Formats = [] };

    private SessionDescription()
    {
    }

    /// <summary>The lines before the first m-line.</summary>
    public SdpSection Session => _session;

    public List<SdpSection> Sections { get; } = [];

    /// <summary>Reads a description. The refusal is a sentence and repeats nothing of the text but a line number.</summary>
    public static bool TryParse(string text, out SessionDescription description, out string refusal)
    {
        description = new SessionDescription();
        refusal = "";
        if (string.IsNullOrWhiteSpace(text))
        {
            refusal = "The SDP is empty.";
            return false;
        }

        if (text.Length > MaxLength)
        {
            refusal = $"The SDP is longer than {MaxLength} characters.";
            return false;
        }

        int number = 0;
        SdpSection current = description._session;
        foreach (ReadOnlySpan<char> raw in text.AsSpan().EnumerateLines())
        {
            number++;
            if (raw.IsEmpty)
            {
                continue;
            }

            if (number > MaxLines)
            {
                refusal = $"The SDP has more than {MaxLines} lines.";
                return false;
            }

            if (raw.Length > MaxLine)
            {
                refusal = $"Line {number} of the SDP is longer than {MaxLine} characters.";
                return false;
            }

            if (raw.Length < 2 || raw[1] != '=' || !char.IsAsciiLetterLower(raw[0]) || raw.ContainsAnyInRange('\0', '\x1F'))
            {
                refusal = $"Line {number} of the SDP is not of the form letter=value.";
                return false;
            }

            ReadOnlySpan<char> value = raw[2..];
            if (number == 1 && !raw.SequenceEqual("v=0"))
            {
                refusal = "The SDP does not begin with v=0.";
                return false;
            }

            switch (raw[0])
            {
                case 'm':
                    if (description.Sections.Count == MaxSections)
                    {
                        refusal = $"The SDP has more than {MaxSections} m-lines.";
                        return false;
                    }

                    if (!TryParseMediaLine(value, out SdpSection? section))
                    {
                        refusal = $"Line {number} of the SDP is no valid m-line.";
                        return false;
                    }

                    current = section!;
                    description.Sections.Add(current);
                    break;
                case 'a':
                    int colon = value.IndexOf(':');
                    current.Add(
                        new string(colon < 0 ? value : value[..colon]),
                        colon < 0 ? "" : new string(value[(colon + 1)..]));
                    break;
                default:
                    break;
            }
        }

        return true;
    }

    /// <summary>An attribute of a section, or of the session where the section has none (RFC 8839 §5.4, RFC 8122 §5).</summary>
    public string? Inherited(SdpSection section, string name) => section.Value(name) ?? _session.Value(name);

    private static bool TryParseMediaLine(ReadOnlySpan<char> value, out SdpSection? section)
    {
        section = null;
        string[] parts = new string(value).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length < 4 || parts.Length > MaxFormats + 3 || !Array.TrueForAll(parts, SdpToken.IsToken))
        {
            return false;
        }

        // The port may carry a count ("49170/2"); nobody offers that with BUNDLE.
        if (!ushort.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out ushort port))
        {
            return false;
        }

        section = new SdpSection { Kind = parts[0], Port = port, Protocol = parts[2], Formats = parts[3..] };
        return true;
    }
}
