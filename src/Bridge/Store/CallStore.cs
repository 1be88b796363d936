using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Bridge.Configuration;
using Microsoft.Extensions.Options;

namespace Bridge.Store;

/// <summary>
/// Ended calls as one JSON file each under <c>DATA/calls/YYYY-MM-DD/</c>. A file appears whole or not at all, so that a
/// crash loses at most the calls in progress; removing a file forgets the call.
/// </summary>
internal sealed class CallStore(IOptions<BridgeOptions> options)
{
    /// <summary>The form of a record in files and in answers.</summary>
    /// <remarks>The default encoder writes the angle brackets, the ampersand, quotes and everything beyond ASCII as six bytes; neither is HTML.</remarks>
    internal static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly string _folder = Path.Combine(Path.GetFullPath(options.Value.Data), "calls");

    /// <summary>Writes a record.</summary>
    public async Task SaveAsync(CallRecord record, CancellationToken cancellation)
    {
        var day = Path.Combine(_folder, record.Started.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        Directory.CreateDirectory(day);
        var file = Path.Combine(day, record.Id + ".json");
        var draft = file + ".tmp";
        if (record.Conversation is { } conversation)
        {
            var parted = StoredImages.Part(record.Id, conversation);
            record = record with { Conversation = parted.Conversation };
            foreach (var (name, bytes) in parted.Files)
            {
                await File.WriteAllBytesAsync(Path.Combine(day, name), bytes, cancellation).ConfigureAwait(false);
            }
        }

        await using (var stream = new FileStream(draft, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            await JsonSerializer.SerializeAsync(stream, record, Json, cancellation).ConfigureAwait(false);
            stream.Flush(flushToDisk: true);
        }

        File.Move(draft, file, overwrite: true);
    }

    /// <summary>The latest calls, newest first, without their conversations.</summary>
    public async Task<IReadOnlyList<CallRecord>> ListAsync(int most, CancellationToken cancellation)
    {
        var records = new List<CallRecord>();
        if (!Directory.Exists(_folder))
        {
            return records;
        }

        var newest = Directory.EnumerateDirectories(_folder).OrderByDescending(d => d, StringComparer.Ordinal)
            .SelectMany(d => new DirectoryInfo(d).EnumerateFiles("*.json").OrderByDescending(f => f.LastWriteTimeUtc))
            .Take(most);
        foreach (var file in newest)
        {
            if (await ReadAsync(file.FullName, cancellation).ConfigureAwait(false) is { } record)
            {
                records.Add(record with { Conversation = null });
            }
        }

        return records;
    }

    /// <summary>One call; null when there is none of that id.</summary>
    public async Task<CallRecord?> FindAsync(string id, CancellationToken cancellation) =>
        Locate(id, id + ".json") is { } file ? await ReadAsync(file, cancellation).ConfigureAwait(false) : null;

    /// <summary>The file of an image of a call, and its media type; null when there is none of that name.</summary>
    public (string Path, string MediaType)? FindImage(string id, string name) =>
        StoredImages.TypeOf(name) is { } type && name.StartsWith(id + "-", StringComparison.Ordinal) && Locate(id, name) is { } file
            ? (file, type)
            : null;

    private string? Locate(string id, string name)
    {
        // Ids are hexadecimal; anything else would be a path.
        return id.Length is 0 or > 64 || !id.All(char.IsAsciiHexDigitLower) || !Directory.Exists(_folder)
            ? null
            : Directory.EnumerateDirectories(_folder).Select(d => Path.Combine(d, name)).FirstOrDefault(File.Exists);
    }

    private static async Task<CallRecord?> ReadAsync(string file, CancellationToken cancellation)
    {
        try
        {
            await using var stream = File.OpenRead(file);
            return await JsonSerializer.DeserializeAsync<CallRecord>(stream, Json, cancellation).ConfigureAwait(false);
        }
        catch (Exception unreadable) when (unreadable is JsonException or FileNotFoundException)
        {
            // Removed or edited by hand while we looked.
            return null;
        }
    }
}
