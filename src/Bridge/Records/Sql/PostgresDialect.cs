using System.Data.Common;
using Npgsql;

namespace Bridge.Records.Sql;

/// <summary>PostgreSQL 15 or later, through Npgsql.</summary>
internal sealed class PostgresDialect(string connection) : IRecordDialect
{
    private readonly NpgsqlDataSource _source = NpgsqlDataSource.Create(connection);

    /// <inheritdoc/>
    public string Bytes => "bytea";

    /// <inheritdoc/>
    public string Identity => "bigint generated always as identity primary key";

    /// <inheritdoc/>
    public IReadOnlyList<string> SearchIndex { get; } = ["create index lines_words on lines using gin (to_tsvector('simple', words))"];

    /// <inheritdoc/>
    public string MigrationLock => "select pg_advisory_xact_lock(4749201)";

    /// <inheritdoc/>
    public string SkipLocked => "for update skip locked";

    /// <inheritdoc/>
    public string ShareLock => "for share";

    /// <inheritdoc/>
    public string CallsWith(string parameter) =>
        $"select l.call from lines l where to_tsvector('simple', l.words) @@ to_tsquery('simple', {parameter})";

    /// <inheritdoc/>
    public string? IsCommon(string parameter) => null; // its planner knows how many lines a word has

    /// <inheritdoc/>
    public string HasWord(string parameter) =>
        $"exists (select 1 from lines l where l.call = c.id and strpos(' ' || l.words, ' ' || {parameter}) > 0)";

    /// <inheritdoc/>
    public string Sought(string word) => $"'{word}':*";

    /// <inheritdoc/>
    public async Task<DbConnection> ConnectAsync(CancellationToken cancellation) =>
        await _source.OpenConnectionAsync(cancellation).ConfigureAwait(false);

    /// <inheritdoc/>
    public async Task ExecuteAsync(
        DbConnection connection, DbTransaction transaction, IReadOnlyList<Statement> statements, CancellationToken cancellation)
    {
        if (statements.Count == 0)
        {
            return;
        }

        // One round trip for all of them.
        await using var batch = connection.CreateBatch();
        batch.Transaction = transaction;
        foreach (var statement in statements)
        {
            var command = batch.CreateBatchCommand();
            command.CommandText = statement.Sql;
            statement.Bind(command.Parameters, static () => new NpgsqlParameter());
            batch.BatchCommands.Add(command);
        }

        await batch.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<bool> TryScrubAsync(DbConnection connection, CancellationToken cancellation)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = "vacuum calls, entries, heard, notes, turns, images, lines, outbox";
        await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
        return true;
    }

    /// <inheritdoc/>
    public bool IsRefusal(Exception failure) => failure is PostgresException refused
        && (refused.SqlState.StartsWith("22", StringComparison.Ordinal) || refused.SqlState.StartsWith("23", StringComparison.Ordinal));

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _source.DisposeAsync();
}
