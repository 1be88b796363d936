using Bridge.Calls;
using Bridge.Configuration;
using Bridge.Realtime.Conversation;
using Bridge.Records;
using Microsoft.Extensions.Options;

namespace Bridge.Cluster.Nodes;

/// <summary>
/// Makes a call that this node has taken over ready for its page: from its snapshot, and from the store where the nodes share one.
/// </summary>
internal sealed class CallTakeover(
    ICallSnapshots snapshots, ClusterSecret secret, ICallStore store, HostLease lease, CallRecovery recovery,
    IOptions<BridgeOptions> options, ILogger<CallTakeover> logger)
{
    // A page waits for it; the snapshot alone is enough to go on.
    private static readonly TimeSpan StoreTime = TimeSpan.FromSeconds(1);

    private readonly bool _shared = !string.IsNullOrEmpty(options.Value.Records.Postgres);

    /// <summary>Reads the call and expects its page; false when nothing is left of it.</summary>
    /// <param name="callId">The call.</param>
    /// <param name="token">Hash of the token that the page came with.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="ClusterAwayException">The snapshot can't be read now.</exception>
    public async Task<bool> TryReadAsync(string callId, string token, CancellationToken cancellation)
    {
        if (await ReadAsync(callId, cancellation).ConfigureAwait(false) is not { } call)
        {
            return false;
        }

        // The last takeover's token may be newer than the snapshot; the directory knew it.
        var tokens = call.Origin.Tokens.Contains(token, StringComparer.Ordinal) ? call.Origin.Tokens : [.. call.Origin.Tokens, token];
        recovery.Expect(call with { Origin = call.Origin with { Tokens = tokens } });
        return true;
    }

    /// <summary>Reads a call that is this node's now; null when nothing is left of it.</summary>
    /// <param name="callId">The call.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="ClusterAwayException">The snapshot can't be read now.</exception>
    public async Task<UnfinishedCall?> ReadAsync(string callId, CancellationToken cancellation = default)
    {
        var stored = _shared ? await StoredAsync(callId, cancellation).ConfigureAwait(false) : null;
        if (Merge(stored, await SnapshotAsync(callId).ConfigureAwait(false)) is { } call)
        {
            return call with { Origin = call.Origin with { Owner = lease.Owner } };
        }

        Log.CallNotFound(logger, callId);
        return null;
    }

    /// <summary>The fuller of both. Of the snapshot, what the store lacks is written into it.</summary>
    internal static UnfinishedCall? Merge(UnfinishedCall? stored, UnfinishedCall? snapshot)
    {
        if (stored is null || snapshot is null)
        {
            return stored ?? (snapshot is null ? null : snapshot with { Written = 0, NextEntry = 0 });
        }

        var (inStore, inSnapshot) = (Entries(stored), Entries(snapshot));
        return inStore >= inSnapshot
            ? stored with { Heard = stored.Heard.Count > 0 ? stored.Heard : snapshot.Heard }
            : snapshot with { Written = inStore, NextEntry = stored.NextEntry, Turns = Math.Max(stored.Turns, snapshot.Turns) };
    }

    private static int Entries(UnfinishedCall call) => ConversationLog.TryParse(call.Log, out var log) ? log.Entries.Count : 0;

    private async Task<UnfinishedCall?> StoredAsync(string callId, CancellationToken cancellation)
    {
        try
        {
            return await store.TakeOverCallAsync(callId, lease.Owner, cancellation).WaitAsync(StoreTime, cancellation)
                .ConfigureAwait(false);
        }
        catch (Exception away) when (away is IOException or TimeoutException or RecordRefusedException)
        {
            Log.StoreNotAsked(logger, callId, away);
            return null;
        }
    }

    /// <summary>The snapshot of a call, as it is; null when there is none.</summary>
    /// <exception cref="ClusterAwayException">It can't be read now.</exception>
    public async Task<UnfinishedCall?> SnapshotAsync(string callId)
    {
        if (await snapshots.LoadAsync(callId).ConfigureAwait(false) is not { } content)
        {
            return null;
        }

        if (new SnapshotSeal(secret.Bytes).TryOpen(callId, content, out var plain) && SnapshotFile.TryRead(plain, out var call)
            && call.Id == callId)
        {
            return call;
        }

        Log.SnapshotUnreadable(logger, callId);
        return null;
    }
}
