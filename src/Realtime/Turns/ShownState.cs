namespace Bridge.Realtime.Turns;

/// <summary>The state that the page shows, read off the parts.</summary>
internal static class ShownState
{
    public static CallState Of(TurnParts parts, PageRules page)
    {
        if (!page.IsConnected)
        {
            return page.WasConnected ? CallState.Reconnecting : CallState.Connecting;
        }

        if (parts.Playback.IsAudible)
        {
            return CallState.Speaking;
        }

        if (parts.Context.Session is null)
        {
            return parts.Sessions.WasAdopted ? CallState.Reconnecting : CallState.Connecting;
        }

        // Before the role's silence has passed, the person still has the word.
        var works = parts.Responses.IsAnswering || parts.Responses.Wanted != WantedResponse.None || parts.User.IsVerdictPending
            || parts.User.IsAnswerOwed || parts.Calls.AreRunning;
        return works && !parts.User.IsHeard && !parts.Held.IsPausing ? CallState.Thinking : CallState.Listening;
    }
}
