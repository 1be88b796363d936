using System.Globalization;
using Bridge.Realtime.Model;

namespace Bridge.Realtime.Turns;

/// <summary>
/// The configuration that one session was sent, and whether it confirmed it. An update is in force once <c>session.updated</c> answers
/// it. The service answers updates in their order, and a refused update changes nothing.
/// </summary>
internal sealed class SessionConfiguration
{
    private const string IdStart = "configure";
    private const int MaxAssumed = 8;
    private readonly Queue<(string Id, SessionSettings Settings)> _asked = new();

    // Taken for granted, oldest first: the answer may come yet.
    private readonly Queue<(string Id, SessionSettings Settings)> _assumed = new();
    private SessionSettings? _inForce;
    private int _updates;

    /// <summary>Since when an update waits for its answer; null: none does.</summary>
    public TimeSpan? PendingSince { get; private set; }

    /// <summary>The session has confirmed all that it was sent, and was sent something.</summary>
    public bool IsConfirmed => _asked.Count == 0 && _inForce is not null;

    /// <summary>It has no configuration, and is not about to have one.</summary>
    public bool IsNone => _asked.Count == 0 && _inForce is null;

    /// <summary>The configuration that it has or is about to have; null before the first update.</summary>
    public SessionSettings? Latest => _asked.Count > 0 ? _asked.Last().Settings : _inForce;

    /// <summary>An update to these settings; what the session has and they have not is switched off by it.</summary>
    public ModelCommand.UpdateSession Ask(TimeSpan now, SessionSettings settings)
    {
        var before = Latest;
        var id = IdStart + (_updates++ == 0 ? "" : _updates.ToString(CultureInfo.InvariantCulture));
        _asked.Enqueue((id, settings));
        PendingSince ??= now;
        return new ModelCommand.UpdateSession(settings, before) { Id = id };
    }

    /// <summary><c>session.updated</c>: the oldest update that waited is in force.</summary>
    /// <param name="now">The time.</param>
    /// <param name="assumed">It was not answered, and need not be.</param>
    public void OnUpdated(TimeSpan now, bool assumed)
    {
        if (!assumed && _assumed.TryDequeue(out _))
        {
            return;
        }

        if (_asked.TryDequeue(out var asked))
        {
            _inForce = asked.Settings;
            if (assumed)
            {
                Assume(asked);
            }
        }

        PendingSince = _asked.Count > 0 ? now : null;
    }

    /// <summary>The service refused a command. The settings that it refused; null when it was no update of ours.</summary>
    public SessionSettings? TakeRefused(TimeSpan now, ModelEvent.Error error)
    {
        // A service that does not return event_id names the field; it answers in order.
        if (Take(_asked, error, newest: false) is { } refused)
        {
            PendingSince = _asked.Count > 0 ? now : null;
            return refused;
        }

        if (Take(_assumed, error, newest: true) is not { } late)
        {
            return null;
        }

        // The settings in force before an update that was taken for granted are not known any more.
        _inForce = null;
        return late;
    }

    private static SessionSettings? Take(Queue<(string Id, SessionSettings Settings)> updates, ModelEvent.Error error, bool newest)
    {
        var all = updates.ToList();
        var unnamed = IsOfUpdate(error) && all.Count > 0 ? (newest ? all.Count - 1 : 0) : -1;
        var at = error.CommandId is { } command ? all.FindIndex(one => one.Id == command) : unnamed;
        if (at < 0)
        {
            return null;
        }

        updates.Clear();
        foreach (var (one, i) in all.Select((one, i) => (one, i)))
        {
            if (i != at)
            {
                updates.Enqueue(one);
            }
        }

        return all[at].Settings;
    }

    private void Assume((string Id, SessionSettings Settings) asked)
    {
        if (_assumed.Count == MaxAssumed)
        {
            _assumed.Dequeue();
        }

        _assumed.Enqueue(asked);
    }

    private static bool IsOfUpdate(ModelEvent.Error error) =>
        error.Param?.StartsWith("session.", StringComparison.Ordinal) == true
        || error.Code is "session_update_error" or "unsupported_turn_detection";
}
