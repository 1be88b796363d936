namespace Bridge.Realtime.Turns;

/// <summary>The machine's decision about the person's voice.</summary>
[Flags]
internal enum SpeechDecision
{
    None = 0,

    /// <summary>The agent falls silent until the verdict.</summary>
    Silence = 1,

    /// <summary>It is an interruption.</summary>
    Interrupt = 2,

    /// <summary>It was none: the agent goes on.</summary>
    Resume = 4,

    /// <summary>Speech over the agent is dropped.</summary>
    Drop = 16,

    /// <summary>The person's turn is over and interrupted nothing: it is to be answered.</summary>
    Answer = 8,
}
