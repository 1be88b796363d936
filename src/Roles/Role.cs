using Bridge.Roles.Templates;

namespace Bridge.Roles;

/// <summary>An agent: read from one folder, validated, immutable.</summary>
public sealed class Role
{
    private readonly RoleTemplates _templates;
    private ModelSettings _model = new();

    internal Role(RoleTemplates templates) => _templates = templates;

    /// <summary>Stable name in URLs: lower-case letters, digits and hyphens.</summary>
    public required string Slug { get; init; }

    /// <summary>The folder below the roles folder, with forward slashes.</summary>
    public required string Folder { get; init; }

    /// <summary>Hash over everything that was read; two loads of the same bytes have the same revision.</summary>
    public required string Revision { get; init; }

    /// <summary>The name people see.</summary>
    public required string Name { get; init; }

    /// <summary>One emoji for the card; empty when the role has none.</summary>
    public string Emoji { get; init; } = "";

    /// <summary>One or two sentences for the card.</summary>
    public string Description { get; init; } = "";

    /// <summary>BCP 47 tag of the language the agent speaks first.</summary>
    public string Language { get; init; } = "en";

    /// <summary>The visibility of the role in the gallery.</summary>
    public RoleVisibility Visibility { get; init; }

    /// <summary>The behaviour of a live call when the files change.</summary>
    public ReloadPolicy Reload { get; init; }

    /// <summary>Whether the agent speaks before the caller does.</summary>
    public bool Greeting { get; init; }

    /// <summary>Whether the caller may share a screen or a camera with the agent.</summary>
    public bool Images { get; init; }

    /// <summary>The receivers of telephone keys that the caller presses.</summary>
    public DtmfPolicy Dtmf { get; init; }

    /// <summary>The model's settings.</summary>
    public ModelSettings Model
    {
        get => _model;
        init => _model = value;
    }

    /// <summary>The agent's words when a budget comes to its end.</summary>
    public RoleWords Words { get; init; } = RoleWords.In("en");

    /// <summary>The voice.</summary>
    public VoiceSettings Voice { get; init; } = new();

    /// <summary>Turn detection and interruption.</summary>
    public TurnSettings Turn { get; init; } = new();

    /// <summary>The guard of answers; null: every answer is heard as it comes.</summary>
    public GuardSettings? Guard { get; init; }

    /// <summary>The tools, names unique.</summary>
    public IReadOnlyList<ToolDeclaration> Tools { get; init; } = [];

    /// <summary>Limits of one call.</summary>
    public RoleLimits Limits { get; init; } = new();

    /// <summary>The record of a call.</summary>
    public RoleRecords Records { get; init; } = new();

    /// <summary>The page files for the browser; null when the role has no <c>page/</c>.</summary>
    public RolePage? Page { get; init; }

    /// <summary>The shape of what comes of a call; null: none is asked for.</summary>
    public RoleOutcome? Outcome { get; init; }

    /// <summary>The rehearsal model's script; an empty one when the role has none.</summary>
    public RehearsalScript Rehearsal { get; init; } = new();

    /// <summary>The same role with its cheaper model; itself when it names none.</summary>
    public Role Economical()
    {
        if (Model.Economy is not { } economy || economy == Model.Name)
        {
            return this;
        }

        var other = (Role)MemberwiseClone();
        other._model = Model with { Name = economy };
        return other;
    }

    /// <summary>The instructions for the model, from <c>agent.instruct</c>.</summary>
    public string RenderInstructions(RoleContext context) => _templates.RenderAgent(context);

    /// <summary>The instructions for the recap, from <c>recap.instruct</c>; null when the role has none.</summary>
    public string? RenderRecap(RoleContext context) => _templates.RenderRecap(context);
}
