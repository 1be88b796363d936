using System.Globalization;
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
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private readonly string _folder = Path.Combine(Path.GetFullPath(options.Value.Data), "calls");

    /// <summary>Writes a record.</summary>
    public async Task SaveAsync(CallRecord record, CancellationToken cancellation)
    {
        var day = Path.Combine(_folder, record.Started.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        Directory.CreateDirectory(day);
        var file = Path.Combine(day, record.Id + ".json");
        var draft = file + ".tmp";
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
    public async Task<CallRecord?> FindAsync(string id, CancellationToken cancellation)
    {
        // Ids are hexadecimal; anything else would be a path.
        if (id.Length is 0 or > 64 || !id.All(char.IsAsciiHexDigitLower) || !Directory.Exists(_folder))
        {
            return null;
        }

        var file = Directory.EnumerateDirectories(_folder).Select(d => Path.Combine(d, id + ".json")).FirstOrDefault(File.Exists);
        return file is null ? null : await ReadAsync(file, cancellation).ConfigureAwait(false);
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
