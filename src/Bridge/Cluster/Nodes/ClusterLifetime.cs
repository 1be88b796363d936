using System.Security.Cryptography;
using System.Text;
using Bridge.Calls;
using Bridge.Configuration;
using Bridge.Records;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Bridge.Cluster.Nodes;

/// <summary>
/// Joins the cluster before anything else of the host starts: a node that can't reach Redis does not start. Leaves it after everything
/// has stopped.
/// </summary>
internal sealed class ClusterLifetime(
    RedisLink redis, ClusterSecret secret, ICallDirectory directory, ISignalRelay relay, RelayDesk desk, ClusterNode node,
    CallRecovery recovery, IOptions<BridgeOptions> options, ILogger<ClusterLifetime> logger) : IHostedLifecycleService
{
    private const int SecretBytes = 32;

    /// <inheritdoc/>
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        var servers = string.Join(',', RedisLink.Read(options.Value.Redis).EndPoints.Select(EndPointCollection.ToString));
        try
        {
            await redis.ConnectAsync().ConfigureAwait(false);
            await KnowSecretAsync().ConfigureAwait(false);
            redis.Restored += () => _ = LeaveSecretAsync();
            await relay.StartAsync(desk.AnswerAsync).ConfigureAwait(false);
            recovery.Claims = ClaimAsync;
            await node.StartAsync().ConfigureAwait(false);
        }
        catch (ClusterAwayException away)
        {
            throw new HostStartException($"--redis: no server answers at {servers} ({away.InnerException?.Message ?? away.Message}).");
        }

        Log.NodeJoined(logger, directory.Node, servers);
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => node.StopAsync();

    private async Task KnowSecretAsync()
    {
        if (options.Value.ClusterKey is { Length: > 0 } configured)
        {
            secret.Set(SHA256.HashData(Encoding.UTF8.GetBytes(configured)));
            return;
        }

        // The first node writes it; the others take what is there.
        await redis.RunAsync(
            database => database.StringSetAsync(redis.Key("secret"), RandomNumberGenerator.GetBytes(SecretBytes), when: When.NotExists))
            .ConfigureAwait(false);
        secret.Set((byte[]?)await redis.RunAsync(database => database.StringGetAsync(redis.Key("secret"))).ConfigureAwait(false)
            ?? throw new ClusterAwayException("Redis keeps nothing."));
    }

    // A Redis that has lost what it knew is told the secret of those who are there.
    private async Task LeaveSecretAsync()
    {
        try
        {
            if (options.Value.ClusterKey.Length == 0)
            {
                await redis.RunAsync(
                    database => database.StringSetAsync(redis.Key("secret"), secret.Bytes.ToArray(), when: When.NotExists))
                    .ConfigureAwait(false);
            }
        }
        catch (ClusterAwayException)
        {
            // The next time.
        }
    }

    /// <summary>A call of this data folder's dead process: its page is waited for here, unless another node goes on with it.</summary>
    private async Task<bool> ClaimAsync(UnfinishedCall call)
    {
        try
        {
            var owner = await directory.FindAsync(call.Id).ConfigureAwait(false);
            if (owner is not null)
            {
                owner = owner.IsOver ? owner : await directory.TakeOverAsync(owner).ConfigureAwait(false);
            }

            if (owner is not null && (owner.IsOver || owner.Node != directory.Node))
            {
                return false;
            }

            node.Expect(call.Id, owner?.Epoch ?? 1);
            await directory.KeepAsync(call.Id, owner?.Epoch ?? 1, call.Origin.Tokens).ConfigureAwait(false);
            return true;
        }
        catch (ClusterAwayException)
        {
            // It was there a moment ago. A second owner is worse than a call that is closed as interrupted.
            return false;
        }
    }
}
