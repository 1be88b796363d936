namespace Bridge.Roles.Tests;

public sealed class ShippedRolesTests
{
    private static readonly RoleContext Context = new()
    {
        Now = new DateTimeOffset(2026, 11, 21, 7, 41, 0, TimeSpan.Zero),
        TimeZone = "Europe/Paris",
        Locale = "en-GB",
        Attributes = new Dictionary<string, string> { ["name"] = "Ada" },
    };

    [Fact]
    public void Every_shipped_role_is_free_of_errors()
    {
        using var catalog = new RoleCatalog(RolesFolder.Shipped());
        Assert.Empty(catalog.Current.Errors);
        Assert.Empty(catalog.Current.Entries.SelectMany(entry => entry.Errors));
        Assert.NotEmpty(catalog.Current.Entries);
    }

    [Fact]
    public void The_role_yaml_of_the_documents_is_a_role_without_errors()
    {
        var text = File.ReadAllText(Path.Combine(RolesFolder.Shipped(), "..", "docs", "roles.md")).ReplaceLineEndings("\n");
        var example = text[(text.IndexOf("```yaml\n", StringComparison.Ordinal) + "```yaml\n".Length)..];
        example = example[..example.IndexOf("```", StringComparison.Ordinal)];
        using var folder = new RolesFolder();
        folder.Role("example", example, more:
        [
            ("data/recipes.yaml", "pancakes: { title: Pancakes }\n"),
            ("page/index.js", "export default function setup() {}\n"),
        ]);
        Assert.Empty(folder.Errors());
        Assert.Equal(TimeSpan.FromSeconds(60), folder.Load().Entries.Single().Role!.Limits.Think);
    }

    [Fact]
    public void Every_shipped_role_says_in_peoples_words_what_it_can_do()
    {
        using var catalog = new RoleCatalog(RolesFolder.Shipped());
        foreach (var role in catalog.Current.Entries.Select(entry => entry.Role!))
        {
            Assert.Contains(role.Tools, tool => tool.Label.Length > 0);
            Assert.All(role.Tools, tool => Assert.DoesNotContain('_', tool.Label));
        }
    }

    [Fact]
    public void The_cooking_guide_tells_the_model_its_recipes_and_the_time_in_the_callers_zone()
    {
        using var catalog = new RoleCatalog(RolesFolder.Shipped());
        var text = catalog.Current.Find("cooking-guide")!.RenderInstructions(Context);
        Assert.Contains("It is Saturday, 08:41 (Europe/Paris).", text, StringComparison.Ordinal);
        Assert.Contains("The caller is called Ada.", text, StringComparison.Ordinal);
        Assert.Contains("### Fluffy pancakes (id `pancakes`, for 2, 25 minutes)", text, StringComparison.Ordinal);
        Assert.Contains("Ingredients: 150 g flour, 2 tsp baking powder,", text, StringComparison.Ordinal);
        Assert.Contains("3. Let the batter rest. (timer: 5 minutes)", text, StringComparison.Ordinal);
        Assert.Contains("You are speaking, not writing", text, StringComparison.Ordinal);
        Assert.DoesNotContain("{{", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_page_gets_the_recipes_and_nothing_else_of_the_data()
    {
        using var catalog = new RoleCatalog(RolesFolder.Shipped());
        var page = catalog.Current.Find("cooking-guide")!.Page!;
        Assert.Equal(["recipes"], page.Data.EnumerateObject().Select(member => member.Name));
        Assert.Equal("text/javascript; charset=utf-8", page.Files["index.js"].ContentType);
        Assert.Equal("style.css", page.Style);
        Assert.Equal(["path"], catalog.Current.Find("demo")!.Page!.Data.EnumerateObject().Select(member => member.Name));
    }
}
