using Bridge.Realtime.Model;

namespace Bridge.Realtime.Turns;

/// <summary>
/// Tells a response of which nothing was understood from one that says nothing. A server with other names for its audio would
/// otherwise leave a mute agent and an empty log.
/// </summary>
internal static class UnreadResponse
{
    // Parts that carry nothing to hear, and thoughts.
    private static readonly string[] Known =
    [
        "response.content_part.", "response.function_call_arguments.", "response.reasoning", "response.mcp_call",
        "response.output_text.annotation",
    ];

    /// <summary>An event of the response was not understood.</summary>
    public static void OnUnknown(ResponseFlight flight, string name)
    {
        if (!Array.Exists(Known, known => name.StartsWith(known, StringComparison.Ordinal)))
        {
            flight.FirstUnknown ??= name;
        }
    }

    /// <summary>Name of the first event that was not understood; null: something was read, or there was nothing to read.</summary>
    /// <param name="flight">The response.</param>
    /// <param name="done">Its end.</param>
    public static string? Find(ResponseFlight flight, ModelEvent.ResponseDone done)
    {
        var read = flight.Cancelled || flight.Spoke || flight.Written.Count > 0 || flight.Round.Runs.Count > 0
            || done.Output.Any(item => item.Kind == ModelItemKind.FunctionCall);
        return read ? null
            : flight.FirstUnknown ?? (done.Output.Any(item => item.Kind == ModelItemKind.AgentMessage && item.Text.Length > 0)
                ? "none" : null);
    }
}
