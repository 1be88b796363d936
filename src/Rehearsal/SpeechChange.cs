namespace Bridge.Rehearsal;

/// <summary>The outcome of one judged frame.</summary>
internal enum SpeechChange
{
    /// <summary>Nothing changed.</summary>
    None,

    /// <summary>No turn runs and none begins: audio before the padding can go.</summary>
    Silent,

    /// <summary>A turn began.</summary>
    Started,

    /// <summary>The turn ended.</summary>
    Stopped,
}
