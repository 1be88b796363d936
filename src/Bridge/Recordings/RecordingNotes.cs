using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using Bridge.Records;

namespace Bridge.Recordings;

/// <summary>
/// The file beside the tracks: JSON Lines, the first of a fixed length so that it can be written over even on a full disk; then a line
/// for each mark. One thread.
/// </summary>
internal sealed class RecordingNotes : IDisposable
{
    /// <summary>Name of the file.</summary>
    public const string Name = "recording";

    /// <summary>Ending of the file.</summary>
    public const string Ending = ".jsonl";

    /// <summary>It is being written; or its host crashed.</summary>
    public const string On = "on";

    /// <summary>It ended with its call.</summary>
    public const string Complete = "complete";

    /// <summary>Its host crashed.</summary>
    public const string Interrupted = "interrupted";

    /// <summary>It ended before its call.</summary>
    public const string Failed = "failed";

    private const int HeaderBytes = 512;
    private const int MaxMarks = 1_000;
    private const int MaxFileBytes = HeaderBytes + (MaxMarks * 512);

    private readonly FileStream _file;
    private Header _header;
    private int _marks;

    public RecordingNotes(FileStream file, Header header)
    {
        (_file, _header) = (file, header);
        _file.Write(Line(header));
    }

    /// <summary>Writes a mark; those beyond a thousand are left out.</summary>
    /// <exception cref="IOException">It can't be written.</exception>
    public void Write(AudioMark mark)
    {
        if (_marks++ < MaxMarks)
        {
            _file.Write([.. JsonSerializer.SerializeToUtf8Bytes(mark, JsonSerializerOptions.Web), (byte)'\n']);
        }
    }

    /// <summary>Says how the recording ended.</summary>
    /// <exception cref="IOException">It can't be written.</exception>
    public void End(string state, string? why)
    {
        _header = _header with { State = state, Why = why };
        _file.Position = 0;
        _file.Write(Line(_header));
        _file.Position = _file.Length;
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    /// <summary>Writes the first line of a file anew.</summary>
    /// <exception cref="IOException">It can't be written.</exception>
    public static void Rewrite(string path, Header header)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Write);
        file.Write(Line(header));
    }

    /// <summary>Reads a file; false when it is none of these, or is gone. A torn line is left out.</summary>
    /// <exception cref="IOException">It can't be read.</exception>
    public static bool TryRead(string path, [NotNullWhen(true)] out Header? header, out IReadOnlyList<AudioMark> marks)
    {
        (header, marks) = (null, []);
        FileStream file;
        try
        {
            file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }

        using var open = file;
        var bytes = new byte[Math.Min(file.Length, MaxFileBytes)];
        file.ReadExactly(bytes);
        var lines = Encoding.UTF8.GetString(bytes).Split('\n');
        header = Read<Header>(lines[0]);
        marks = [.. lines.Skip(1).Select(Read<AudioMark>).OfType<AudioMark>()];
        return header is { Tracks: not null, State: not null };
    }

    private static T? Read<T>(string line)
        where T : class
    {
        try
        {
            return line.Length == 0 ? null : JsonSerializer.Deserialize<T>(line, JsonSerializerOptions.Web);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static byte[] Line(Header header)
    {
        var line = new byte[HeaderBytes];
        line.AsSpan().Fill((byte)' ');
        JsonSerializer.SerializeToUtf8Bytes(header, JsonSerializerOptions.Web).CopyTo(line, 0);
        line[^1] = (byte)'\n';
        return line;
    }

    /// <summary>The first line.</summary>
    /// <param name="Started">The time of the first sample.</param>
    /// <param name="Tracks">Names of the tracks' files.</param>
    /// <param name="State">See <see cref="AudioPart"/>.</param>
    /// <param name="Why">See <see cref="AudioPart"/>.</param>
    internal sealed record Header(DateTimeOffset Started, IReadOnlyList<string> Tracks, string State, string? Why = null);
}
