using Bridge.Store;

namespace Bridge.Tests.Calls;

/// <summary>Records in memory; fails when told to.</summary>
internal sealed class MemoryStore : ICallStore
{
    private readonly Lock _gate = new();
    private readonly List<CallRecord> _saved = [];

    /// <summary>What SaveAsync throws instead of saving; null when it saves.</summary>
    public IOException? Failure { get; set; }

    /// <summary>SaveAsync waits for it.</summary>
    public Task Disk { get; set; } = Task.CompletedTask;

    /// <summary>Every record in the order of saving, also of one call.</summary>
    public IReadOnlyList<CallRecord> Saved
    {
        get
        {
            lock (_gate)
            {
                return [.. _saved];
            }
        }
    }

    public async Task SaveAsync(CallRecord record, CancellationToken cancellation)
    {
        await Disk.WaitAsync(cancellation);
        if (Failure is { } failure)
        {
            throw failure;
        }

        lock (_gate)
        {
            _saved.Add(record with { Conversation = record.Conversation?.Clone() });
        }
    }

    public Task<IReadOnlyList<CallRecord>> ListAsync(int most, CancellationToken cancellation) => Task.FromResult(Saved);

    public Task<CallRecord?> FindAsync(string id, CancellationToken cancellation) => Task.FromResult(Saved.LastOrDefault(r => r.Id == id));

    public (string Path, string MediaType)? FindImage(string id, string name) => null;

    public Task CheckAsync(CancellationToken cancellation) => Failure is { } failure ? Task.FromException(failure) : Task.CompletedTask;
}
