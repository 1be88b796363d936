using Bridge.Realtime.Model;

namespace Bridge.Realtime.Live;

/// <summary>
/// The events of <c>/v1/live/sessions</c> that Realtime has not. Its audio is a <see cref="ModelEvent.AudioDelta"/> of no item, a
/// function call of the backend model a <see cref="ModelEvent.FunctionArgumentsDone"/>, and the backend's end a
/// <see cref="ModelEvent.ResponseDone"/>; their response is the delegation. Times are ms of the session's timeline, which the
/// microphone's audio moves.
/// </summary>
public abstract record LiveEvent : ModelEvent
{
    private LiveEvent() { }

    /// <summary><c>session.started</c>.</summary>
    /// <param name="SessionId">The service's id.</param>
    /// <param name="Lifetime">Time until the service ends it (two hours at OpenAI); null when unknown.</param>
    public sealed record SessionStarted(string SessionId, TimeSpan? Lifetime) : LiveEvent;

    /// <summary><c>session.input_transcript.delta</c>: words of the person, to be put behind those before.</summary>
    public sealed record InputHeard(string Delta, int StartMilliseconds, int EndMilliseconds) : LiveEvent;

    /// <summary><c>session.output_transcript.delta</c>: words of the agent.</summary>
    public sealed record OutputSpoken(string Delta, int StartMilliseconds, int EndMilliseconds) : LiveEvent;

    /// <summary><c>session.delegation.created</c>: the model hands work on. It does not say which.</summary>
    /// <param name="DelegationId">The delegation.</param>
    /// <param name="IsClients">To us; else to the backend model of the service.</param>
    public sealed record Delegated(string DelegationId, bool IsClients) : LiveEvent;

    /// <summary>The text model said something of its work ahead of the answer.</summary>
    /// <param name="Tag">Of the response that it was asked for.</param>
    /// <param name="Text">Not for the person.</param>
    public sealed record WorkProgressed(string Tag, string Text) : LiveEvent;

    /// <summary><c>session.KIND.appended</c>: an append has its place in the timeline; nothing is said of it yet.</summary>
    public sealed record Appended(LiveAppend Kind, int StartMilliseconds, int EndMilliseconds) : LiveEvent;

    /// <summary><c>session.usage.updated</c>.</summary>
    /// <param name="Seconds">All of the session so far, s.</param>
    /// <param name="ContextRatio">The share of its context that is used; null when it is not reported.</param>
    public sealed record UsageUpdated(double Seconds, double? ContextRatio) : LiveEvent;

    /// <summary><c>session.closed</c>: the service is done with it.</summary>
    /// <param name="Reason">close_requested, expired, content, remote_hangup or connection_lost.</param>
    /// <param name="Seconds">All of the session, s; null when it is not reported.</param>
    public sealed record SessionClosed(string Reason, double? Seconds) : LiveEvent;
}
