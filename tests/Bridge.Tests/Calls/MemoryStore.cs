using System.Text;
using System.Text.Json;
using Bridge.Realtime.Conversation;
using Bridge.Records;

namespace Bridge.Tests.Calls;

/// <summary>Records in memory; fails when told to.</summary>
internal sealed class MemoryStore : ICallStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, CallRecord> _calls = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SortedDictionary<int, ConversationEntry>> _entries = new(StringComparer.Ordinal);
    private readonly List<RecordWrite> _written = [];

    /// <summary>The exception that WriteAsync throws instead of writing; null when it writes.</summary>
    public Exception? Failure { get; set; }

    /// <summary>A fact that the store refuses; null when it takes all.</summary>
    public Predicate<RecordWrite>? Refuses { get; set; }

    /// <summary>WriteAsync waits for it.</summary>
    public Task Disk { get; set; } = Task.CompletedTask;

    /// <summary>Calls to WriteAsync, those that failed included.</summary>
    public int Attempts { get; private set; }

    /// <summary>The records as they stand, in the order of their beginning.</summary>
    public IReadOnlyList<CallRecord> Saved
    {
        get
        {
            lock (_gate)
            {
                return [.. _calls.Values.Select(With)];
            }
        }
    }

    /// <summary>Every fact in the order of writing.</summary>
    public IReadOnlyList<RecordWrite> Written
    {
        get
        {
            lock (_gate)
            {
                return [.. _written];
            }
        }
    }

    public Task OpenAsync(CancellationToken cancellation) => Task.CompletedTask;

    public async Task WriteAsync(IReadOnlyList<RecordWrite> writes, CancellationToken cancellation)
    {
        Attempts++;
        await Disk.WaitAsync(cancellation);
        if (Failure is { } failure)
        {
            throw failure;
        }

        if (Refuses is { } refuses && writes.Any(w => refuses(w)))
        {
            throw new RecordRefusedException("It is not to be written.", new InvalidOperationException());
        }

        lock (_gate)
        {
            foreach (var write in writes)
            {
                _written.Add(write);
                Apply(write);
            }
        }
    }

    public Task<IReadOnlyList<CallRecord>> ListAsync(CallQuery query, CancellationToken cancellation) => Task.FromResult(Saved);

    public Task<CallChart> ChartAsync(ChartQuery query, CancellationToken cancellation) =>
        throw new NotSupportedException("Sums are the databases' work.");

    public Task<CallRecord?> FindAsync(string id, CancellationToken cancellation) => Task.FromResult(Saved.LastOrDefault(r => r.Id == id));

    public Task<StoredImage?> FindImageAsync(string id, string name, CancellationToken cancellation) => Task.FromResult<StoredImage?>(null);

    public Task<IReadOnlyList<UnfinishedCall>> TakeOverAsync(IReadOnlyList<string> dead, string owner, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<UnfinishedCall>>([]);

    public Task<UnfinishedCall?> TakeOverCallAsync(string id, string owner, CancellationToken cancellation) =>
        Task.FromResult<UnfinishedCall?>(null);

    public Task<bool> ImportAsync(CallRecord record, IReadOnlyList<StoredImage> images, CancellationToken cancellation) =>
        throw new NotSupportedException();

    public Task<IReadOnlyList<string>> KnownAsync(IReadOnlyList<string> ids, CancellationToken cancellation) =>
        throw new NotSupportedException();

    public Task<IReadOnlyList<string>> EraseAsync(Erasure which, DateTimeOffset now, CancellationToken cancellation) =>
        throw new NotSupportedException();

    public Task<IReadOnlyList<Deletion>> DeletionsAsync(int most, CancellationToken cancellation) => throw new NotSupportedException();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private void Apply(RecordWrite write)
    {
        switch (write)
        {
            case RecordWrite.Begun(var id, var origin):
                _calls.TryAdd(
                    id,
                    new CallRecord(id, origin.Role, origin.Model, origin.Started, null, null, null, [], default, null, null)
                    {
                        Caller = origin.Caller,
                    });
                break;
            case RecordWrite.Entry(var id, var number, var fact, _):
                if (!_entries.TryGetValue(id, out var entries))
                {
                    _entries[id] = entries = [];
                }

                entries[number] = fact;
                break;
            case RecordWrite.Note(var id, var note):
                _calls[id] = _calls[id] with { Notes = [.. _calls[id].Notes.Where(n => n.Id != note.Id), note] };
                break;
            case RecordWrite.NoteWithdrawn(var id, var noteId):
                _calls[id] = _calls[id] with { Notes = [.. _calls[id].Notes.Where(n => n.Id != noteId)] };
                break;
            case RecordWrite.Bill(var id, var usage, var cost):
                _calls[id] = _calls[id] with { Usage = usage, Cost = cost };
                break;
            case RecordWrite.Ended(var id, var closing):
                _calls[id] = _calls[id] with
                {
                    Role = closing.Role, Ended = closing.Ended, Reason = closing.Reason, Recap = closing.Recap, Missing = closing.Missing,
                    Outcome = closing.Outcome is { } outcome ? JsonElement.Parse(outcome) : null,
                };
                break;
        }
    }

    private CallRecord With(CallRecord record) => record with
    {
        Conversation = _entries.TryGetValue(record.Id, out var entries)
            ? JsonSerializer.Deserialize<JsonElement>(
                $$"""{"version":1,"entries":[{{string.Join(',', entries.Values.Select(e => Encoding.UTF8.GetString(e.ToJson())))}}]}""")
            : null,
    };
}
