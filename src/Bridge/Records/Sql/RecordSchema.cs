using System.Data.Common;
using System.Globalization;

namespace Bridge.Records.Sql;

/// <summary>
/// The tables of the records and how an older database comes to have them. A version's statements never change once they
/// are published; a later version adds its own.
/// </summary>
internal static class RecordSchema
{
    /// <summary>The version that this program reads and writes.</summary>
    public static int Version => Versions(new Words("", "", [])).Count;

    /// <summary>Brings a database to <see cref="Version"/>.</summary>
    /// <exception cref="IOException">A newer program has changed it.</exception>
    public static async Task MigrateAsync(DbConnection connection, IRecordDialect dialect, CancellationToken cancellation)
    {
        var versions = Versions(new Words(dialect.Bytes, dialect.Identity, dialect.SearchIndex));
        await using var transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
        await ScalarAsync(connection, transaction, dialect.MigrationLock, cancellation).ConfigureAwait(false);
        await ExecuteAsync(connection, transaction, "create table if not exists schema_version (version bigint not null)", cancellation)
            .ConfigureAwait(false);
        var present = await ScalarAsync(connection, transaction, "select coalesce(max(version), 0) from schema_version", cancellation)
            .ConfigureAwait(false);
        var found = Convert.ToInt32(present, CultureInfo.InvariantCulture);
        if (found > versions.Count)
        {
            throw new IOException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The records were written by a newer version of this program (schema {found}; this one knows {versions.Count})."));
        }

        for (var version = found; version < versions.Count; version++)
        {
            foreach (var statement in versions[version])
            {
                await ExecuteAsync(connection, transaction, statement, cancellation).ConfigureAwait(false);
            }
        }

        if (found < versions.Count)
        {
            await ExecuteAsync(connection, transaction, "delete from schema_version", cancellation).ConfigureAwait(false);
            await ExecuteAsync(
                connection,
                transaction,
                $"insert into schema_version values ({RecordValues.Number(versions.Count)})",
                cancellation).ConfigureAwait(false);
        }

        await transaction.CommitAsync(cancellation).ConfigureAwait(false);
    }

    // Times are microseconds since 1970, costs billionths of a dollar; JSON stands in texts, as it was written.
    private static List<IReadOnlyList<string>> Versions(Words words) =>
    [
        [
            """
            create table calls (
              id text primary key, owner text not null, role text not null, model text not null, caller text,
              started bigint not null, ended bigint, reason text, recap text, usage text not null, cost bigint,
              missing bigint not null, keep_until bigint, resume text)
            """,
            "create index calls_started on calls (started desc, id desc)",
            "create index calls_caller on calls (caller, started desc)",
            "create index calls_role on calls (role, started desc)",
            "create index calls_open on calls (owner) where ended is null",
            "create index calls_keep on calls (keep_until)",
            "create index calls_ended on calls (ended)",
            "create table tokens (hash text primary key, call text not null references calls(id) on delete cascade)",
            "create index tokens_call on tokens (call)",
            """
            create table entries (
              call text not null references calls(id) on delete cascade, number bigint not null, body text not null, primary key (call, number))
            """,
            """
            create table heard (
              call text not null references calls(id) on delete cascade, item text not null, words text not null, primary key (call, item))
            """,
            """
            create table notes (
              call text not null references calls(id) on delete cascade, id text not null, at bigint not null, title text, body text not null, data text,
              primary key (call, id))
            """,
            """
            create table turns (
              call text not null references calls(id) on delete cascade, number bigint not null, at bigint not null, model_us bigint, downlink_us bigint not null,
              primary key (call, number))
            """,
            $"""
            create table images (
              call text not null references calls(id) on delete cascade, name text not null, content {words.Bytes} not null, primary key (call, name))
            """,
            $"""
            create table lines (
              id {words.Identity}, call text not null references calls(id) on delete cascade, item text not null, words text not null, unique (call, item))
            """,
            .. words.SearchIndex,
            $"create table deletions (id {words.Identity}, at bigint not null, kind text not null, subject text, calls bigint not null)",
            "create table probe (id bigint primary key, at bigint not null)",
        ],
        SqlChartReader.Schema,
        ["alter table calls add column outcome text"],
        [
            """
            create table outbox (
              call text not null references calls(id) on delete cascade, type text not null, subject text not null, hook text not null,
              at bigint not null, attempts bigint not null, due bigint, owner text, primary key (call, type, subject, hook))
            """,
            "create index outbox_due on outbox (hook, due)",
        ],
    ];

    private static async Task ExecuteAsync(DbConnection connection, DbTransaction transaction, string sql, CancellationToken cancellation)
    {
        await using var command = new Statement(sql).On(connection, transaction);
        await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }

    private static async Task<object?> ScalarAsync(
        DbConnection connection, DbTransaction transaction, string sql, CancellationToken cancellation)
    {
        await using var command = new Statement(sql).On(connection, transaction);
        return await command.ExecuteScalarAsync(cancellation).ConfigureAwait(false);
    }

    private sealed record Words(string Bytes, string Identity, IReadOnlyList<string> SearchIndex);
}
