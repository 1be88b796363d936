using System.Data.Common;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Bridge.Realtime.Conversation;

namespace Bridge.Records.Sql;

/// <summary>The readings of the tables of <see cref="RecordSchema"/>.</summary>
internal sealed class SqlCallReader(IRecordDialect dialect)
{
    private const string Columns =
        "c.id, c.role, c.model, c.caller, c.started, c.ended, c.reason, c.recap, c.usage, c.cost, c.missing, c.outcome";

    /// <summary>See <see cref="ICallStore.ListAsync"/>.</summary>
    public async Task<IReadOnlyList<CallRecord>> ListAsync(DbConnection connection, CallQuery query, CancellationToken cancellation)
    {
        var select = await SelectAsync(connection, query, cancellation).ConfigureAwait(false);
        var records = await RowsAsync(connection, select, Record, cancellation).ConfigureAwait(false);
        if (records.Count == 0)
        {
            return records;
        }

        var names = string.Join(", ", Enumerable.Range(0, records.Count).Select(i => "@p" + i.ToString(CultureInfo.InvariantCulture)));
        var notes = await NotesAsync(connection, new Statement(
            $"select call, id, at, title, body, data from notes where call in ({names}) order by call, at, id",
            [
                .. records.Select(r => r.Id),
            ]), cancellation).ConfigureAwait(false);
        return [.. records.Select(r => r with { Notes = [.. notes[r.Id]] })];
    }

    /// <summary>See <see cref="ICallStore.FindAsync"/>.</summary>
    public static async Task<CallRecord?> FindAsync(DbConnection connection, string id, CancellationToken cancellation)
    {
        if (await HeadAsync(connection, id, cancellation).ConfigureAwait(false) is not { } record)
        {
            return null;
        }

        var turns = await RowsAsync(
            connection,
            new Statement("select at, model_us, downlink_us from turns where call = @p0 order by number", id),
            row =>
                new TurnTimes(
                    RecordValues.Time(row.GetInt64(0)), row.IsDBNull(1) ? null : row.GetInt64(1) / 1_000.0, row.GetInt64(2) / 1_000.0),
            cancellation).ConfigureAwait(false);
        var entries = await EntriesAsync(connection, id, cancellation).ConfigureAwait(false);
        return record with
        {
            Turns = turns,
            Conversation = entries.Count == 0 ? null : JsonSerializer.Deserialize<JsonElement>(Log(entries)),
        };
    }

    /// <summary>A call with its notes, without its conversation and the delays of its answers; null when there is none.</summary>
    public static async Task<CallRecord?> HeadAsync(DbConnection connection, string id, CancellationToken cancellation)
    {
        var records = await RowsAsync(
            connection, new Statement($"select {Columns} from calls c where c.id = @p0", id), Record, cancellation).ConfigureAwait(false);
        if (records is not [var record])
        {
            return null;
        }

        var notes = await NotesAsync(
            connection,
            new Statement("select call, id, at, title, body, data from notes where call = @p0 order by at, id", id),
            cancellation).ConfigureAwait(false);
        return record with { Notes = [.. notes[id]] };
    }

    /// <summary>True when there is a call of that id.</summary>
    public static async Task<bool> HasAsync(DbConnection connection, string id, CancellationToken cancellation) =>
        (await RowsAsync(connection, new Statement("select 1 from calls where id = @p0", id), _ =>
            true, cancellation).ConfigureAwait(false)).Count > 0;

    /// <summary>See <see cref="ICallStore.FindImageAsync"/>.</summary>
    public static async Task<StoredImage?> FindImageAsync(DbConnection connection, string id, string name, CancellationToken cancellation)
    {
        var found = await RowsAsync(
            connection,
            new Statement("select content from images where call = @p0 and name = @p1", id, name),
            row => new StoredImage(name, (byte[])row.GetValue(0)),
            cancellation).ConfigureAwait(false);
        return found is [var image] ? image : null;
    }

    /// <summary>The calls of an owner that are not over.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="owner">The owner.</param>
    /// <param name="id">This one alone; null: all.</param>
    /// <param name="cancellation">Ends the work.</param>
    public static async Task<IReadOnlyList<UnfinishedCall>> UnfinishedAsync(
        DbConnection connection, string owner, string? id, CancellationToken cancellation)
    {
        var found = await RowsAsync(
            connection,
            id is null
                ? new Statement(
                    $"select {Columns}, c.resume from calls c where c.owner = @p0 and c.ended is null order by c.started, c.id", owner)
                : new Statement(
                    $"select {Columns}, c.resume from calls c where c.owner = @p0 and c.ended is null and c.id = @p1", owner, id),
            row => (Record: Record(row), Resume: row.IsDBNull(12) ? null : row.GetString(12)),
            cancellation).ConfigureAwait(false);
        var unfinished = new List<UnfinishedCall>(found.Count);
        foreach (var (record, resume) in found)
        {
            unfinished.Add(await UnfinishedAsync(connection, record, resume, owner, cancellation).ConfigureAwait(false));
        }

        return unfinished;
    }

    /// <summary>See <see cref="ICallStore.DeletionsAsync"/>.</summary>
    public static async Task<IReadOnlyList<Deletion>> DeletionsAsync(DbConnection connection, int most, CancellationToken cancellation) =>
        await RowsAsync(
        connection,
        new Statement("select at, kind, subject, calls from deletions order by id desc limit @p0", (long)most),
        row =>
            new Deletion(
                RecordValues.Time(row.GetInt64(0)), row.GetString(1), row.IsDBNull(2) ? null : row.GetString(2), (int)row.GetInt64(3)),
        cancellation).ConfigureAwait(false);

    /// <summary>The rows of a statement.</summary>
    public static async Task<List<T>> RowsAsync<T>(
        DbConnection connection, Statement statement, Func<DbDataReader, T> read, CancellationToken cancellation)
    {
        var rows = new List<T>();
        await using var command = statement.On(connection);
        await using var reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    private static async Task<UnfinishedCall> UnfinishedAsync(
        DbConnection connection, CallRecord record, string? resume, string owner, CancellationToken cancellation)
    {
        var tokens = await TextsAsync(connection, "select hash from tokens where call = @p0", record.Id, cancellation)
            .ConfigureAwait(false);
        var entries = await EntriesAsync(connection, record.Id, cancellation).ConfigureAwait(false);
        var heard = await RowsAsync(
            connection, new Statement("select item, words from heard where call = @p0", record.Id), row =>
                (Item: row.GetString(0), Words: row.GetString(1)), cancellation).ConfigureAwait(false);
        var last = await RowsAsync(
            connection,
            new Statement(
                "select (select max(at) from notes where call = @p0), (select max(at) from turns where call = @p0), (select count(*) from "
                    + "turns where call = @p0)",
                record.Id),
            row =>
                (At: Math.Max(row.IsDBNull(0) ? 0 : row.GetInt64(0), row.IsDBNull(1) ? 0 : row.GetInt64(1)), Turns: (int)row.GetInt64(2)),
            cancellation).ConfigureAwait(false);
        var log = Log(await WithImagesAsync(connection, record.Id, entries, cancellation).ConfigureAwait(false));
        var said = ConversationLog.TryParse(log, out var conversation) && conversation.Entries.Count > 0
            ? record.Started + conversation.Entries[^1].At
            : record.Started;
        var noted = RecordValues.Time(last[0].At);
        return new UnfinishedCall(
            record.Id,
            new CallOrigin(owner, record.Role, record.Model, record.Started, record.Caller, resume, tokens),
            noted > said ? noted : said,
            record.Usage,
            record.Cost,
            log,
            entries.Count == 0 ? 0 : entries[^1].Number + 1,
            heard.ToDictionary(h => h.Item, h => h.Words, StringComparer.Ordinal),
            last[0].Turns);
    }

    private static async Task<List<(int Number, string Body)>> WithImagesAsync(
        DbConnection connection, string id, List<(int Number, string Body)> entries, CancellationToken cancellation)
    {
        var images = await RowsAsync(
            connection, new Statement("select name, content from images where call = @p0", id), row =>
                new StoredImage(row.GetString(0), (byte[])row.GetValue(1)), cancellation).ConfigureAwait(false);
        var whole = new List<(int, string)>(entries.Count);
        foreach (var (number, body) in entries)
        {
            // The name is an image's own and needs no escape; it stands alone in its value.
            var image = images.Find(i => body.Contains($"\"imageUrl\":\"{i.Name}\"", StringComparison.Ordinal));
            whole.Add(
                (number, image is null ? body
                    : body.Replace(
                        $"\"imageUrl\":\"{image.Name}\"", $"\"imageUrl\":\"{StoredImages.Url(image)}\"", StringComparison.Ordinal)));
        }

        return whole;
    }

    private static Task<List<(int Number, string Body)>> EntriesAsync(DbConnection connection, string id, CancellationToken cancellation) =>
        RowsAsync(
        connection,
        new Statement("select number, body from entries where call = @p0 order by number", id),
        row => ((int)row.GetInt64(0), row.GetString(1)),
        cancellation);

    private static byte[] Log(List<(int Number, string Body)> entries) =>
        Encoding.UTF8.GetBytes($$"""{"version":1,"entries":[{{string.Join(',', entries.Select(e => e.Body))}}]}""");

    private static async Task<ILookup<string, CallNote>> NotesAsync(
        DbConnection connection, Statement statement, CancellationToken cancellation)
    {
        var notes = await RowsAsync(
            connection,
            statement,
            row => (Call: row.GetString(0), Note: new CallNote(
                row.GetString(1),
                RecordValues.Time(row.GetInt64(2)),
                row.IsDBNull(3) ? null : row.GetString(3),
                row.GetString(4),
                row.IsDBNull(5) ? null : JsonSerializer.Deserialize<JsonElement>(row.GetString(5)))),
            cancellation).ConfigureAwait(false);
        return notes.ToLookup(n => n.Call, n => n.Note, StringComparer.Ordinal);
    }

    private static Task<List<string>> TextsAsync(DbConnection connection, string sql, string id, CancellationToken cancellation) =>
        RowsAsync(connection, new Statement(sql, id), row => row.GetString(0), cancellation);

    private static CallRecord Record(DbDataReader row) => new(
        row.GetString(0),
        row.GetString(1),
        row.GetString(2),
        RecordValues.Time(row.GetInt64(4)),
        row.IsDBNull(5) ? null : RecordValues.Time(row.GetInt64(5)),
        row.IsDBNull(6) ? null : row.GetString(6),
        row.IsDBNull(7) ? null : row.GetString(7),
        [],
        RecordValues.Usage(row.GetString(8)),
        row.IsDBNull(9) ? null : RecordValues.Dollars(row.GetInt64(9)),
        null)
    {
        Caller = row.IsDBNull(3) ? null : row.GetString(3),
        Missing = (int)row.GetInt64(10),
        Outcome = row.IsDBNull(11) ? null : JsonElement.Parse(row.GetString(11)),
    };

    private async Task<bool> IsCommonAsync(DbConnection connection, string word, CancellationToken cancellation) =>
        dialect.IsCommon("@p0") is { } asked
        && (await RowsAsync(connection, new Statement(asked, dialect.Sought(word)), _ => true, cancellation).ConfigureAwait(false))
            .Count > 0;

    private async Task<Statement> SelectAsync(DbConnection connection, CallQuery query, CancellationToken cancellation)
    {
        var values = new List<object?>();
        var where = new List<string> { "c.ended is not null" };
        Is("c.role", query.Role);
        Is("c.caller", query.Caller);
        Is("c.model", query.Model);
        Is("c.reason", query.Reason);
        If(query.From is { } from ? RecordValues.Microseconds(from) : null, p => $"c.started >= {p}");
        If(query.To is { } to ? RecordValues.Microseconds(to) : null, p => $"c.started < {p}");
        If(RecordValues.Billionths(query.MinCost), p => $"c.cost >= {p}");
        If(RecordValues.Billionths(query.MaxCost), p => $"c.cost <= {p}");
        if (query.After is { } after)
        {
            var started = Name(RecordValues.Microseconds(after.Started));
            where.Add($"(c.started < {started} or (c.started = {started} and c.id < {Name(after.Id)}))");
        }

        var sought = query.Words is { } words ? SearchWords.Sought(words) : null;
        if (sought is [])
        {
            where.Add("1 = 0"); // signs alone are found nowhere
        }

        foreach (var word in sought ?? [])
        {
            where.Add(await IsCommonAsync(connection, word, cancellation).ConfigureAwait(false)
                ? dialect.HasWord(Name(word))
                : $"c.id in ({dialect.CallsWith(Name(dialect.Sought(word)))})");
        }

        return new Statement(
            $"select {Columns} from calls c where {string.Join(" and ", where)} order by c.started desc, c.id desc limit "
                + $"{Name((long)query.Most)}",
            [.. values]);

        void Is(string column, string? value) => If(value, p => $"{column} = {p}");

        void If(object? value, Func<string, string> condition)
        {
            if (value is not null)
            {
                where.Add(condition(Name(value)));
            }
        }

        string Name(object value)
        {
            values.Add(value);
            return "@p" + (values.Count - 1).ToString(CultureInfo.InvariantCulture);
        }
    }
}
