namespace Bridge.Rehearsal;

/// <summary>
/// The differences of another server from OpenAI's, as the rehearsal model plays it. docs/models.md names the sources.
/// </summary>
[Flags]
internal enum GuiseHabits
{
    None = 0,

    /// <summary>Names and shapes before general availability.</summary>
    Beta = 1 << 0,

    /// <summary>Every turn is answered, whatever <c>create_response</c> says.</summary>
    AnswersTurns = 1 << 1,

    /// <summary>Every speech start cancels, whatever <c>interrupt_response</c> says.</summary>
    Interrupts = 1 << 2,

    /// <summary>No <c>committed</c>, and no <c>item.added</c> but for the client's items.</summary>
    NoCommitted = 1 << 3,

    /// <summary>A second session is refused.</summary>
    OneSession = 1 << 4,

    /// <summary><c>response.create</c> stops what runs.</summary>
    Replaces = 1 << 5,

    /// <summary>Speech events name no item, and the user's item has an id of its own.</summary>
    UnnamedSpeech = 1 << 6,

    /// <summary>The code of an error stands in its type.</summary>
    CodeInType = 1 << 7,

    /// <summary>The caller is not transcribed.</summary>
    NoTranscripts = 1 << 8,

    /// <summary><c>semantic_vad</c> refuses the whole update.</summary>
    NoSemanticVad = 1 << 9,

    /// <summary><c>conversation: "none"</c> is refused.</summary>
    NoOutOfBand = 1 << 10,

    /// <summary>Speaches' own: no cancel, no truncate, no metadata, unknown fields ignored, a turn detection whole or not at all.</summary>
    Speaches = 1 << 11,

    /// <summary>No delete, no retrieve, no clear; truncate does nothing.</summary>
    NoDelete = 1 << 12,

    /// <summary>A failed response ends with an <c>error</c>, and no <c>response.done</c>.</summary>
    ErrorEnds = 1 << 13,

    /// <summary>A transcription model of OpenAI's refuses the whole update.</summary>
    OwnTranscription = 1 << 14,
}
