using System.Data.Common;
using System.Text.Json;
using Bridge.Configuration;
using Microsoft.Data.Sqlite;

namespace Bridge.Records.Sql;

/// <summary>
/// SQLite: one file, with its write-ahead log beside it, that its user alone may read. Every commit is on the disk when it
/// returns (<c>synchronous=FULL</c>); deleted content is overwritten (<c>secure_delete</c>, in the search index too).
/// </summary>
internal sealed class SqliteDialect : IRecordDialect
{
    // The index gives every line of a word before the newest call is known; 2,000 lines take some milliseconds.
    private const int CommonLines = 2_000;
    private const int Constraint = 19;
    private const int TooBig = 18;
    private const int Mismatch = 20;

    private readonly string _file;
    private readonly string _connection;

    static SqliteDialect() => SQLitePCL.Batteries_V2.Init();

    /// <param name="file">The database's file; it and its folder are made when they are not there.</param>
    public SqliteDialect(string file)
    {
        _file = file;
        _connection = new SqliteConnectionStringBuilder
        {
            DataSource = file,
            Mode = SqliteOpenMode.ReadWrite,
            DefaultTimeout = 30,
            ForeignKeys = true,
        }.ToString();
    }

    /// <inheritdoc/>
    public string Bytes => "blob";

    /// <inheritdoc/>
    public string Identity => "integer primary key";

    /// <inheritdoc/>
    public IReadOnlyList<string> SearchIndex { get; } =
    [
        "create virtual table lines_words using fts5(words, content='lines', content_rowid='id', prefix='2 3')",
        "insert into lines_words(lines_words, rank) values ('secure-delete', 1)",
        "create trigger lines_added after insert on lines begin insert into lines_words(rowid, words) values (new.id, new.words); end",
        "create trigger lines_removed after delete on lines begin insert into lines_words(lines_words, rowid, words) values ('delete', "
            + "old.id, old.words); end",
        """
        create trigger lines_changed after update on lines begin
          insert into lines_words(lines_words, rowid, words) values ('delete', old.id, old.words);
          insert into lines_words(rowid, words) values (new.id, new.words);
        end
        """,
    ];

    /// <inheritdoc/>
    public string MigrationLock => "select 1";

    /// <inheritdoc/>
    public string SkipLocked => ""; // one writer at a time

    /// <inheritdoc/>
    public string ShareLock => "";

    /// <inheritdoc/>
    public string CallsWith(string parameter) =>
        $"select l.call from lines l where l.id in (select rowid from lines_words where lines_words match {parameter})";

    /// <inheritdoc/>
    public string IsCommon(string parameter) =>
        $"select 1 from lines_words where lines_words match {parameter} limit 1 offset {CommonLines}";

    /// <inheritdoc/>
    public string HasWord(string parameter) =>
        $"exists (select 1 from lines l where l.call = c.id and instr(' ' || l.words, ' ' || {parameter}) > 0)";

    /// <inheritdoc/>
    public string Sought(string word) => $"\"{word}\"*";

    /// <inheritdoc/>
    public async Task<DbConnection> ConnectAsync(CancellationToken cancellation)
    {
        CreateFile();
        var connection = new SqliteConnection(_connection);
        try
        {
            await connection.OpenAsync(cancellation).ConfigureAwait(false);
            await using var command = connection.CreateCommand();
            command.CommandText = "pragma journal_mode=wal; pragma synchronous=full; pragma secure_delete=on; pragma busy_timeout=5000";
            await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task ExecuteAsync(
        DbConnection connection, DbTransaction transaction, IReadOnlyList<Statement> statements, CancellationToken cancellation)
    {
        foreach (var statement in statements)
        {
            await using var command = statement.On(connection, transaction);
            await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async Task<bool> TryScrubAsync(DbConnection connection, CancellationToken cancellation)
    {
        // A reader of this moment keeps the log, and is over in a moment; the thread that writes calls does not wait for a longer one.
        await using var patience = connection.CreateCommand();
        patience.CommandText = "pragma busy_timeout=1000";
        await patience.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
        await using var command = connection.CreateCommand();
        command.CommandText = "pragma wal_checkpoint(truncate)";
        return await command.ExecuteScalarAsync(cancellation).ConfigureAwait(false) is 0L;
    }

    /// <inheritdoc/>
    public bool IsRefusal(Exception failure) =>
        failure is SqliteException { SqliteErrorCode: Constraint or TooBig or Mismatch } or JsonException;

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        SqliteConnection.ClearPool(new SqliteConnection(_connection));
        return ValueTask.CompletedTask;
    }

    // SQLite gives the log beside the file the file's own rights.
    private void CreateFile()
    {
        if (File.Exists(_file))
        {
            return;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(_file)!);
        using var created = new FileStream(_file, OwnerOnly.New());
    }
}
