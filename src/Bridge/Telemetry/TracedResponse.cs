using System.Diagnostics;
using Bridge.Realtime.Model;
using Bridge.Trail;

namespace Bridge.Telemetry;

/// <summary>A response of the model, from its request to its end.</summary>
/// <param name="span">Its span.</param>
/// <param name="turn">The turn that it answers; null for one that nobody hears.</param>
/// <param name="session">The session that it was asked of.</param>
/// <param name="tag">The tag it was asked for under; null for one that the model began on its own.</param>
/// <param name="asked">When, on the host's clock.</param>
internal sealed class TracedResponse(Activity span, TracedTurn? turn, int session, string? tag, TimeSpan asked)
{
    private bool _began;

    public Activity Span => span;

    public TracedTurn? Turn => turn;

    public int Session => session;

    public string? Tag => tag;

    /// <summary>The model's id; null before it has begun.</summary>
    public string? Id { get; private set; }

    /// <summary>The model has begun.</summary>
    public void Created(string id)
    {
        Id = id;
        span.SetTag(SpanNames.ResponseId, CallTrail.Word(id));
    }

    /// <summary>A piece of it came.</summary>
    public void Came(TimeSpan now, bool sound)
    {
        if (!_began)
        {
            _began = true;
            span.SetTag(SpanNames.FirstChunk, Math.Round((now - asked).TotalSeconds, 4))
                .SetTag(SpanNames.OutputType, sound ? "speech" : "text");
        }
    }

    /// <summary>It is over.</summary>
    public void Done(ModelEvent.ResponseDone done)
    {
        span.SetTag(SpanNames.FinishReasons, new[] { CallTrail.Word(done.Reason ?? done.Status) });
        span.SetTag(SpanNames.InputTokens, done.Usage.Input).SetTag(SpanNames.OutputTokens, done.Usage.Output);
        var cached = done.Usage.CachedText + done.Usage.CachedAudio + done.Usage.CachedImage;
        if (cached > 0)
        {
            span.SetTag(SpanNames.CachedTokens, cached);
        }

        if (done.Status == "failed")
        {
            Fail(CallTrail.Word(done.Reason ?? done.Status));
        }
    }

    /// <summary>It came to nothing.</summary>
    public void Fail(string type) => SpanMaker.Fail(span, type);
}
