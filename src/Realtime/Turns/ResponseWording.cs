using Bridge.Realtime.Model;

namespace Bridge.Realtime.Turns;

/// <summary>The instructions of a response beside the session's, by why it is wanted.</summary>
internal static class ResponseWording
{
    private const string Idle = "The person has been silent for a while. Ask briefly whether they are still there.";
    private const string GoOn =
        "A technical fault cut off your last sentence. Go on from exactly where it stopped, without repeating it and without mentioning the fault.";

    private const string Aloud = "Your last answer was written, and nobody could hear it. Say it aloud now, word for word, and nothing else:\n\n";

    /// <summary>The settings of a response.</summary>
    /// <param name="cause">Why it is wanted.</param>
    /// <param name="settings">The settings of all responses.</param>
    /// <param name="own">The session's instructions.</param>
    /// <param name="line">The words to say, when they are given.</param>
    public static ResponseSettings Of(WantedResponse cause, ResponseSettings settings, string? own, string line) => cause switch
    {
        WantedResponse.Idle => settings with { Instructions = Beside(own, Idle), AllowTools = false },
        WantedResponse.Progress => settings with { AllowTools = false },
        WantedResponse.Replacement => settings with { Instructions = Beside(own, "Your last answer was withheld. " + ToSay(line)), AllowTools = false },

        // It reads nothing of the conversation, and costs no more than its words.
        WantedResponse.Words => settings with
        {
            Instructions = ToSay(line),
            Input = [],
            AllowTools = false,
            MaxOutputTokens = ResponseBound.OfWords(line).MostOutput,
        },
        WantedResponse.Aloud => settings with { Instructions = Beside(own, Aloud + line), AllowTools = false, AudioOnly = true },
        WantedResponse.Continuation => settings with { Instructions = Beside(own, GoOn) },
        _ => settings,
    };

    /// <summary>Instructions of a response that says a sentence and nothing else.</summary>
    public static string ToSay(string line) => $"Say exactly this sentence and nothing else: \"{line}\"";

    // Instructions of a response replace the session's, so these are repeated.
    private static string Beside(string? own, string extra) => own is { Length: > 0 } ? own + "\n\n" + extra : extra;
}
