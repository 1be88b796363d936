namespace Bridge.Roles.Settings;

/// <summary>The <c>turn:</c> part of a role: when the caller's turn ends and what interrupts the agent.</summary>
public sealed record TurnSettings
{
    /// <summary>The judge of a turn's end.</summary>
    public TurnMode Mode { get; init; } = TurnMode.ServerVad;

    /// <summary>Loudness that counts as speech, 0..1; server_vad only.</summary>
    public double Threshold { get; init; } = 0.5;

    /// <summary>Audio kept from before speech was detected; server_vad only.</summary>
    public TimeSpan PrefixPadding { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>Silence that ends the turn; server_vad only.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// The answer is asked for after <see cref="PreemptiveSilence"/> and held until <see cref="Silence"/> has passed; server_vad only.
    /// </summary>
    public bool Preemptive { get; init; }

    /// <summary>Silence after which a preemptive answer is asked for.</summary>
    public static TimeSpan PreemptiveSilence { get; } = TimeSpan.FromMilliseconds(200);

    /// <summary>low, medium, high or auto; semantic_vad only.</summary>
    public string Eagerness { get; init; } = "auto";

    /// <summary>Silence of the caller after which the agent speaks again, 5..30 s; null for never; server_vad only.</summary>
    public TimeSpan? IdleTimeout { get; init; }

    /// <summary>Sounds of a listener, in the transcript's spelling: speech of nothing else does not interrupt the agent.</summary>
    public IReadOnlyList<string> ListeningSounds { get; init; } = Settings.ListeningSounds.Default;

    /// <summary>The sign for an answer that takes long.</summary>
    public WaitingSign Waiting { get; init; } = WaitingSign.None;

    /// <summary>The line of <see cref="WaitingSign.Words"/>.</summary>
    public string WaitingWords { get; init; } = "";

    /// <summary>How easily the caller interrupts while the agent speaks.</summary>
    public InterruptSensitivity WhileSpeaking { get; init; } = InterruptSensitivity.Normal;

    /// <summary>How easily the caller interrupts while the agent thinks or runs tools.</summary>
    public InterruptSensitivity WhileThinking { get; init; } = InterruptSensitivity.Normal;
}
