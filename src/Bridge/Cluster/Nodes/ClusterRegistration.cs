using System.Security.Cryptography;
using Bridge.Configuration;
using Bridge.Limits;
using Bridge.Money;
using Bridge.Records;
using Bridge.Signaling;
using Microsoft.Extensions.Options;

namespace Bridge.Cluster.Nodes;

/// <summary>
/// Registers the cluster. Without <c>Bridge:Redis</c> the state that nodes share is this process's memory, and nothing stands between the
/// hub and the calls.
/// </summary>
internal static class ClusterRegistration
{
    public static IServiceCollection AddCluster(this IServiceCollection services, BridgeOptions options)
    {
        services
            .AddSingleton(ClusterTimes.Of(TimeSpan.FromSeconds(options.GraceSeconds)))
            .AddSingleton<ClusterSize>()
            .AddSingleton<NodeReporter>()
            .AddSingleton<NodeCommands>();
        return options.Redis.Length == 0 ? services.AddMemory() : services.AddRedis(options.Redis);
    }

    private static IServiceCollection AddMemory(this IServiceCollection services) => services
        .AddSingleton(s => new MemoryCluster(s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ClusterTimes>()))
        .AddSingleton<ICallDirectory>(s => new MemoryDirectory(s.GetRequiredService<MemoryCluster>(), Node(s)))
        .AddSingleton<ISignalRelay>(s => new MemoryRelay(s.GetRequiredService<MemoryCluster>(), Node(s)))
        .AddSingleton<ICallSnapshots>(s => new MemorySnapshots(s.GetRequiredService<MemoryCluster>(), Node(s)));

    private static IServiceCollection AddRedis(this IServiceCollection services, string configuration)
    {
        _ = RedisLink.Read(configuration);
        return services
            .AddSingleton(s => new RedisLink(configuration, s.GetRequiredService<TimeProvider>()))
            .AddSingleton<ClusterSecret>()
            .AddSingleton<ICallDirectory>(s => new RedisDirectory(
                s.GetRequiredService<RedisLink>(), Node(s), s.GetRequiredService<ClusterTimes>()))
            .AddSingleton<ISignalRelay>(s => new RedisRelay(
                s.GetRequiredService<RedisLink>(), Node(s), s.GetRequiredService<TimeProvider>()))
            .AddSingleton<ICallSnapshots>(s => new RedisSnapshots(
                s.GetRequiredService<RedisLink>(), Node(s), s.GetRequiredService<ClusterTimes>()))
            .AddSingleton<IBudgetLedger>(s =>
            {
                var size = s.GetRequiredService<ClusterSize>();
                return new RedisLedger(s.GetRequiredService<RedisLink>(), s.GetRequiredService<TimeProvider>(), () => size.Nodes);
            })
            .AddSingleton<IJoinRates, RedisJoinRates>()
            .AddSingleton(s => new CallerNames(
                s.GetRequiredService<IOptions<BridgeOptions>>(), () => NameKey(s.GetRequiredService<ClusterSecret>())))
            .AddSingleton<SnapshotBook>()
            .AddSingleton<ClusterNode>()
            .AddSingleton<RelayDesk>()
            .AddSingleton<CallTakeover>()
            .AddSingleton<StandbyDesk>()
            .AddSingleton<CallMove>()
            .AddSingleton<ClusterGateway>()
            .AddSingleton<ICallGateway>(s => s.GetRequiredService<ClusterGateway>())
            .AddHostedService<ClusterLifetime>();
    }

    // A caller has one name at all nodes, or the budget of a day would be one for each.
    private static byte[] NameKey(ClusterSecret secret) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, secret.Bytes.ToArray(), 32, info: "bridge caller names"u8.ToArray());

    private static string Node(IServiceProvider services) => services.GetRequiredService<HostLease>().Owner;
}
