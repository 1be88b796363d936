using System.Data.Common;

namespace Bridge.Records.Sql;

/// <summary>Work with a connection of a dialect.</summary>
internal static class RecordConnection
{
    /// <summary>Does something on a connection. A database's own exceptions go no further.</summary>
    /// <exception cref="RecordRefusedException">A statement is refused, now and later.</exception>
    /// <exception cref="IOException">The store is away.</exception>
    public static async Task<T> OnAsync<T>(this IRecordDialect dialect, Func<DbConnection, Task<T>> work, CancellationToken cancellation)
    {
        try
        {
            await using var connection = await dialect.ConnectAsync(cancellation).ConfigureAwait(false);
            return await work(connection).ConfigureAwait(false);
        }
        catch (Exception failure) when (dialect.IsRefusal(failure))
        {
            throw new RecordRefusedException(failure.Message, failure);
        }
        catch (Exception failure) when (failure is DbException or UnauthorizedAccessException or TimeoutException
            or System.Net.Sockets.SocketException)
        {
            throw new IOException(failure.Message, failure);
        }
    }
}
