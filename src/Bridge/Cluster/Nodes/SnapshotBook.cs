using System.Collections.Concurrent;
using Bridge.Calls;
using Bridge.Records;
using Bridge.Timing;

namespace Bridge.Cluster.Nodes;

/// <summary>
/// Follows the facts that calls post for their records, and keeps a sealed snapshot of each call in the cluster. Calls never wait for
/// it: one writer for each call sends the latest state, a few times a second at most.
/// </summary>
internal sealed class SnapshotBook(ICallSnapshots snapshots, ClusterSecret secret, HostClock clock, ILogger<SnapshotBook> logger)
{
    // A call with many images would be sent over and over; it is not worth that, and its entries are in a shared store.
    private const int MaxBytes = 8 * 1024 * 1024;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly ConcurrentDictionary<string, SnapshotPage> _pages = new(StringComparer.Ordinal);

    /// <summary>A snapshot was refused: the call is this node's no more. Raised on a pool thread.</summary>
    public event Action<string, long>? Fenced;

    /// <summary>A call has its place at this node.</summary>
    public void Begin(string callId, long epoch, RevivedCall? revived)
    {
        var page = new SnapshotPage(callId, epoch);
        if (revived is not null)
        {
            page.GoOn(revived);
        }

        _pages[callId] = page;
    }

    /// <summary>A fact is posted.</summary>
    public void Take(RecordWrite write)
    {
        if (_pages.TryGetValue(write.Call, out var page) && page.Take(write))
        {
            Touch(page);
        }
    }

    /// <summary>A call is over, or another node's.</summary>
    public void End(string callId) => _pages.TryRemove(callId, out _);

    /// <summary>Writes the snapshot of a call as it is now; false when there is none that the call could go on from.</summary>
    /// <exception cref="ClusterAwayException">It could not be written.</exception>
    public async Task<bool> TryFlushAsync(string callId) =>
        _pages.TryGetValue(callId, out var page) && await SendAsync(page).ConfigureAwait(false);

    /// <summary>True when there is a state that the call could go on from.</summary>
    public bool CanGoOn(string callId) => _pages.TryGetValue(callId, out var page) && page.Read(clock.UtcNow) is not null;

    /// <summary>Writes every snapshot again: those of the cluster may be lost.</summary>
    public void WriteAll()
    {
        foreach (var page in _pages.Values)
        {
            Touch(page);
        }
    }

    private void Touch(SnapshotPage page)
    {
        Volatile.Write(ref page.Due, 1);
        if (Interlocked.Exchange(ref page.Writing, 1) == 0)
        {
            _ = Task.Run(() => WriteAsync(page));
        }
    }

    private async Task WriteAsync(SnapshotPage page)
    {
        do
        {
            while (Interlocked.Exchange(ref page.Due, 0) == 1 && _pages.ContainsKey(page.Id))
            {
                await WriteOnceAsync(page).ConfigureAwait(false);
                await Task.Delay(Pause, clock.Time).ConfigureAwait(false);
            }

            Volatile.Write(ref page.Writing, 0);
        }
        while (Volatile.Read(ref page.Due) == 1 && _pages.ContainsKey(page.Id) && Interlocked.Exchange(ref page.Writing, 1) == 0);
    }

    private async Task WriteOnceAsync(SnapshotPage page)
    {
        try
        {
            await SendAsync(page).ConfigureAwait(false);
        }
        catch (ClusterAwayException)
        {
            // The next fact tries again, and all are written when the cluster is back.
        }
        catch (Exception defect)
        {
            Log.SnapshotFailed(logger, page.Id, defect);
        }
    }

    private async Task<bool> SendAsync(SnapshotPage page)
    {
        await page.Sending.WaitAsync().ConfigureAwait(false);
        try
        {
            if (page.Read(clock.UtcNow) is not { } call || SnapshotFile.Write(call) is not { Length: <= MaxBytes } plain)
            {
                return false;
            }

            var content = new SnapshotSeal(secret.Bytes).Seal(page.Id, plain);
            if (await snapshots.SaveAsync(page.Id, page.Epoch, content).ConfigureAwait(false))
            {
                return true;
            }

            if (_pages.ContainsKey(page.Id))
            {
                Fenced?.Invoke(page.Id, page.Epoch);
            }

            return false;
        }
        finally
        {
            page.Sending.Release();
        }
    }
}
