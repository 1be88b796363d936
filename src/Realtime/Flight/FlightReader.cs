using System.Diagnostics.CodeAnalysis;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Bridge.Realtime.Turns;

namespace Bridge.Realtime.Flight;

/// <summary>
/// Reads a flight file, which may be cut or damaged anywhere: the lines before that place are read. Holds one line at a time, and
/// reads no more lines and bytes than a call can have.
/// </summary>
public sealed class FlightReader : IDisposable
{
    /// <summary>Characters of the longest line: an image of the largest size, as input and as command.</summary>
    internal const int MaxLine = 64 << 20;

    /// <summary>Characters of all lines together.</summary>
    internal const long MaxCharacters = 4L << 30;

    private readonly StreamReader _lines;
    private readonly StringBuilder _line = new();
    private readonly char[] _buffer = new char[16 * 1024];
    private int _at;
    private int _filled;
    private long _characters;
    private int _steps;

    private FlightReader(Stream lines) =>
        _lines = new StreamReader(lines, new UTF8Encoding(false), detectEncodingFromByteOrderMarks: false);

    /// <summary>The machine's first state.</summary>
    public FlightHeader Header { get; private set; } = null!;

    /// <summary>Steps before the first line that were not kept; the commands of such a file can't be compared.</summary>
    public int Lost { get; private set; }

    /// <summary>How the file ends; null until <see cref="TryRead"/> was false.</summary>
    public FlightEnd? End { get; private set; }

    /// <summary>Why the call or its recording ended; null when the file does not say.</summary>
    public string? Reason { get; private set; }

    /// <summary>Opens a flight file.</summary>
    /// <param name="file">Its bytes, gzip; closed with the reader.</param>
    /// <param name="reader">Stands before the first step.</param>
    /// <param name="refusal">A sentence that says why it can't be read.</param>
    /// <exception cref="IOException">The file can't be read at all.</exception>
    public static bool TryOpen(Stream file, [NotNullWhen(true)] out FlightReader? reader, [NotNullWhen(false)] out string? refusal) =>
        TryOpenLines(new GZipStream(file, CompressionMode.Decompress), out reader, out refusal);

    /// <summary>The same for lines that are not compressed.</summary>
    internal static bool TryOpenLines(Stream lines, [NotNullWhen(true)] out FlightReader? reader, [NotNullWhen(false)] out string? refusal)
    {
        reader = new FlightReader(lines);
        if (reader.TryReadHeader(out refusal))
        {
            return true;
        }

        reader.Dispose();
        reader = null;
        return false;
    }

    /// <summary>Reads the next step; false at the end, which <see cref="End"/> describes.</summary>
    public bool TryRead([NotNullWhen(true)] out FlightLine? step)
    {
        step = null;
        while (End is null && TryLine(out var text))
        {
            try
            {
                using var line = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 64 });
                var root = line.RootElement;
                if (root.TryGetProperty("at", out var at))
                {
                    step = new FlightLine(
                        ++_steps,
                        TimeSpan.FromTicks(at.GetInt64()),
                        [.. root.GetProperty("in").EnumerateArray().Select(Input)],
                        [.. root.GetProperty("out").EnumerateArray().Select(command => command.GetRawText())]);
                    return true;
                }

                if (root.TryGetProperty("lost", out var lost))
                {
                    Lost = lost.GetInt32();
                }
                else
                {
                    Reason = root.GetProperty("end").GetString();
                    End = root.GetProperty("complete").GetBoolean() ? FlightEnd.Complete : FlightEnd.Stopped;
                }
            }
            catch (Exception exception) when (IsUnreadable(exception))
            {
                End = FlightEnd.Damaged;
            }
        }

        End ??= FlightEnd.Cut;
        return false;
    }

    /// <inheritdoc/>
    public void Dispose() => _lines.Dispose();

    private static TurnInput Input(JsonElement json) =>
        json.Deserialize<TurnInput>(FlightJson.Options) ?? throw new JsonException("An input is null.");

    private static bool IsUnreadable(Exception exception) =>
        exception is JsonException or NotSupportedException or InvalidOperationException or KeyNotFoundException or FormatException
            or ArgumentException;

    private bool TryReadHeader([NotNullWhen(false)] out string? refusal)
    {
        refusal = "It is no flight file.";
        if (!TryLine(out var text))
        {
            return false;
        }

        try
        {
            using var line = JsonDocument.Parse(text);
            if (!line.RootElement.TryGetProperty("flight", out var version) || !version.TryGetInt32(out var number))
            {
                return false;
            }

            if (number != FlightHeader.CurrentVersion)
            {
                refusal = $"It is a flight file of version {number}; this program reads version {FlightHeader.CurrentVersion}.";
                return false;
            }

            Header = line.RootElement.Deserialize<FlightHeader>(FlightJson.Options)!;
        }
        catch (Exception exception) when (IsUnreadable(exception))
        {
            return false;
        }

        refusal = null;
        return true;
    }

    // A line without its end is one that was cut.
    private bool TryLine([NotNullWhen(true)] out string? line)
    {
        _line.Clear();
        line = null;
        while (_characters < MaxCharacters && _line.Length < MaxLine)
        {
            if (_at == _filled && !TryFill())
            {
                return false;
            }

            var end = Array.IndexOf(_buffer, '\n', _at, _filled - _at);
            _line.Append(_buffer, _at, (end < 0 ? _filled : end) - _at);
            _at = end < 0 ? _filled : end + 1;
            if (end >= 0)
            {
                line = _line.ToString();
                return true;
            }
        }

        End = FlightEnd.Damaged;
        return false;
    }

    private bool TryFill()
    {
        _at = 0;
        try
        {
            _filled = _lines.Read(_buffer);
        }
        catch (InvalidDataException)
        {
            // Cut or damaged in the middle of the compression: the end either way.
            _filled = 0;
        }

        _characters += _filled;
        return _filled > 0;
    }
}
