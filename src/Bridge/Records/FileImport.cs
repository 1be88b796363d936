using System.Text.Json;

namespace Bridge.Records;

/// <summary>
/// Takes over the records of versions that kept one JSON file for each call, under <c>DATA/calls/YYYY-MM-DD/</c>, with its images
/// beside it. A file is removed once its record is in the store: what is erased later must not lie on in it.
/// </summary>
internal sealed class FileImport(ICallStore store)
{
    private const long MaxFile = 64 * 1024 * 1024;

    /// <summary>Takes over every file below a folder.</summary>
    /// <param name="folder">The folder; nothing happens when it is not there.</param>
    /// <param name="cancellation">Ends it between two files.</param>
    /// <returns>Records taken over, and files that could not be read and stay.</returns>
    /// <exception cref="IOException">The store is away, or a file can't be removed.</exception>
    public async Task<(int Taken, int Left)> RunAsync(string folder, CancellationToken cancellation)
    {
        var (taken, left) = (0, 0);
        if (!Directory.Exists(folder))
        {
            return (taken, left);
        }

        foreach (var file in Directory.EnumerateFiles(folder, "*.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToList())
        {
            cancellation.ThrowIfCancellationRequested();
            if (await ReadAsync(file, cancellation).ConfigureAwait(false) is not { } record)
            {
                left++;
                continue;
            }

            var images = Directory.EnumerateFiles(Path.GetDirectoryName(file)!, record.Id + "-*").Where(IsImage).ToList();
            var stored = new List<StoredImage>();
            foreach (var image in images)
            {
                stored.Add(
                    new StoredImage(Path.GetFileName(image), await File.ReadAllBytesAsync(image, cancellation).ConfigureAwait(false)));
            }

            taken += await store.ImportAsync(record, stored, cancellation).ConfigureAwait(false) ? 1 : 0;
            File.Delete(file);
            images.ForEach(File.Delete);
        }

        foreach (var day in Directory.EnumerateDirectories(folder).Where(d => !Directory.EnumerateFileSystemEntries(d).Any()).ToList())
        {
            Directory.Delete(day);
        }

        return (taken, left);
    }

    private static bool IsImage(string file) => Path.GetExtension(file) is ".png" or ".jpg";

    private static async Task<CallRecord?> ReadAsync(string file, CancellationToken cancellation)
    {
        try
        {
            await using var stream = File.OpenRead(file);
            return stream.Length <= MaxFile
                && await JsonSerializer.DeserializeAsync<CallRecord>(stream, CallRecord.Json, cancellation)
                    .ConfigureAwait(false) is { } record
                && IsWhole(record) && Path.GetFileNameWithoutExtension(file) == record.Id
                ? record
                : null;
        }
        catch (JsonException)
        {
            return null; // edited by hand, or none of ours
        }
    }

    // The serializer leaves missing references null whatever the annotations say.
    internal static bool IsWhole(CallRecord record) =>
        record is { Id.Length: > 0 and <= 64, Role: not null, Model: not null, Notes: not null }
        && record.Id.All(char.IsAsciiHexDigitLower) && record.Notes.All(n => n is { Id: not null, Text: not null });
}
