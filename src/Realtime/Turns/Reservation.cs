using Bridge.Realtime.Model;

namespace Bridge.Realtime.Turns;

/// <summary>
/// The money for the next response: asked of the host, granted, and taken along with the response. A reservation that is not used is
/// given back.
/// </summary>
internal sealed class Reservation(TurnContext context)
{
    private string? _tag;
    private ResponseBound _bound;
    private int? _granted;

    /// <summary>The host has been asked and has not answered.</summary>
    public bool IsAwaited => _tag is not null && _granted is null;

    /// <summary>Asks, unless what was granted is enough. True when it is.</summary>
    /// <param name="bound">The most that the response can use.</param>
    /// <param name="kind">Begins its tag.</param>
    /// <param name="isGoodbye">It says the goodbye of a call whose budget is used up.</param>
    public bool TryHold(ResponseBound bound, string kind, bool isGoodbye = false)
    {
        if (_granted is not null && _bound.Covers(bound))
        {
            return true;
        }

        if (!IsAwaited)
        {
            Release();
            (_tag, _bound) = (context.NextTag(kind), bound);
            context.Emit(new TurnCommand.ReserveBudget(_tag, bound, isGoodbye));
        }

        return false;
    }

    /// <summary>The host has reserved it; false when it was not for this one.</summary>
    public bool TryGrant(string tag, int maxOutputTokens)
    {
        if (tag != _tag)
        {
            return false;
        }

        _granted = maxOutputTokens;
        return true;
    }

    /// <summary>The host has not got it; false when that was not for this one.</summary>
    public bool TryRefuse(string tag)
    {
        if (tag != _tag)
        {
            return false;
        }

        _tag = null;
        return true;
    }

    /// <summary>The response is asked for: its tag, and the tokens it may put out.</summary>
    public (string Tag, int MaxOutputTokens) Take()
    {
        var taken = (_tag!, _granted!.Value);
        (_tag, _granted) = (null, null);
        return taken;
    }

    /// <summary>The response can't be asked for now: gives back what was granted.</summary>
    public void GiveBack()
    {
        if (_tag is not null && _granted is not null)
        {
            context.Emit(new TurnCommand.SettleBudget(_tag, default(ModelUsage)));
            (_tag, _granted) = (null, null);
        }
    }

    /// <summary>Nothing is to be asked for: gives back what was granted, now or when it is.</summary>
    public void Release()
    {
        GiveBack();
        _tag = null;
    }
}
