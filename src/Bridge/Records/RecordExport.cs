using System.Text.Json;

namespace Bridge.Records;

/// <summary>Calls as JSON Lines: one whole record a line, newest first.</summary>
internal static class RecordExport
{
    /// <summary>Calls that are read at once.</summary>
    public const int PageSize = 200;

    private static readonly byte[] LineBreak = "\n"u8.ToArray();

    /// <summary>Writes the calls of a query, from a first page of them on.</summary>
    /// <param name="store">Where they are read.</param>
    /// <param name="query">Which.</param>
    /// <param name="page">The first <see cref="PageSize"/> of them.</param>
    /// <param name="stream">Where they are written.</param>
    /// <param name="cancellation">Ends it between two calls.</param>
    /// <returns>How many were written.</returns>
    public static async Task<int> WriteAsync(
        ICallStore store, CallQuery query, IReadOnlyList<CallRecord> page, Stream stream, CancellationToken cancellation)
    {
        var written = 0;
        while (page.Count > 0)
        {
            foreach (var listed in page)
            {
                // A call that was erased meanwhile is left out.
                if (await store.FindAsync(listed.Id, cancellation).ConfigureAwait(false) is { } record)
                {
                    await JsonSerializer.SerializeAsync(stream, record, CallRecord.JsonLine, cancellation).ConfigureAwait(false);
                    await stream.WriteAsync(LineBreak, cancellation).ConfigureAwait(false);
                    written++;
                }
            }

            page = page.Count < PageSize
                ? []
                : await store.ListAsync(query with { Most = PageSize, After = CallPlace.Of(page[^1]) }, cancellation).ConfigureAwait(false);
        }

        return written;
    }
}
