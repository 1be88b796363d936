using System.Diagnostics.CodeAnalysis;
using System.Net.Http.Headers;
using System.Text;

namespace Bridge.Tools;

/// <summary>
/// The text of a web hook's answer: by its byte order mark, else by the <c>charset</c> of its Content-Type, else UTF-8. A byte order
/// mark is no content (RFC 8259 §8.1 lets a reader ignore it).
/// </summary>
internal static class HttpAnswer
{
    private static readonly (byte[] Mark, Encoding Encoding)[] Marks =
    [
        ([0xEF, 0xBB, 0xBF], Encoding.UTF8),
        ([0xFF, 0xFE, 0, 0], Encoding.UTF32),
        ([0xFF, 0xFE], Encoding.Unicode),
        ([0xFE, 0xFF], Encoding.BigEndianUnicode),
    ];

    /// <summary>False: the answer can not be read as text, and why: goes on from "The answer".</summary>
    public static bool TryText(
        HttpContentHeaders headers, ReadOnlySpan<byte> body, [NotNullWhen(true)] out string? text, [NotNullWhen(false)] out string? problem)
    {
        text = null;
        var coding = headers.ContentEncoding.FirstOrDefault(name => !name.Equals("identity", StringComparison.OrdinalIgnoreCase));
        if (coding is not null || body.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]))
        {
            // Unpacked it may be a thousand times as long; a hook that is asked for identity has no reason to pack.
            problem = $"is compressed ({Printable(coding ?? "gzip")}); this host reads plain answers only";
            return false;
        }

        foreach (var (mark, encoding) in Marks)
        {
            if (body.StartsWith(mark))
            {
                problem = null;
                text = encoding.GetString(body[mark.Length..]);
                return true;
            }
        }

        if (!TryEncoding(headers.ContentType?.CharSet, out var charset))
        {
            problem = $"is in the charset {Printable(headers.ContentType!.CharSet!)}, which this host does not know";
            return false;
        }

        problem = null;
        text = charset.GetString(body);
        return true;
    }

    private static bool TryEncoding(string? charset, [NotNullWhen(true)] out Encoding? encoding)
    {
        encoding = Encoding.UTF8;
        if (string.IsNullOrWhiteSpace(charset))
        {
            return true;
        }

        var name = charset.Trim('"', '\'', ' ');
        try
        {
            // The code pages of older servers (windows-1252, shift_jis) are not among the runtime's own.
            encoding = CodePagesEncodingProvider.Instance.GetEncoding(name) ?? Encoding.GetEncoding(name);
            return true;
        }
        catch (ArgumentException)
        {
            encoding = null;
            return false;
        }
    }

    private static string Printable(string foreign) => string.Concat(foreign.Where(c => c is > ' ' and < '\x7F').Take(40));
}
