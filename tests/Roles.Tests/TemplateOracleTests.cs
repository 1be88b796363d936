using System.Text;
using System.Text.Json;
using Bridge.Roles.Templates;
using HandlebarsDotNet;

namespace Bridge.Roles.Tests;

/// <summary>Our renderer against Handlebars.Net, an implementation that nobody here wrote.</summary>
public sealed class TemplateOracleTests
{
    private const string Data = """
        {"name":"Ada","empty":"","zero":0,"yes":true,"no":false,"nothing":null,
         "list":["a","b","c"],"none":[],
         "people":[{"name":"Bo","age":3,"tags":["x","y"]},{"name":"Cy","age":0,"tags":[]}],
         "map":{"one":"1","two":"2"},"deep":{"er":{"est":"down"}}}
        """;

    public static TheoryData<string> Templates { get; } = new(
        "Hello {{name}}!",
        "{{deep.er.est}} {{deep/er/est}} {{this.name}} {{./name}} {{missing}}|{{missing.more}}|{{nothing}}|{{zero}}",
        "{{#if name}}A{{else}}B{{/if}}{{#if empty}}A{{else}}B{{/if}}{{#if zero}}A{{else}}B{{/if}}{{#if none}}A{{else}}B{{/if}}{{#if "
            + "nothing}}A{{else}}B{{/if}}{{#if no}}A{{else}}B{{/if}}{{#if yes}}A{{/if}}",
        "{{#unless empty}}A{{else}}B{{/unless}}",
        "{{#if empty}}A{{else if zero}}B{{else if name}}C{{else}}D{{/if}}",
        "{{#each list}}{{@index}}{{this}}{{#if @first}}<{{/if}}{{#if @last}}>{{/if}},{{/each}}",
        "{{#each people}}{{name}} of {{../name}} {{#each tags}}{{this}}{{../name}}{{../../name}}{{else}}no tags{{/each}};{{/each}}",
        "{{#each none}}x{{else}}empty{{/each}}{{#each missing}}x{{else}}gone{{/each}}",
        "{{#each map}}{{@key}}={{this}} {{/each}}",
        "{{#each people as |person i|}}{{i}}{{person.name}}{{name}} {{/each}}",
        "{{#with deep.er}}{{est}}{{../name}}{{/with}}{{#with missing}}x{{else}}none{{/with}}",
        "{{#with deep as |d|}}{{d.er.est}}{{/with}}",
        "a\n{{#if name}}\nb\n{{/if}}\nc\n",
        "a\n  {{#if name}}\n  b\n  {{else}}\n  d\n  {{/if}}\nc\n",
        "{{#each list}}\n- {{this}}\n{{/each}}\nend",
        "{{! gone }}x\n{{!-- gone {{too}} --}}\ny\n  {{! alone }}  \nz",
        "a  {{~name~}}  b {{~#if name~}}  c  {{~/if~}}  d",
        "{{#if name}}same line{{/if}} tail\n",
        "{{#if name}}\n{{#if yes}}\nboth\n{{/if}}\n{{/if}}\n",
        "{{{name}}}",
        "{{#each people}}{{@root.name}}{{/each}}",
        "{{list.0}}{{list.[1]}}{{people.0.name}}{{people.[1].name}}",
        "{{#if (eq name \"Ada\")}}equal{{/if}}{{#if (eq name \"Bo\")}}not{{else}}different{{/if}}",
        "{{> greeting}}|{{#each people}}{{> greeting}}{{/each}}",
        "start\n{{> greeting}}\nend",
        "{{> greeting deep}}",
        "{{#each people}}\n* {{name}}\n  {{#if age}}\n  aged {{age}}\n  {{/if}}\n{{/each}}\n");

    [Theory]
    [MemberData(nameof(Templates))]
    public void Our_renderer_writes_what_handlebars_writes(string template) => Compare(template);

    [Fact]
    public void Random_templates_are_rendered_as_handlebars_renders_them()
    {
        var seed = Seeds.First;
        var random = new Random(seed);
        for (var round = 0; round < 50; round++)
        {
            var template = new StringBuilder();
            Generate(random, template, 3, canClimb: false);
            try
            {
                Compare(template.ToString());
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"seed {seed}, round {round}: {template}", failure);
            }
        }
    }

    private static void Generate(Random random, StringBuilder template, int depth, bool canClimb)
    {
        string[] values = ["{{name}}", "{{this}}", "{{missing}}", "{{deep.er.est}}", "{{list.1}}", "{{zero}}", "{{../name}}"];
        string[] texts = ["a", " ", "\n", "  ", "b\n", "\n\n", "x "];
        string[] subjects = ["list", "people", "none", "map", "missing", "tags", "name", "empty", "yes"];
        for (var i = random.Next(1, 5); i > 0; i--)
        {
            var kind = random.Next(depth > 0 ? 4 : 2);
            if (kind == 0)
            {
                template.Append(texts[random.Next(texts.Length)]);
            }
            else if (kind == 1)
            {
                // {{this}} of a mapping is written differently by every implementation; the checker refuses it.
                template.Append(
                    values[random.Next(canClimb ? values.Length : values.Length - 1)] is var value && value == "{{this}}"
                        ? "{{this.name}}"
                        : value);
            }
            else
            {
                string[] blocks = ["if", "unless", "each"];
                var block = blocks[random.Next(blocks.Length)];
                // Handlebars.Net walks the letters of a text; our checker refuses to walk one.
                var subject = subjects[random.Next(block == "each" ? 6 : subjects.Length)];
                template.Append("{{#").Append(block).Append(' ').Append(subject).Append("}}");
                Generate(random, template, depth - 1, block == "each" || canClimb);
                if (random.Next(3) == 0)
                {
                    template.Append("{{else}}");
                    // In the else of each, ../ climbs from the context around the block; Handlebars.Net climbs from the block.
                    Generate(random, template, depth - 1, block != "each" && canClimb);
                }

                template.Append("{{/").Append(block).Append("}}");
            }
        }
    }

    private static void Compare(string template)
    {
        const string Greeting = "Hi {{name}}{{er.est}}.";
        var errors = new List<RoleError>();
        var partials = new Dictionary<string, Template> { ["greeting"] = TemplateParser.Parse("greeting", Greeting, errors)! };
        var parsed = TemplateParser.Parse("t", template, errors);
        Assert.Empty(errors);
        using var data = JsonDocument.Parse(Data);
        Assert.True(new TemplateRenderer(partials).TryRender(parsed!, data.RootElement, out var ours));

        var handlebars = Handlebars.Create(new HandlebarsConfiguration { NoEscape = true });
        handlebars.RegisterTemplate("greeting", Greeting);
        handlebars.RegisterHelper("eq", (_, arguments) => Equals(arguments[0]?.ToString(), arguments[1]?.ToString()));
        Assert.Equal(handlebars.Compile(template)(Plain(data.RootElement)), ours);
    }

    private static object? Plain(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().ToDictionary(member => member.Name, member => Plain(member.Value)),
        JsonValueKind.Array => value.EnumerateArray().Select(Plain).ToList(),
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.GetInt32(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };
}
