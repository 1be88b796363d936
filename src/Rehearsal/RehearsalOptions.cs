using Bridge.Roles;

namespace Bridge.Rehearsal;

/// <summary>Options of a <see cref="RehearsalServer"/>.</summary>
public sealed record RehearsalOptions
{
    /// <summary>
    /// The script for a model name (the <c>model</c> query parameter, e.g. <c>rehearsal/demo</c>); null: no such
    /// model, and the session is refused as the service refuses an unknown model.
    /// </summary>
    public required Func<string, RehearsalScript?> Scripts { get; init; }

    /// <summary>
    /// For a model name, what a running session asks before each of its inputs: given the script it has, the one to go on
    /// with. By default it keeps its own.
    /// </summary>
    public Func<string, Func<RehearsalScript, RehearsalScript>> Edits { get; init; } = static _ => static script => script;

    /// <summary>Speaks the model's lines; by default <see cref="SyntheticVoice"/>.</summary>
    public SpeechVoice Voice { get; init; } = SyntheticVoice.SpeakAsync;

    /// <summary>Clock of the sessions.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>A client that takes no data for so long is given up.</summary>
    public TimeSpan SendTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The server that is played (<see cref="RehearsalServer.Guises"/>); null: OpenAI's.</summary>
    public string? As { get; init; }

    /// <summary>Faults from configuration; <see cref="RehearsalServer.Faults"/> changes them at run time.</summary>
    public RehearsalFaults Faults { get; init; } = RehearsalFaults.None;
}
