using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Bridge.Realtime.Conversation;

namespace Bridge.Records.Sql;

/// <summary>Records in an SQL database; see <see cref="RecordSchema"/> for the tables.</summary>
/// <param name="dialect">The database.</param>
/// <param name="time">For what is written now.</param>
/// <param name="outbox">Events for web hooks; null: there are none.</param>
/// <param name="fence">
/// The host process, where others share the database: what it writes of a call that another one has taken over is refused. Null: nobody
/// shares it.
/// </param>
internal sealed class SqlCallStore(IRecordDialect dialect, TimeProvider time, SqlOutbox? outbox = null, string? fence = null) : ICallStore
{
    // Parameters of one statement; either database takes more.
    private const int MaxNames = 500;

    private readonly SqlCallReader _reader = new(dialect);
    private volatile bool _unscrubbed; // of something that is erased a trace is left, which the next erasure removes

    /// <inheritdoc/>
    public Task OpenAsync(CancellationToken cancellation) => dialect.OnAsync(
        async connection =>
        {
            await RecordSchema.MigrateAsync(connection, dialect, cancellation).ConfigureAwait(false);
            return true;
        },
        cancellation);

    /// <inheritdoc/>
    public async Task WriteAsync(IReadOnlyList<RecordWrite> writes, CancellationToken cancellation)
    {
        var tells = false;
        var statements = new List<Statement>(writes.Count * 2);
        var now = RecordValues.Microseconds(time.GetUtcNow());
        foreach (var write in writes)
        {
            RecordStatements.Add(write, now, statements);
            tells |= outbox?.Add(write, now, statements) == true;
        }

        var calls = fence is null ? null : writes.Select(w => w.Call).Where(c => c.Length > 0).Distinct().ToList();
        await dialect.OnAsync(connection => CommitAsync(connection, statements, cancellation, calls), cancellation).ConfigureAwait(false);
        if (tells)
        {
            outbox!.Tell();
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<CallRecord>> ListAsync(CallQuery query, CancellationToken cancellation) =>
        dialect.OnAsync(connection => _reader.ListAsync(connection, query, cancellation), cancellation);

    /// <inheritdoc/>
    public Task<CallChart> ChartAsync(ChartQuery query, CancellationToken cancellation) =>
        dialect.OnAsync(connection => SqlChartReader.ReadAsync(connection, query, cancellation), cancellation);

    /// <inheritdoc/>
    public Task<CallRecord?> FindAsync(string id, CancellationToken cancellation) =>
        dialect.OnAsync(connection => SqlCallReader.FindAsync(connection, id, cancellation), cancellation);

    /// <inheritdoc/>
    public Task<StoredImage?> FindImageAsync(string id, string name, CancellationToken cancellation) =>
        dialect.OnAsync(connection => SqlCallReader.FindImageAsync(connection, id, name, cancellation), cancellation);

    /// <inheritdoc/>
    public Task<IReadOnlyList<UnfinishedCall>> TakeOverAsync(IReadOnlyList<string> dead, string owner, CancellationToken cancellation) =>
        dialect.OnAsync(
        async connection =>
        {
            await CommitAsync(
                connection,
                [
                    .. dead.Select(d => new Statement("update calls set owner = @p0 where owner = @p1 and ended is null", owner, d)),
                    .. dead.Select(
                        d => new Statement("update outbox set due = at, owner = null where owner = @p0 and due is not null", d)),
                ], cancellation).ConfigureAwait(false);
            return await SqlCallReader.UnfinishedAsync(connection, owner, null, cancellation).ConfigureAwait(false);
        },
        cancellation);

    /// <inheritdoc/>
    public Task<UnfinishedCall?> TakeOverCallAsync(string id, string owner, CancellationToken cancellation) => dialect.OnAsync(
        async connection =>
        {
            await CommitAsync(
                connection, [new Statement("update calls set owner = @p0 where id = @p1 and ended is null", owner, id)], cancellation)
                .ConfigureAwait(false);
            return (await SqlCallReader.UnfinishedAsync(connection, owner, id, cancellation).ConfigureAwait(false)).SingleOrDefault();
        },
        cancellation);

    /// <inheritdoc/>
    public Task<bool> ImportAsync(CallRecord record, IReadOnlyList<StoredImage> images, CancellationToken cancellation) => dialect.OnAsync(
        async connection =>
        {
            if (await SqlCallReader.HasAsync(connection, record.Id, cancellation).ConfigureAwait(false))
            {
                return false;
            }

            await CommitAsync(connection, Import(record, images), cancellation).ConfigureAwait(false);
            return true;
        },
        cancellation);

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> EraseAsync(Erasure which, DateTimeOffset now, CancellationToken cancellation) => dialect.OnAsync(
        async connection =>
        {
            var (delete, kind, subject) = Delete(which);
            IReadOnlyList<string> erased;
            await using (var transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false))
            {
                await using (var command = delete.On(connection, transaction))
                {
                    erased = await IdsAsync(command, cancellation).ConfigureAwait(false);
                }

                if (erased.Count > 0)
                {
                    await using var log = new Statement(
                        "insert into deletions (at, kind, subject, calls) values (@p0, @p1, @p2, @p3)", RecordValues.Microseconds(now),
                        kind, subject, (long)erased.Count)
                        .On(connection, transaction);
                    await log.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
                }

                await transaction.CommitAsync(cancellation).ConfigureAwait(false);
            }

            if (erased.Count > 0 || _unscrubbed)
            {
                // The rows are gone, and so must be the files that belong to them, whatever comes of the log.
                _unscrubbed = !await dialect.TryScrubAsync(connection, cancellation).ConfigureAwait(false);
            }

            return erased;
        },
        cancellation);

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> KnownAsync(IReadOnlyList<string> ids, CancellationToken cancellation) => dialect.OnAsync(
        async connection =>
        {
            var known = new List<string>();
            foreach (var some in ids.Chunk(MaxNames))
            {
                var names = string.Join(", ", some.Select((_, i) => string.Create(CultureInfo.InvariantCulture, $"@p{i}")));
                await using var command = new Statement($"select id from calls where id in ({names})", [.. some]).On(connection);
                known.AddRange(await IdsAsync(command, cancellation).ConfigureAwait(false));
            }

            return (IReadOnlyList<string>)known;
        },
        cancellation);

    /// <inheritdoc/>
    public Task<IReadOnlyList<Deletion>> DeletionsAsync(int most, CancellationToken cancellation) =>
        dialect.OnAsync(connection => SqlCallReader.DeletionsAsync(connection, most, cancellation), cancellation);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => dialect.DisposeAsync();

    private static async Task<IReadOnlyList<string>> IdsAsync(DbCommand command, CancellationToken cancellation)
    {
        var ids = new List<string>();
        await using var reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
        {
            ids.Add(reader.GetString(0));
        }

        return ids;
    }

    private static (Statement Delete, string Kind, string? Subject) Delete(Erasure which) => which switch
    {
        Erasure.OfCall(var id) => (new("delete from calls where id = @p0 and ended is not null returning id", id), "call", id),
        Erasure.OfCaller(var subject) => (
            new("delete from calls where caller = @p0 and ended is not null returning id", subject), "caller", Convert.ToHexStringLower(
                SHA256.HashData(Encoding.UTF8.GetBytes(subject)))),
        Erasure.Expired(var now, var endedBefore) => (
            new(
                "delete from calls where ended is not null and (keep_until < @p0 or ended < @p1) returning id",
                RecordValues.Microseconds(now), endedBefore is { } before ? RecordValues.Microseconds(before) : 0L),
            "expired",
            null),
        _ => throw new InvalidOperationException($"Nothing is erased by {which.GetType().Name}."),
    };

    private static List<Statement> Import(CallRecord record, IReadOnlyList<StoredImage> images)
    {
        // A call that did not live to its end has none; its beginning is all that is known.
        var ended = record.Ended ?? record.Started;
        var statements = new List<Statement>
        {
            new(
                """
                insert into calls (id, owner, role, model, caller, started, ended, reason, recap, usage, cost, missing, outcome)
                values (@p0, '', @p1, @p2, @p3, @p4, @p5, @p6, @p7, @p8, @p9, @p10, @p11) on conflict (id) do nothing
                """,
                record.Id, record.Role, record.Model, record.Caller, RecordValues.Microseconds(record.Started),
                RecordValues.Microseconds(ended),
                record.Reason ?? RecordReason.Interrupted, record.Recap, RecordValues.Usage(record.Usage),
                RecordValues.Billionths(record.Cost), (long)record.Missing, record.Outcome?.GetRawText()),
        };
        foreach (var note in record.Notes)
        {
            RecordStatements.AddNote(record.Id, note, statements);
        }

        foreach (var image in images)
        {
            RecordStatements.AddImage(record.Id, image, statements);
        }

        foreach (var (number, times) in (record.Turns ?? []).Index())
        {
            RecordStatements.AddTurn(record.Id, number, times, statements);
        }

        if (record.Recap is { } recap)
        {
            RecordStatements.AddLine(record.Id, "recap", recap, statements);
        }

        statements.Add(new($"update calls set delays = {SqlChartReader.Delays("@p0")} where id = @p0", record.Id));
        AddConversation(record, statements);
        return statements;
    }

    private static void AddConversation(CallRecord record, List<Statement> statements)
    {
        if (record.Conversation is not { ValueKind: JsonValueKind.Object } conversation
            || !ConversationLog.TryParse(JsonSerializer.SerializeToUtf8Bytes(conversation), out var log))
        {
            return;
        }

        foreach (var (number, fact) in log.Entries.Index())
        {
            statements.Add(new(
                "insert into entries (call, number, body) values (@p0, @p1, @p2) on conflict (call, number) do nothing",
                record.Id, (long)number, Encoding.UTF8.GetString(fact.ToJson())));
            RecordStatements.AddLine(record.Id, fact, statements);
        }
    }

    private async Task<bool> CommitAsync(
        DbConnection connection, IReadOnlyList<Statement> statements, CancellationToken cancellation, List<string>? fenced = null)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
        foreach (var some in fenced?.Chunk(MaxNames) ?? [])
        {
            await FenceAsync(connection, transaction, some, cancellation).ConfigureAwait(false);
        }

        await dialect.ExecuteAsync(connection, transaction, statements, cancellation).ConfigureAwait(false);
        await transaction.CommitAsync(cancellation).ConfigureAwait(false);
        return true;
    }

    // The rows stay as they are until the transaction ends: nobody takes a call over between this look and what is written.
    private async Task FenceAsync(DbConnection connection, DbTransaction transaction, string[] calls, CancellationToken cancellation)
    {
        var names = string.Join(", ", calls.Select((_, i) => string.Create(CultureInfo.InvariantCulture, $"@p{i + 1}")));
        await using var command = new Statement(
            $"select id from calls where owner <> @p0 and id in ({names}) {dialect.ShareLock}", [fence!, .. calls])
            .On(connection, transaction);
        if (await IdsAsync(command, cancellation).ConfigureAwait(false) is [var other, ..])
        {
            throw new RecordRefusedException($"The call {other} belongs to another host now.");
        }
    }
}
