using System.ComponentModel;

namespace Bridge.Roles.Documents;

/// <summary><c>role.yaml</c> as it is written; null stands for a key that is not there.</summary>
[Description("What an agent is. See docs/roles.md.")]
internal sealed class RoleDocument
{
    [Description("The name people see.")]
    public string? Name { get; set; }

    [Description("One emoji for the card.")]
    public string? Emoji { get; set; }

    [Description("One or two sentences for the card.")]
    public string? Description { get; set; }

    [Description("Language the agent speaks first, a BCP 47 tag such as en or pt-BR.")]
    public string? Language { get; set; }

    [Description("private keeps the role out of the gallery.")]
    public string? Visibility { get; set; }

    [Description("live: a running call takes changes at its next turn. snapshot: it keeps the role it started with.")]
    public string? Reload { get; set; }

    [Description("Whether the agent speaks first.")]
    public bool? Greeting { get; set; }

    [Description("Whether the caller may share a screen or a camera with the agent.")]
    public bool? Images { get; set; }

    [Description("Who is told the keys of a telephone keypad that the caller presses: the page, the page and the model, or nobody.")]
    public string? Dtmf { get; set; }

    [Description("The realtime model and its options.")]
    public ModelDocument? Model { get; set; }

    [Description("The agent's voice.")]
    public VoiceDocument? Voice { get; set; }

    [Description("When the caller's turn is over, and what interrupts the agent.")]
    public TurnDocument? Turn { get; set; }

    [Description("What of the agent's answers is kept from being heard.")]
    public GuardDocument? Guard { get; set; }

    [Description("Functions that the model may call.")]
    public List<ToolDocument>? Tools { get; set; }

    [Description("Limits of one call.")]
    public LimitsDocument? Limits { get; set; }

    [Description("What is kept of a call.")]
    public RecordsDocument? Records { get; set; }

    [Description("What the agent says of its own accord.")]
    public WordsDocument? Words { get; set; }

    [Description("module: page/index.js holds the page's functions. host: the page that embeds the call registers them itself.")]
    public string? Page { get; set; }

    [Description("Data files (names without extension) that the page may read; nothing else of data/ leaves the server.")]
    public List<string>? PageData { get; set; }
}
