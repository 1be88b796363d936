using System.Text;
using System.Text.RegularExpressions;
using Bridge.Roles;
using Bridge.Roles.Loading;
using Bridge.Roles.Templates;

namespace Bridge.Fuzz.Targets;

/// <summary>A role whose one file is the input, through the loader that reads folders, and rendered if it has no errors.</summary>
/// <param name="name">Name of the target.</param>
/// <param name="file">The role's file that the input becomes.</param>
/// <param name="seeds">Texts to begin from.</param>
internal sealed partial class RoleTarget(string name, string file, params string[] seeds) : FuzzTarget
{
    private const string Yaml = "name: Fuzz\ndescription: A role of a test.\n";
    private const string Voice = "Speak {{#if role.language}}{{role.language}}{{else}}plainly{{/if}}.";

    private static readonly SharedPartials Shared = new(
        new Dictionary<string, Template> { ["voice"] = TemplateParser.Parse("_shared/voice.instruct", Voice, [])! }, "", []);

    private static readonly RoleContext Caller = new()
    {
        Now = DateTimeOffset.UnixEpoch,
        Attributes = new Dictionary<string, string> { ["name"] = "{{Ada}}" },
    };

    /// <summary><c>role.yaml</c>.</summary>
    public static RoleTarget OfYaml() => new(
        "role-yaml",
        "role.yaml",
        Yaml,
        Yaml + "turn: { mode: semantic_vad, eagerness: low }\nvoice: { name: cedar, speed: 1.2 }\n",
        Yaml + "a: &a [1, &b 2]\nmodel: *a\nlimits: {minutes: *b}\n",
        Yaml + "tools:\n  - name: show\n    target: page\n    description: >-\n      Shows it.\n    parameters: { type: object }\n",
        "# comment\n\"name\": 'It''s \\u0041'\ndescription: |\n  Two\n  lines\n? key\n: value\n");

    /// <summary><c>agent.instruct</c>.</summary>
    public static RoleTarget OfTemplate() => new(
        "template",
        "agent.instruct",
        "You are {{role.name}}. It is {{weekday}}, {{time}}.\n{{#if caller.name}}Call them {{caller.name}}.{{/if}}",
        "{{> voice}}{{#each tools as |tool index|}}{{add index 1}}. {{tool.name}}{{#unless @last}}, {{/unless}}{{else}}none{{/each}}",
        "{{#if (eq role.language \"en\")}}a{{else if caller.plan}}b{{else}}c{{/if}}{{! note }}{{{role.slug}}}\\{{kept}}");

    public override string Name => name;

    public override int LongestInput => 1500;

    public override int ShortRun => 1_500;

    // A few hundred mistakes with their sentences, or a tree of the 50,000 nodes that a file may hold.
    public override long AllocationLimit => 32 * 1024 * 1024;

    public override IEnumerable<byte[]> Seeds() => seeds.Select(Encoding.UTF8.GetBytes);

    public override int Run(ReadOnlySpan<byte> input)
    {
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal)
        {
            ["role.yaml"] = Encoding.UTF8.GetBytes(Yaml),
            ["agent.instruct"] = "Be brief.\n"u8.ToArray(),
        };
        files[file] = input.ToArray();
        var loaded = RoleLoader.Load("fuzz", new RoleFiles(files, []), Shared, "r");
        if (loaded.Role is { } role)
        {
            Require(loaded.Errors.Count == 0, "A role with errors was let through.");
            return HashCode.Combine(Shape(role.RenderInstructions(Caller)), role.Tools.Count, role.Turn.Mode, role.Voice.Speed);
        }

        Require(loaded.Errors.Count > 0, "No role, and no error that says why.");
        foreach (var error in loaded.Errors)
        {
            Require(error.File.StartsWith("fuzz", StringComparison.Ordinal), $"An error names another file: {error.File}.");
            Require(error.Message.Length is > 10 and < 2_000 && error.Line >= 0 && error.Column >= 0, $"No sentence at a place: {error}.");
        }

        // What is wrong, without the author's own words and numbers.
        return loaded.Errors.Take(3).Aggregate(0, (hash, error) =>
            HashCode.Combine(hash, string.GetHashCode(Words().Replace(error.Message, ""), StringComparison.Ordinal)));
    }

    private static int Shape(string text) =>
        HashCode.Combine(Math.Min(text.Length / 16, 64), text.Contains("none", StringComparison.Ordinal));

    [GeneratedRegex("\"[^\"]*\"|'[^']*'|[0-9]+")]
    private static partial Regex Words();
}
