using Bridge.Roles.Yaml;

namespace Bridge.Roles.Documents;

/// <summary>A file of <c>tests/</c> as it is written.</summary>
internal sealed class GoldenDocument
{
    public string? Name { get; set; }

    public string? Locale { get; set; }

    public Dictionary<string, string>? Caller { get; set; }

    public List<GoldenTurnDocument>? Turns { get; set; }

    public YamlNode? Outcome { get; set; }
}

/// <summary>One entry of <c>turns:</c>.</summary>
internal sealed class GoldenTurnDocument
{
    public string? User { get; set; }

    public GoldenExpectationDocument? Expect { get; set; }

    public int? WithinMs { get; set; }
}

/// <summary><c>expect:</c> of a turn.</summary>
internal sealed class GoldenExpectationDocument
{
    public YamlNode? Says { get; set; }

    public YamlNode? SaysNot { get; set; }

    public YamlNode? Shows { get; set; }

    public List<GoldenCallDocument>? Calls { get; set; }

    public bool? Silent { get; set; }
}

/// <summary>One entry of <c>calls:</c>.</summary>
internal sealed class GoldenCallDocument
{
    public string? Name { get; set; }

    public YamlNode? Arguments { get; set; }

    public YamlNode? Result { get; set; }
}
