using System.ComponentModel;

namespace Bridge.Roles.Documents;

/// <summary><c>limits:</c> of role.yaml.</summary>
internal sealed class LimitsDocument
{
    [Description("Length of a call.")]
    public double? Minutes { get; set; }

    [Description("Tool calls within one turn.")]
    public int? ToolSteps { get; set; }

    [Description("Seconds without a sign of an answer after which it is asked for once more; what the reasoning effort needs when left out.")]
    public double? ThinkSeconds { get; set; }

    [Description("US dollars for one call.")]
    public decimal? Cost { get; set; }
}
