using System.Diagnostics;
using Bridge.Configuration;
using Bridge.Records;
using Bridge.Timing;
using Microsoft.Extensions.Options;

namespace Bridge.Telemetry;

/// <summary>
/// The source of spans of a host. Nobody listens unless an exporter, of the host or of the application around it, was set up for the
/// source <c>Bridge</c>; then a call has no trace, and observing it costs nothing.
/// </summary>
internal sealed class CallSpans(HostClock clock, IOptions<BridgeOptions> options, ILogger<CallSpans> logger) : IDisposable
{
    /// <summary>Name of the source; docs/operation.md.</summary>
    public const string SourceName = "Bridge";

    private readonly ActivitySource _source = new(SourceName);

    /// <summary>The trace of a call that begins now; null when nobody listens, or the call is not sampled.</summary>
    /// <param name="id">Names the call.</param>
    /// <param name="role">Slug of its role.</param>
    /// <param name="model">Which model answers: provider and name.</param>
    /// <param name="recovered">It was begun by a host that crashed.</param>
    /// <param name="records">The rules of its role of what is at the moment; content goes no further than the transcript.</param>
    public CallTrace? Begin(string id, string role, (string Provider, string Name) model, bool recovered, Func<RoleRecords> records)
    {
        if (!_source.HasListeners())
        {
            return null;
        }

        // A call outlives the request that joined it: it is a trace of its own, and links there.
        var joining = Activity.Current;
        Activity.Current = null;
        var root = _source.CreateActivity(
            $"{SpanNames.InvokeAgent} {role}", ActivityKind.Internal, default(ActivityContext), Tags(id, role, model),
            joining is null ? null : [new ActivityLink(joining.Context)]);
        root?.SetStartTime(clock.UtcNow.UtcDateTime).Start();
        Activity.Current = joining;
        if (root is not { IsAllDataRequested: true })
        {
            return null;
        }

        if (recovered)
        {
            root.SetTag(SpanNames.Recovered, true);
        }

        return new CallTrace(_source, root, clock, logger, id, model, records, MayTell);
    }

    public void Dispose() => _source.Dispose();

    // The strictest of host, role and switch holds.
    private bool MayTell(RoleRecords records) =>
        options.Value.Telemetry.Content && RecordPolicy.Of(records, options.Value.Records).Transcript == TranscriptPolicy.Yes;

    private static KeyValuePair<string, object?>[] Tags(string id, string role, (string Provider, string Name) model) =>
    [
        new(SpanNames.Operation, SpanNames.InvokeAgent), new(SpanNames.Agent, role), new(SpanNames.Conversation, id),
        new(SpanNames.Provider, model.Provider), new(SpanNames.RequestModel, model.Name), new(SpanNames.OutputType, "speech"),
    ];
}
