using System.ComponentModel;

namespace Bridge.Roles.Documents;

/// <summary><c>model:</c> of role.yaml.</summary>
internal sealed class ModelDocument
{
    [Description("Realtime model, such as gpt-realtime-2.1; without it the server's configuration decides.")]
    public string? Name { get; set; }

    [Description("Cheaper realtime model that a call moves to when 80 % of its budget is used up.")]
    public string? Economy { get; set; }

    [Description("live: a full-duplex model (/v1/live/sessions); realtime: one that takes turns. Without it the model's name decides.")]
    public string? Protocol { get; set; }

    [Description("The agent's voice, as voice: name.")]
    public string? Voice { get; set; }

    [Description("Who works for a full-duplex model. responses: a backend model of its service. client: the host's text model.")]
    public string? Delegation { get; set; }

    [Description("Name of the backend or text model of a full-duplex model.")]
    public string? Backend { get; set; }

    [Description("Tokens of one response, 1 to 4096, or inf.")]
    [SchemaFragment("""{"oneOf":[{"type":"integer","minimum":1,"maximum":4096},{"const":"inf"}]}""")]
    public string? MaxOutputTokens { get; set; }

    [Description("For models that reason.")]
    public string? ReasoningEffort { get; set; }

    [Description("What happens when the context is full: auto, disabled, or the share of it to keep (0 to 1).")]
    [SchemaFragment("""{"oneOf":[{"enum":["auto","disabled"]},{"type":"number","minimum":0,"maximum":1}]}""")]
    public string? Truncation { get; set; }

    [Description("near_field for headsets and phones, far_field for rooms, none to leave the sound alone.")]
    public string? NoiseReduction { get; set; }

    [Description("How the caller's words are transcribed for the page.")]
    public TranscriptionDocument? Transcription { get; set; }

    [Description("Whether the service may keep a trace of the session.")]
    public bool? Tracing { get; set; }

    [Description("Id of a prompt hosted at the service.")]
    public string? PromptId { get; set; }

    [Description("Whether the model may call several tools at once.")]
    public bool? ParallelToolCalls { get; set; }
}
