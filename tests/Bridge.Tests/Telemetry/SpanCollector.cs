using System.Diagnostics;
using System.Globalization;
using Bridge.Telemetry;

namespace Bridge.Tests.Telemetry;

/// <summary>Keeps the spans of one call, as an exporter would get them.</summary>
internal sealed class SpanCollector : IDisposable
{
    private readonly List<Activity> _ended = [];
    private readonly string _call;
    private readonly ActivityListener _listener;

    public SpanCollector(string call)
    {
        _call = call;
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == CallSpans.SourceName,
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                lock (_ended)
                {
                    _ended.Add(span);
                }
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>The spans of the call in the order in which they began, its own first.</summary>
    public IReadOnlyList<Activity> Spans
    {
        get
        {
            lock (_ended)
            {
                var root = _ended.Find(span => (string?)span.GetTagItem(SpanNames.Conversation) == _call);
                return root is null ? []
                    : [.. _ended.Where(s => s.TraceId == root.TraceId).OrderBy(s => s == root ? 0 : 1).ThenBy(s => s.StartTimeUtc)];
            }
        }
    }

    /// <summary>Every value of the spans, as text.</summary>
    public IEnumerable<string> Values => Spans.SelectMany(span => span.TagObjects
        .Concat(span.Events.SelectMany(e => e.Tags)).Concat(span.Links.SelectMany(l => l.Tags ?? []))
        .Select(tag => tag.Value is IEnumerable<string> words
            ? string.Join(' ', words) : Convert.ToString(tag.Value, CultureInfo.InvariantCulture) ?? "")
        .Append(span.DisplayName).Append(span.StatusDescription ?? ""));

    /// <summary>The tree as lines: names, with what tells them apart, indented by their depth.</summary>
    public string Tree
    {
        get
        {
            var spans = Spans;
            return string.Join('\n', Below(null, 0));

            IEnumerable<string> Below(Activity? parent, int depth) =>
                spans.Where(s => parent is null ? s == spans[0] : s.ParentSpanId == parent.SpanId && s != spans[0])
                    .SelectMany(s => Below(s, depth + 1).Prepend($"{new string(' ', 2 * depth)}{s.DisplayName}{More(s)}"));
        }
    }

    public void Dispose() => _listener.Dispose();

    private static string More(Activity span)
    {
        string?[] words =
        [
            span.GetTagItem(SpanNames.TurnKind) as string,
            span.GetTagItem(SpanNames.Purpose) as string is { } purpose and not "turn" ? purpose : null,
            span.GetTagItem(SpanNames.SessionReason) as string,
            span.GetTagItem(SpanNames.Interrupted) is true ? "interrupted" : null,
            span.GetTagItem(SpanNames.ErrorType) as string,
        ];
        return string.Concat(words.Where(w => w is not null).Select(w => " " + w));
    }
}
