namespace Bridge.Realtime.Turns;

/// <summary>The greetings of a call whose agent speaks first. Part of <see cref="Responses"/>.</summary>
/// <param name="context">The machine's.</param>
/// <param name="greeted">The conversation has begun already: no greeting.</param>
internal sealed class Greetings(TurnContext context, bool greeted)
{
    // In a room that cuts off each greeting somebody will have to begin.
    private const int MaxCount = 3;
    private bool _greeted = greeted;
    private int _count;

    /// <summary>The first one, once nothing blocks it; None when there is none, or it was wanted before.</summary>
    public WantedResponse First()
    {
        var isFirst = !_greeted && context.Options.SpeaksFirst;
        _greeted = true;
        return isFirst ? WantedResponse.Greeting : WantedResponse.None;
    }

    /// <summary>The conversation has begun elsewhere.</summary>
    public void Skip() => _greeted = true;

    /// <summary>A response was requested.</summary>
    public void Count(WantedResponse cause) => _count += cause == WantedResponse.Greeting ? 1 : 0;

    /// <summary>Another greeting after one that was not heard; None after too many.</summary>
    public WantedResponse Again() => _count < MaxCount ? WantedResponse.Greeting : WantedResponse.None;
}
