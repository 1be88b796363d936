using System.Data.Common;

namespace Bridge.Records.Sql;

/// <summary>Everything in which the two databases differ.</summary>
internal interface IRecordDialect : IAsyncDisposable
{
    /// <summary>Column type of bytes.</summary>
    string Bytes { get; }

    /// <summary>Column type of a number that the database counts up.</summary>
    string Identity { get; }

    /// <summary>Statements that make the index of <c>lines.words</c>.</summary>
    IReadOnlyList<string> SearchIndex { get; }

    /// <summary>Selects the ids of calls with a word in their lines; takes <see cref="Sought"/> as its parameter.</summary>
    /// <param name="parameter">Name of the parameter.</param>
    string CallsWith(string parameter);

    /// <summary>
    /// Selects one row when a word, as <see cref="Sought"/> writes it, stands in so many lines that the newest calls are better looked
    /// through for it; null when the database chooses by itself.
    /// </summary>
    /// <param name="parameter">Name of the parameter.</param>
    string? IsCommon(string parameter);

    /// <summary>The condition that a call <c>c</c> has a word in its lines, looked for without the index.</summary>
    /// <param name="parameter">Name of the parameter: the word itself.</param>
    string HasWord(string parameter);

    /// <summary>The value that looks for words that begin so.</summary>
    string Sought(string word);

    /// <summary>Holds off other hosts that migrate the schema, until the transaction ends.</summary>
    string MigrationLock { get; }

    /// <summary>Ends a selection of rows to be changed: rows that somebody else is changing are left out.</summary>
    string SkipLocked { get; }

    /// <summary>Ends a selection of rows that nobody may change until the transaction ends.</summary>
    string ShareLock { get; }

    /// <summary>An open connection.</summary>
    Task<DbConnection> ConnectAsync(CancellationToken cancellation);

    /// <summary>Carries out statements of a transaction, in order.</summary>
    Task ExecuteAsync(
        DbConnection connection, DbTransaction transaction, IReadOnlyList<Statement> statements, CancellationToken cancellation);

    /// <summary>Removes what deleted rows have left in the database's files; false when a reader keeps it from that for now.</summary>
    Task<bool> TryScrubAsync(DbConnection connection, CancellationToken cancellation);

    /// <summary>True for a failure that is the statement's own, not the database's state.</summary>
    bool IsRefusal(Exception failure);
}
