using System.Diagnostics;
using Bridge.Timing;

namespace Bridge.Telemetry;

/// <summary>
/// Starts and ends the spans of one call on the host's clock. The current span of the thread stays what it is.
/// </summary>
/// <param name="source">Of the spans.</param>
/// <param name="root">The span of the call.</param>
/// <param name="clock">The host's.</param>
/// <param name="model">Provider and name of the model.</param>
internal sealed class SpanMaker(ActivitySource source, Activity root, HostClock clock, (string Provider, string Name) model)
{
    private const ActivityTraceFlags Recorded = ActivityTraceFlags.Recorded;

    /// <summary>The span of the call.</summary>
    public Activity Root => root;

    /// <summary>Which model answers.</summary>
    public (string Provider, string Name) Model => model;

    /// <summary>The host's clock.</summary>
    public TimeSpan Now => clock.Elapsed;

    /// <summary>The date.</summary>
    public DateTimeOffset Utc => clock.UtcNow;

    /// <summary>Starts a span.</summary>
    /// <param name="name">Without content.</param>
    /// <param name="kind">Client for what another service does.</param>
    /// <param name="parent">The span that it is part of.</param>
    /// <param name="linked">Another span that it has to do with; the default for none.</param>
    /// <param name="link">The relation to it.</param>
    public Activity Start(string name, ActivityKind kind, Activity parent, ActivityContext linked = default, string link = "")
    {
        var current = Activity.Current;
        ActivityLink[]? links = linked == default
            ? null : [new ActivityLink(linked, new ActivityTagsCollection([new(SpanNames.Link, link)]))];

        // A listener that takes the call and not its parts is told nothing of them; they are measured all the same.
        var span = source.CreateActivity(name, kind, parent.Context, tags: null, links) ?? Unheard(name, parent);
        span.SetStartTime(Utc.UtcDateTime).Start();
        Activity.Current = current;
        return span;
    }

    /// <summary>Ends a span.</summary>
    public void End(Activity span)
    {
        var current = Activity.Current;
        span.SetEndTime(Utc.UtcDateTime).Stop();
        Activity.Current = current == span ? null : current;
    }

    /// <summary>The context that work of a call runs in: its span is the current one, and its id is in the scope of log lines.</summary>
    public static ExecutionContext? ContextOf(Activity root, ILogger logger, string callId)
    {
        var before = Activity.Current;
        Activity.Current = root;
        using var scope = logger.BeginScope(new KeyValuePair<string, object?>[] { new("CallId", callId) });
        var context = ExecutionContext.Capture();
        Activity.Current = before;
        return context;
    }

    /// <summary>The span ends with an error.</summary>
    public static void Fail(Activity span, string type) => span.SetTag(SpanNames.ErrorType, type).SetStatus(ActivityStatusCode.Error);

    private static Activity Unheard(string name, Activity parent) =>
        new Activity(name).SetParentId(parent.TraceId, parent.SpanId, parent.ActivityTraceFlags & ~Recorded);
}
