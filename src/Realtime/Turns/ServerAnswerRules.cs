using Bridge.Realtime.Model;

namespace Bridge.Realtime.Turns;

/// <summary>Turns of the person, and their words, as a server takes them that answers by itself.</summary>
internal sealed class ServerAnswerRules(TurnParts parts)
{
    /// <summary>A turn was committed: a server that answers by itself is about to.</summary>
    public void OnCommitted(string itemId)
    {
        if (parts.Context.Has(ServerHabits.AnswersTurns))
        {
            if (parts.Responses.IsWithheldInVain)
            {
                // The person went on speaking: what the server begins next answers all of it.
                parts.Responses.TryDropWithheld();
            }

            parts.Context.Session!.Answers.OnCommitted(itemId);
        }
    }

    /// <summary>A transcript: a turn in which no word was heard is not answered by a server that answers by itself.</summary>
    public void OnTranscript(ModelEvent what)
    {
        var wordless = what switch
        {
            ModelEvent.InputTranscriptFailed(var id, _, _) => id,
            ModelEvent.InputTranscriptCompleted(var id, _, var words, _) when string.IsNullOrWhiteSpace(words) => id,
            _ => null,
        };

        // The transcript of a turn before says nothing about the last one.
        if (wordless is not null && parts.Context.Session is { } session && session.Answers.IsTo(wordless))
        {
            session.Answers.OnTakenBack();
            if (parts.Conversation.IsTypedUnanswered && parts.Responses.TryAskWithheld())
            {
                // The answer to what was typed was to come with the answer to the sound.
                return;
            }

            if (parts.Responses.TryDropWithheld())
            {
                parts.User.OnTurnAnswered();
            }
        }
    }
}
