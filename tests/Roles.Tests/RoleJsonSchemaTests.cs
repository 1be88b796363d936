namespace Bridge.Roles.Tests;

public sealed class RoleJsonSchemaTests
{
    private static readonly string Committed = Path.Combine(RolesFolder.Shipped(), "role.schema.json");

    [Fact]
    public void The_committed_schema_is_what_the_code_says()
    {
        if (Environment.GetEnvironmentVariable("BRIDGE_WRITE_SCHEMA") == "1")
        {
            File.WriteAllText(Committed, RoleJsonSchema.Generate());
        }

        Assert.True(File.ReadAllText(Committed) == RoleJsonSchema.Generate(),
            "roles/role.schema.json is out of date; run these tests once with BRIDGE_WRITE_SCHEMA=1 and commit the file.");
    }

    [Fact]
    public void Every_shipped_role_names_the_schema_for_editors()
    {
        foreach (var role in Directory.EnumerateFiles(RolesFolder.Shipped(), "role.yaml", SearchOption.AllDirectories))
        {
            Assert.Equal("# yaml-language-server: $schema=../role.schema.json", File.ReadLines(role).First());
        }
    }

    [Fact]
    public void The_schema_knows_words_ranges_and_what_is_required()
    {
        using var schema = System.Text.Json.JsonDocument.Parse(RoleJsonSchema.Generate());
        var properties = schema.RootElement.GetProperty("properties");
        Assert.Equal(
            """["name","description"]""",
            System.Text.RegularExpressions.Regex.Replace(schema.RootElement.GetProperty("required").GetRawText(), @"\s", ""));
        Assert.Equal(
            1.5, properties.GetProperty("voice").GetProperty("properties").GetProperty("speed").GetProperty("maximum").GetDouble());
        Assert.Contains(
            "marin",
            properties.GetProperty("voice").GetProperty("properties").GetProperty("name").GetProperty("enum").GetRawText(),
            StringComparison.Ordinal);
        Assert.Equal("object", properties.GetProperty("tools").GetProperty("items").GetProperty("type").GetString());
        Assert.False(properties.GetProperty("tools").GetProperty("items").GetProperty("additionalProperties").GetBoolean());
    }
}
