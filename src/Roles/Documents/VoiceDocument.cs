using System.ComponentModel;

namespace Bridge.Roles.Documents;

/// <summary><c>voice:</c> of role.yaml.</summary>
internal sealed class VoiceDocument
{
    [Description("A built-in voice.")]
    public string? Name { get; set; }

    [Description("Id of a custom voice, used instead of name.")]
    public string? Id { get; set; }

    [Description("Pace; 1 is normal.")]
    public double? Speed { get; set; }
}
