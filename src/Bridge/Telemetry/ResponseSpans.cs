using System.Diagnostics;
using Bridge.Realtime.Model;
using Bridge.Trail;

namespace Bridge.Telemetry;

/// <summary>The spans of a call's responses: asked for under a tag, begun under an id, over by <c>response.done</c>.</summary>
internal sealed class ResponseSpans(SpanMaker spans)
{
    // The machine has one response of the conversation at a time, and few beside it.
    private const int MaxOpen = 16;

    private const string Recap = "recap";

    private readonly List<TracedResponse> _open = [];

    /// <summary>The purpose of a response: <c>turn</c>, or the word that its tag begins with.</summary>
    public static string PurposeOf(ModelCommand.CreateResponse create) => create.Settings switch
    {
        { Tag: { } tag } when tag.StartsWith(ResponseSettings.SummaryTag, StringComparison.Ordinal) => ResponseSettings.SummaryTag,
        { Tag: { } tag } when tag.StartsWith(ResponseSettings.OutcomeTag, StringComparison.Ordinal) => ResponseSettings.OutcomeTag,
        { Tag: { } tag } when tag.StartsWith(Recap, StringComparison.Ordinal) => Recap,
        { OutOfBand: true } => Recap,
        _ => "turn",
    };

    /// <summary>A response is asked for.</summary>
    public void Ask(
        TimeSpan now, int session, ModelCommand.CreateResponse create, TracedTurn? turn, string purpose, ActivityContext opened) =>
        Add(now, session, create.Settings?.Tag ?? create.Id, turn, purpose, opened);

    /// <summary>The model said something; an item of a turn whose audio came, else null.</summary>
    /// <param name="now">The host's clock.</param>
    /// <param name="session">Its session.</param>
    /// <param name="said">The event.</param>
    /// <param name="turn">The turn of a response that nobody asked for.</param>
    public (TracedTurn Turn, string Id)? Look(TimeSpan now, int session, ModelEvent said, Func<TracedTurn> turn)
    {
        switch (said)
        {
            case ModelEvent.ResponseCreated created:
                (Asked(session, created.Tag) ?? Add(now, session, null, turn(), "turn", default)).Created(created.ResponseId);
                break;
            case ModelEvent.AudioDelta delta when Find(delta.ResponseId) is { } sounding:
                sounding.Came(now, sound: true);
                return sounding.Turn is { } heard ? (heard, delta.ItemId) : null;
            case ModelEvent.TextDelta delta:
                Find(delta.ResponseId)?.Came(now, sound: false);
                break;
            case ModelEvent.ResponseDone done when Find(done.ResponseId) is { } over:
                over.Done(done);
                End(over);
                break;
            case ModelEvent.Error { CommandId: { } command } error when Asked(session, command) is { } refused:
                refused.Fail(CallTrail.Word(error.Code ?? error.Type));
                End(refused);
                break;
        }

        return null;
    }

    /// <summary>Responses will not come to their end.</summary>
    public void Lost(Predicate<TracedResponse> which, string why)
    {
        for (var i = _open.Count - 1; i >= 0; i--)
        {
            if (which(_open[i]))
            {
                _open[i].Fail(why);
                End(_open[i]);
            }
        }
    }

    // Asked for under a tag and not begun; of a server that does not return tags, the oldest.
    private TracedResponse? Asked(int session, string? tag) =>
        _open.Find(response => response.Session == session && response.Id is null && (tag is null || response.Tag == tag));

    private TracedResponse? Find(string id)
    {
        foreach (var response in _open)
        {
            if (response.Id == id)
            {
                return response;
            }
        }

        return null;
    }

    private TracedResponse Add(TimeSpan now, int session, string? tag, TracedTurn? turn, string purpose, ActivityContext opened)
    {
        if (_open.Count == MaxOpen)
        {
            _open[0].Fail("forgotten");
            End(_open[0]);
        }

        var span = spans.Start($"{SpanNames.Chat} {spans.Model.Name}", ActivityKind.Client, turn?.Span ?? spans.Root, opened, "session");
        span.SetTag(SpanNames.Operation, SpanNames.Chat).SetTag(SpanNames.Provider, spans.Model.Provider)
            .SetTag(SpanNames.RequestModel, spans.Model.Name).SetTag(SpanNames.Session, session).SetTag(SpanNames.Purpose, purpose);
        var response = new TracedResponse(span, turn, session, tag, now);
        _open.Add(response);
        if (turn is not null)
        {
            turn.Active++;
            turn.IsAnswered = true;
        }

        return response;
    }

    private void End(TracedResponse response)
    {
        _open.Remove(response);
        if (response.Turn is { } turn)
        {
            turn.Active--;
        }

        spans.End(response.Span);
    }
}
