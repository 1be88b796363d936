using Bridge.Roles;

namespace Bridge.Operation;

/// <summary>When each role was read last with another outcome: a new revision, or other errors.</summary>
internal sealed class RoleHistory : IDisposable
{
    private readonly RoleCatalog _roles;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private Dictionary<string, (RoleEntry Entry, DateTimeOffset At)> _known = [];

    public RoleHistory(RoleCatalog roles, TimeProvider time)
    {
        (_roles, _time) = (roles, time);
        roles.Changed += Note;
        Note(roles.Current);
    }

    /// <summary>Every role with the time of its latest reading that changed something.</summary>
    public IReadOnlyList<(RoleEntry Entry, DateTimeOffset At)> Roles
    {
        get
        {
            lock (_gate)
            {
                return [.. _known.Values.OrderBy(r => r.Entry.Folder, StringComparer.Ordinal)];
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _roles.Changed -= Note;

    private void Note(RoleSnapshot snapshot)
    {
        lock (_gate)
        {
            var now = _time.GetUtcNow();
            _known = snapshot.Entries.ToDictionary(
                e => e.Folder,
                e => _known.TryGetValue(e.Folder, out var before) && ReferenceEquals(before.Entry.Role, e.Role)
                    && before.Entry.Errors.SequenceEqual(e.Errors) ? before : (e, now),
                StringComparer.Ordinal);
        }
    }
}
