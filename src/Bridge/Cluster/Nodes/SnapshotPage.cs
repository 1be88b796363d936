using Bridge.Calls;
using Bridge.Realtime.Conversation;
using Bridge.Realtime.Model;
using Bridge.Records;

namespace Bridge.Cluster.Nodes;

/// <summary>The content of the snapshot of one call, from the facts that are posted for its record. Guarded by its own lock.</summary>
/// <param name="id">The call.</param>
/// <param name="epoch">In which this node holds it.</param>
internal sealed class SnapshotPage(string id, long epoch)
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<int, ConversationEntry> _entries = [];
    private readonly Dictionary<string, string> _heard = new(StringComparer.Ordinal);
    private CallOrigin? _origin;
    private ModelUsage _usage;
    private decimal? _cost;
    private int _turns;

    public string Id => id;

    public long Epoch => epoch;

    /// <summary>1 while what changed is not written; see <see cref="SnapshotBook"/>.</summary>
    public ref int Due => ref _due;

    /// <summary>Held while a snapshot is read and sent: an older one never replaces a newer one.</summary>
    public SemaphoreSlim Sending { get; } = new(1);

    /// <summary>1 while a writer runs.</summary>
    public ref int Writing => ref _writing;

    private int _due;
    private int _writing;

    /// <summary>Goes on from a call as its host left it: the entries that the store has are posted no more.</summary>
    public void GoOn(RevivedCall revived)
    {
        lock (_gate)
        {
            var before = revived.Before;
            (_origin, _usage, _cost, _turns) = (before.Origin, before.Usage, before.Cost, before.Turns);
            for (var i = 0; i < revived.Written; i++)
            {
                _entries[before.NextEntry - revived.Written + i] = revived.Log.Entries[i];
            }
        }
    }

    /// <summary>Takes a fact; true when the snapshot is another one by it.</summary>
    public bool Take(RecordWrite write)
    {
        lock (_gate)
        {
            switch (write)
            {
                case RecordWrite.Begun(_, var origin):
                    _origin = origin;
                    return true;
                case RecordWrite.Tokens(_, var tokens):
                    _origin = _origin is { } known ? known with { Tokens = tokens } : null;
                    return true;
                case RecordWrite.Entry entry:
                    _entries[entry.Number] = entry.Fact;
                    return true;
                case RecordWrite.Heard(_, var item, var text):
                    // Of the answer that is playing; of the ones before the log itself knows.
                    _heard.Clear();
                    _heard[item] = text;
                    return true;
                case RecordWrite.Bill(_, var usage, var cost):
                    (_usage, _cost) = (usage, cost);
                    return true;
                case RecordWrite.Turn(_, var number, _):
                    _turns = number + 1;
                    return false;
                default:
                    return false;
            }
        }
    }

    /// <summary>The snapshot; null while the call could not go on from it.</summary>
    public UnfinishedCall? Read(DateTimeOffset now)
    {
        lock (_gate)
        {
            return _origin is not { Resume: not null } origin
                ? null
                : new UnfinishedCall(
                    id, origin, now, _usage, _cost, ConversationJson.Write([.. _entries.Values]),
                    _entries.Count == 0 ? 0 : _entries.Keys.Last() + 1, new Dictionary<string, string>(_heard), _turns);
        }
    }
}
