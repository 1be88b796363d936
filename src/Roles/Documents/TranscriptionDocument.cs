using System.ComponentModel;

namespace Bridge.Roles.Documents;

/// <summary><c>model.transcription:</c> of role.yaml.</summary>
internal sealed class TranscriptionDocument
{
    [Description("false turns the caller's transcript off.")]
    public bool? Enabled { get; set; }

    [Description("Transcription model, such as gpt-transcribe.")]
    public string? Model { get; set; }

    [Description("ISO 639-1 code of the caller's language; without it the service detects it.")]
    public string? Language { get; set; }

    [Description("Words that help the transcription, such as names and dishes.")]
    public string? Prompt { get; set; }
}
