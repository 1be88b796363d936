namespace Bridge.Realtime.Live;

/// <summary>The ways to tell a full-duplex model something: the middle word of <c>session.KIND.append</c>.</summary>
public enum LiveAppend
{
    /// <summary><c>session.instructions.append</c>: kept through compaction, and sent to the backend model, too.</summary>
    Instructions,

    /// <summary><c>session.thinking.append</c>: context that is not spoken.</summary>
    Thinking,

    /// <summary><c>session.commentary.append</c>: to be spoken; the wording is the model's.</summary>
    Commentary,
}
