using System.Text.Json;

namespace Bridge.Rehearsal;

/// <summary>The session's configuration: shows it and takes <c>session.update</c>.</summary>
internal sealed class SessionUpdates(string id, string model, ServerEvents events)
{
    private int _refused;

    /// <summary>The configuration in force.</summary>
    public SessionConfig Config { get; private set; } = new() { Model = model };

    /// <summary>Takes <c>session.update</c>; on an error the configuration stays.</summary>
    /// <param name="session">The event's session object.</param>
    /// <param name="spoke">True once the model has put out audio.</param>
    /// <param name="responding">True while a response is in progress.</param>
    public ServiceError? Update(JsonElement session, bool spoke, bool responding)
    {
        if (events.Faults.RefuseUpdates < 0 || _refused < events.Faults.RefuseUpdates)
        {
            _refused++;
            return ServiceError.Asked(events.Faults.RefuseCode, events.Faults.RefuseParam);
        }

        if (Config.Merge(session, spoke, responding, out var updated) is { } error)
        {
            return error;
        }

        Config = updated;
        return null;
    }

    /// <summary>New faults refuse their updates from the first on.</summary>
    public void ForgetRefusals() => _refused = 0;

    /// <summary>Puts out the configuration in an event of this type.</summary>
    public void Write(ReadOnlySpan<byte> type, long expiresAt)
    {
        var json = events.Begin(type);
        json.WritePropertyName("session"u8);
        Config.Write(json, id, expiresAt);
        events.End();
    }
}
