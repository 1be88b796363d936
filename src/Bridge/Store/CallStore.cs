using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Bridge.Configuration;
using Microsoft.Extensions.Options;

namespace Bridge.Store;

/// <summary>
/// Calls as one JSON file each under <c>DATA/calls/YYYY-MM-DD/</c>. A file appears whole or not at all; removing a file
/// forgets the call.
/// </summary>
internal sealed class CallStore(IOptions<BridgeOptions> options) : ICallStore
{
    private const string Draft = ".tmp";

    /// <summary>The form of a record in files and in answers.</summary>
    /// <remarks>The default encoder writes the angle brackets, the ampersand, quotes and everything beyond ASCII as six bytes; neither is HTML.</remarks>
    internal static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly string _folder = Path.Combine(Path.GetFullPath(options.Value.Data), "calls");

    /// <inheritdoc/>
    public async Task SaveAsync(CallRecord record, CancellationToken cancellation)
    {
        var day = Path.Combine(_folder, record.Started.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        if (record.Conversation is { } conversation)
        {
            var parted = StoredImages.Part(record.Id, conversation);
            record = record with { Conversation = parted.Conversation };
            foreach (var (name, bytes) in parted.Files)
            {
                await WriteAsync(day, name, stream => stream.WriteAsync(bytes, cancellation).AsTask()).ConfigureAwait(false);
            }
        }

        await WriteAsync(day, record.Id + ".json", stream => JsonSerializer.SerializeAsync(stream, record, Json, cancellation)).ConfigureAwait(false);
    }

    /// <inheritdoc/>
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

    /// <inheritdoc/>
    public async Task<CallRecord?> FindAsync(string id, CancellationToken cancellation) =>
        Locate(id, id + ".json") is { } file ? await ReadAsync(file, cancellation).ConfigureAwait(false) : null;

    /// <inheritdoc/>
    public (string Path, string MediaType)? FindImage(string id, string name) =>
        StoredImages.TypeOf(name) is { } type && name.StartsWith(id + "-", StringComparison.Ordinal) && Locate(id, name) is { } file
            ? (file, type)
            : null;

    /// <inheritdoc/>
    public async Task CheckAsync(CancellationToken cancellation)
    {
        var probe = Path.Combine(_folder, ".probe");
        await WriteAsync(_folder, Path.GetFileName(probe), async stream => await stream.WriteAsync("ready"u8.ToArray(), cancellation).ConfigureAwait(false)).ConfigureAwait(false);
        File.Delete(probe);
    }

    private static async Task WriteAsync(string folder, string name, Func<Stream, Task> write)
    {
        var file = Path.Combine(folder, name);

        // A name of its own: two writers of one file each have a whole draft.
        var draft = $"{file}.{Guid.NewGuid():N}{Draft}";
        try
        {
            Directory.CreateDirectory(folder);
            await using (var stream = new FileStream(draft, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                await write(stream).ConfigureAwait(false);
                stream.Flush(flushToDisk: true);
            }

            File.Move(draft, file, overwrite: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Remove(draft);
            throw failure as IOException ?? new IOException(failure.Message, failure);
        }
        catch
        {
            Remove(draft);
            throw;
        }
    }

    // On a full disk a draft that stays keeps it full.
    private static void Remove(string draft)
    {
        try
        {
            File.Delete(draft);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // The folder that can't be written to may not let go either; the first failure is the one that is told.
        }
    }

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
