namespace Bridge.Realtime.Live;

/// <summary>The agent's speech from its first sound to the silence after it. Times are ms of its session's timeline.</summary>
/// <param name="id">Our id of its item.</param>
/// <param name="startMs">Its first sound.</param>
internal sealed class Utterance(string id, int startMs)
{
    public string Id { get; } = id;

    public int StartMs { get; } = startMs;

    /// <summary>Where its last sound ended.</summary>
    public int EndMs { get; set; } = startMs;

    /// <summary>The person spoke when it ended, or a moment after.</summary>
    public bool PersonSpoke { get; set; }

    /// <summary>It is known whether it was cut off.</summary>
    public bool IsJudged { get; set; }

    /// <summary>Where its last words ended.</summary>
    public int LastWordMs { get; set; } = startMs;

    /// <summary>Its words so far.</summary>
    public System.Text.StringBuilder Text { get; } = new();

    /// <summary>Its words end a sentence: it was said to its end.</summary>
    public bool EndsSentence => LiveText.EndsSentence(Text);
}
