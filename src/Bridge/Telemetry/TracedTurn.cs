using System.Diagnostics;

namespace Bridge.Telemetry;

/// <summary>One turn of a call: what the person said or did, and what the agent answered, until that was heard or cut off.</summary>
/// <param name="span">Its span.</param>
/// <param name="start">When it began, on the host's clock.</param>
internal sealed class TracedTurn(Activity span, TimeSpan start)
{
    // Items of the agent with audio; true: it is known how much of it was heard.
    private readonly Dictionary<string, bool> _items = new(StringComparer.Ordinal);
    private string? _sounding;
    private int _unsettled;
    private int _heard;
    private int _truncated;
    private bool _interrupted;

    public Activity Span => span;

    /// <summary>The person's items: what they said, by voice or keyboard.</summary>
    public List<string> Said { get; } = [];

    /// <summary>The agent's items with audio, in their order.</summary>
    public IEnumerable<string> Spoken => _items.Keys;

    /// <summary>Responses of it that the model works on.</summary>
    public int Active { get; set; }

    /// <summary>An answer to it was asked for.</summary>
    public bool IsAnswered { get; set; }

    /// <summary>No response is awaited, and of each item it is known how much was heard.</summary>
    public bool IsSettled => IsAnswered && Active == 0 && _unsettled == 0;

    /// <summary>Audio of an item came.</summary>
    public void Sounds(string item, TimeSpan now)
    {
        if (_sounding == item)
        {
            return;
        }

        if (_sounding is null)
        {
            span.SetTag(SpanNames.FirstAudio, Math.Round((now - start).TotalMilliseconds, 1));
        }

        _sounding = item;
        if (_items.TryAdd(item, false))
        {
            _unsettled++;
        }
    }

    /// <summary>Of an item it is known how much was heard. False when it is not of this turn.</summary>
    public bool Settle(string item, int heard, int generated, bool interrupted)
    {
        if (!_items.TryGetValue(item, out var settled))
        {
            return false;
        }

        if (!settled)
        {
            _items[item] = true;
            _unsettled--;
            _heard += heard;
            _truncated += generated - heard;
            _interrupted |= interrupted;
        }

        return true;
    }

    /// <summary>Writes what is known at its end.</summary>
    public void Sum() =>
        span.SetTag(SpanNames.Heard, _heard).SetTag(SpanNames.Truncated, _truncated).SetTag(SpanNames.Interrupted, _interrupted);
}
