namespace Bridge.Realtime.Model;

/// <summary>
/// How a server deviates from the protocol of OpenAI. The first group changes how turns are taken; the rest is made good between the
/// wire and <see cref="IModelSession"/>. docs/models.md says which server has which, and how that is known.
/// </summary>
[Flags]
public enum ServerHabits
{
    /// <summary>None: it is as OpenAI's.</summary>
    None = 0,

    /// <summary>Each committed turn brings a response that nobody asked for, and it can't be switched off.</summary>
    AnswersTurns = 1 << 0,

    /// <summary>It takes one session at a time: the old one is closed before the next is opened.</summary>
    OneSession = 1 << 1,

    /// <summary>It knows no <c>conversation: "none"</c>.</summary>
    NoOutOfBand = 1 << 2,

    /// <summary><c>conversation.item.truncate</c> is refused, or empties the item: a shortened copy takes the item's place.</summary>
    NoTruncate = 1 << 3,

    /// <summary>It does not transcribe the caller.</summary>
    NoTranscripts = 1 << 4,

    /// <summary>It may leave <c>session.update</c> without an answer; its last configuration then counts as in force.</summary>
    MayNotConfirm = 1 << 5,

    /// <summary>It is written to in the shape before general availability.</summary>
    BetaShape = 1 << 8,

    /// <summary>It takes a <c>turn_detection</c> with all its fields only, and no audio formats.</summary>
    FullTurnDetection = 1 << 9,

    /// <summary>It sends no <c>input_audio_buffer.committed</c>: the end of the speech commits it.</summary>
    NoCommitted = 1 << 10,

    /// <summary>After an <c>error</c> in a response no <c>response.done</c> comes.</summary>
    ErrorEndsResponse = 1 << 11,

    /// <summary>It has no <c>response.cancel</c>; the next <c>response.create</c> stops what runs.</summary>
    NoCancel = 1 << 12,

    /// <summary><c>speech_started</c> names no item, and the user's item gets another id than the commit.</summary>
    UnnamedSpeech = 1 << 13,

    /// <summary>It has no <c>conversation.item.delete</c> and no <c>input_audio_buffer.clear</c>.</summary>
    NoDelete = 1 << 14,

    /// <summary>It refuses <c>metadata</c>.</summary>
    NoMetadata = 1 << 15,

    /// <summary>It transcribes with a model of its own: a name of OpenAI's is not sent.</summary>
    OwnTranscription = 1 << 16,

    /// <summary>It refuses <c>semantic_vad</c>.</summary>
    LevelDetectionOnly = 1 << 17,
}
