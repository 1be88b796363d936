using System.Globalization;
using Bridge.Realtime.Model;

namespace Bridge.Realtime.Turns;

/// <summary>
/// The configuration that one session was told, and whether it confirmed it. An update is in force once <c>session.updated</c> answers
/// it. The service answers updates in their order, and a refused update changes nothing.
/// </summary>
internal sealed class SessionConfiguration
{
    private const string IdStart = "configure";
    private readonly Queue<(string Id, SessionSettings Settings)> _asked = new();
    private SessionSettings? _inForce;
    private int _updates;

    /// <summary>Since when an update waits for its answer; null: none does.</summary>
    public TimeSpan? PendingSince { get; private set; }

    /// <summary>The session has confirmed all that it was told, and was told something.</summary>
    public bool IsConfirmed => _asked.Count == 0 && _inForce is not null;

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
    public void OnUpdated(TimeSpan now)
    {
        if (_asked.TryDequeue(out var asked))
        {
            _inForce = asked.Settings;
        }

        PendingSince = _asked.Count > 0 ? now : null;
    }

    /// <summary>The service refused a command. The settings that it refused; null when it was no update of ours.</summary>
    public SessionSettings? TakeRefused(TimeSpan now, ModelEvent.Error error)
    {
        // A service that does not return event_id names the field; it answers in order.
        var at = error.CommandId is { } command
            ? _asked.ToList().FindIndex(asked => asked.Id == command)
            : _asked.Count > 0 && (error.Param?.StartsWith("session.", StringComparison.Ordinal) == true
            || error.Code is "session_update_error" or "unsupported_turn_detection") ? 0 : -1;
        if (at < 0)
        {
            return null;
        }

        var all = _asked.ToList();
        _asked.Clear();
        foreach (var (asked, i) in all.Select((asked, i) => (asked, i)))
        {
            if (i != at)
            {
                _asked.Enqueue(asked);
            }
        }

        PendingSince = _asked.Count > 0 ? now : null;
        return all[at].Settings;
    }
}
