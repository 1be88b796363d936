using Bridge.Realtime.Model;
using Bridge.Realtime.Turns;

namespace Bridge.Realtime.Live;

/// <summary>
/// The billed seconds of the session in use. The service's count is of the whole session: what is new of it is booked.
/// A second that it has not reported when the session ends is counted by the clock, in whole seconds.
/// </summary>
internal sealed class LiveMeter(TurnContext context, ConversationWriter conversation)
{
    // A service that counts more than the clock has is not accepted beyond this.
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(30);
    private TimeSpan? _since;
    private double _booked;

    /// <summary>A session has begun, and with it its bill.</summary>
    public void Begin()
    {
        End(null);
        (_since, _booked) = (context.Now, 0);
    }

    /// <summary>The service's count.</summary>
    public void OnUsage(double seconds)
    {
        if (_since is { } since && seconds > _booked)
        {
            Book(Math.Min(seconds, (context.Now - since + Slack).TotalSeconds));
        }
    }

    /// <summary>The session is over.</summary>
    /// <param name="seconds">The service's last count; null: it did not tell.</param>
    public void End(double? seconds)
    {
        if (_since is { } since)
        {
            Book(seconds is { } told ? Math.Min(told, (context.Now - since + Slack).TotalSeconds)
                : Math.Floor((context.Now - since).TotalSeconds));
            _since = null;
        }
    }

    private void Book(double seconds)
    {
        if (seconds > _booked)
        {
            conversation.RecordUsage(default(ModelUsage) with { SessionSeconds = seconds - _booked }, "session");
            _booked = seconds;
        }
    }
}
