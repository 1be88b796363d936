using System.ComponentModel;

namespace Bridge.Roles.Documents;

/// <summary><c>turn.interrupt:</c> of role.yaml.</summary>
internal sealed class InterruptDocument
{
    [Description("While the agent speaks.")]
    public string? Speaking { get; set; }

    [Description("While the agent thinks or runs tools.")]
    public string? Thinking { get; set; }
}
