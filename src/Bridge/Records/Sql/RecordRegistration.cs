using Bridge.Configuration;
using Bridge.Metrics;
using Bridge.Timing;
using Microsoft.Extensions.Options;

namespace Bridge.Records.Sql;

/// <summary>Registers the store of calls, the queue in front of it, and what keeps it small.</summary>
internal static class RecordRegistration
{
    public static IServiceCollection AddRecords(this IServiceCollection services) => services
        .AddSingleton(s => Dialect(s.GetRequiredService<IOptions<BridgeOptions>>().Value))
        .AddSingleton(s => new SqlOutbox(
            s.GetRequiredService<IRecordDialect>(),
            [
                .. s.GetRequiredService<IOptions<BridgeOptions>>().Value.WebHooks
                    .Select(h => new OutboxHook(h.Key, [.. h.Events], [.. h.Roles])),
            ]))
        .AddSingleton<IOutbox>(s => s.GetRequiredService<SqlOutbox>())
        .AddSingleton<ICallStore>(s => new SqlCallStore(
            s.GetRequiredService<IRecordDialect>(), s.GetRequiredService<TimeProvider>(), s.GetRequiredService<SqlOutbox>(),
            s.GetRequiredService<IOptions<BridgeOptions>>().Value is { Redis.Length: > 0, Records.Postgres.Length: > 0 }
                ? s.GetRequiredService<HostLease>().Owner
                : null))
        .AddSingleton(s => new HostLease(Path.GetFullPath(s.GetRequiredService<IOptions<BridgeOptions>>().Value.Data)))
        .AddSingleton(s => new RecordWriter(
            s.GetRequiredService<ICallStore>(), s.GetRequiredService<IOptions<BridgeOptions>>().Value.Records.QueueBytes,
            s.GetRequiredService<HostClock>(), s.GetRequiredService<BridgeMetrics>(), s.GetRequiredService<ILogger<RecordWriter>>()))
        .AddSingleton(s => new CallFiles(s.GetRequiredService<IOptions<BridgeOptions>>()))
        .AddSingleton<RecordRetention>();

    /// <summary>The store that the options name; <see cref="ICallStore.OpenAsync"/> makes it ready.</summary>
    internal static ICallStore Open(BridgeOptions options, TimeProvider time) => new SqlCallStore(Dialect(options), time);

    private static IRecordDialect Dialect(BridgeOptions options) => options.Records.Postgres is { Length: > 0 } connection
        ? new PostgresDialect(connection)
        : new SqliteDialect(Path.Combine(Path.GetFullPath(options.Data), "records.db"));
}
