using System.ComponentModel;
using Bridge.Roles.Yaml;

namespace Bridge.Roles.Documents;

/// <summary><c>rehearsal.yaml</c> as it is written.</summary>
internal sealed class RehearsalDocument
{
    [Description("What the agent says first.")]
    public string? Greeting { get; set; }

    [Description("What spoken turns are taken to say, in order.")]
    public List<string>? Hears { get; set; }

    [Description("The answers; the first rule that matches wins.")]
    public List<RehearsalRuleDocument>? Rules { get; set; }

    [Description("The answer when no rule matches.")]
    public string? Otherwise { get; set; }

    [Description("The recap as markdown.")]
    public string? Recap { get; set; }

    [Description("The outcome of a call.")]
    public YamlNode? Outcome { get; set; }
}

/// <summary>One entry of <c>rules:</c>.</summary>
internal sealed class RehearsalRuleDocument
{
    [Description("Keywords, any of which triggers the rule.")]
    public List<string>? When { get; set; }

    [Description("Said at once.")]
    public string? Say { get; set; }

    [Description("Tools called.")]
    public List<RehearsalCallDocument>? Call { get; set; }

    [Description("How often the calls are made again, once their results are in; 0 by default.")]
    public int? Repeat { get; set; }

    [Description("Said after the tools' results; {{output.x}} is a member of the last one.")]
    public string? Then { get; set; }
}

/// <summary>One entry of <c>call:</c>.</summary>
internal sealed class RehearsalCallDocument
{
    [Description("A tool of the role.")]
    public string? Name { get; set; }

    [Description("Its arguments.")]
    public YamlNode? Arguments { get; set; }
}
