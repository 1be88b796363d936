using Bridge.Realtime.Model;

namespace Bridge.Realtime.Turns;

/// <summary>The settings that a response is asked for with, by its cause and the words that it is to say.</summary>
internal sealed class ResponseLines(TurnContext context, WrittenAnswers written)
{
    /// <summary>Words of the role that are to be said.</summary>
    public string Words { get; set; } = "";

    /// <summary>The line in place of a blocked response.</summary>
    public string Replacement { get; set; } = "";

    /// <summary>The most that a response can use.</summary>
    /// <param name="cause">Why it is wanted.</param>
    /// <param name="speech">Length of the speech that goes on, which may be an item before we know of it.</param>
    /// <param name="mayCallTools">It may call functions.</param>
    public ResponseBound Bound(WantedResponse cause, TimeSpan speech, bool mayCallTools)
    {
        if (cause == WantedResponse.Words)
        {
            return ResponseBound.OfWords(Words);
        }

        var session = context.Options.Session;
        var own = ContextSize.TextTokens(SettingsFor(cause, "", mayCallTools).Instructions);
        var more = new ModelUsage(own, ContextSize.AudioTokens(speech), 0, 0, 0, 0, 0, 0);
        return ResponseBound.Of(context.Session!.Size.Largest + more, session.MaxOutputTokens, session.TextOnly);
    }

    /// <summary>The settings of a response.</summary>
    /// <param name="cause">Why it is wanted.</param>
    /// <param name="tag">Comes back in its events.</param>
    /// <param name="mayCallTools">It may call functions.</param>
    public ResponseSettings SettingsFor(WantedResponse cause, string tag, bool mayCallTools)
    {
        var settings = new ResponseSettings { Tag = tag, AllowTools = mayCallTools };
        var line = cause == WantedResponse.Words ? Words : cause == WantedResponse.Aloud ? written.Text : Replacement;
        return ResponseWording.Of(cause, settings, context.Options.Session.Instructions, line);
    }
}
