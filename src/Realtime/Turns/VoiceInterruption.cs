namespace Bridge.Realtime.Turns;

/// <summary>How readily the caller's voice stops the agent. Recognised words always do.</summary>
public sealed record VoiceInterruption
{
    /// <summary>Speech that lasts this long interrupts, whatever its words; shorter speech without words does not.</summary>
    public TimeSpan SpeechLength { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// True: the agent falls silent as soon as the service hears speech, and goes on if that was a cough. False: it speaks on
    /// until the interruption is certain.
    /// </summary>
    public bool SilencesAtOnce { get; init; } = true;

    /// <summary>True: speech that begins over the agent neither stops it nor is answered: its item is deleted.</summary>
    public bool IsDropped { get; init; }

    /// <summary>True: speech that the page's own detection hears counts already, before the service confirms it.</summary>
    public bool OnPageSpeech { get; init; }
}
