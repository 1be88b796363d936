using System.ComponentModel;

namespace Bridge.Roles.Documents;

/// <summary><c>limits:</c> of role.yaml.</summary>
internal sealed class LimitsDocument
{
    [Description("Length of a call.")]
    public double? Minutes { get; set; }

    [Description("Tool calls within one turn.")]
    public int? ToolSteps { get; set; }

    [Description("US dollars for one call.")]
    public decimal? Cost { get; set; }
}
