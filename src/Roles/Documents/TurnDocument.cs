using System.ComponentModel;

namespace Bridge.Roles.Documents;

/// <summary><c>turn:</c> of role.yaml.</summary>
internal sealed class TurnDocument
{
    [Description("Who decides that the caller's turn is over: loudness and silence, meaning, or the caller's push to talk.")]
    public string? Mode { get; set; }

    [Description("server_vad: loudness that counts as speech.")]
    public double? Threshold { get; set; }

    [Description("server_vad: milliseconds of sound kept from before speech was detected.")]
    public int? PrefixPaddingMs { get; set; }

    [Description("server_vad: milliseconds of silence that end the turn.")]
    public int? SilenceMs { get; set; }

    [Description("server_vad: the answer is asked for after 200 ms of silence, and heard after silence_ms.")]
    public bool? Preemptive { get; set; }

    [Description("semantic_vad: how soon the agent answers.")]
    public string? Eagerness { get; set; }

    [Description("server_vad: milliseconds of silence after which the agent speaks again.")]
    public int? IdleTimeoutMs { get; set; }

    [Description("Sounds of a listener that do not interrupt the agent; in place of the built-in ones.")]
    public List<string>? ListeningSounds { get; set; }

    [Description("What the caller notices of an answer that takes long: nothing, a quiet sound, or a line on the page.")]
    public string? Waiting { get; set; }

    [Description("waiting: words: the line.")]
    public string? WaitingWords { get; set; }

    [Description("How easily the caller interrupts.")]
    public InterruptDocument? Interrupt { get; set; }
}
