using Bridge.Roles.Golden;

namespace Bridge.Roles.Tests;

public sealed class GoldenConversationTests
{
    private const string Yaml = RolesFolder.PlainRole
        + "tools:\n  - { name: save, target: server }\n  - { name: files, target: mcp, mcp: { url: \"https://example.com\", allow: [\"*\"] "
        + "} }\n";

    [Fact]
    public void A_conversation_arrives_as_it_was_written()
    {
        const string Test = """
            name: All of it
            locale: fr-FR
            caller: { name: Ada }
            turns:
              - expect: { says: Hello }
              - user: Save it
                expect:
                  says: [saved, it]
                  says_not: sorry
                  shows: [note]
                  calls:
                    - { name: save, arguments: { text: it }, result: { saved: true } }
                    - { name: files_read }
                within_ms: 1500
              - user: Quiet now
                expect: { silent: true, calls: [] }
            """;
        using var folder = new RolesFolder().Role("x", Yaml, more: ("tests/a.yaml", Test));
        var errors = new List<RoleError>();
        var conversation = Assert.Single(GoldenConversation.Load(folder.Root, folder.Load().Find("x")!, errors));
        Assert.Empty(errors);
        Assert.Equal(
            ("x/tests/a.yaml", "All of it", "fr-FR", "Ada"),
            (conversation.File, conversation.Name, conversation.Locale, conversation.Caller["name"]));

        var (greeting, save, quiet) = (conversation.Turns[0], conversation.Turns[1], conversation.Turns[2]);
        Assert.Null(greeting.User);
        Assert.Null(greeting.Calls);
        Assert.Equal(["Hello"], greeting.Says);
        Assert.Equal((6, "Save it", TimeSpan.FromMilliseconds(1500)), (save.Line, save.User, save.Within));
        Assert.Equal(["saved", "it"], save.Says);
        Assert.Equal(["sorry"], save.SaysNot);
        Assert.Equal(["note"], save.Shows);
        Assert.Equal("""{"text":"it"}""", save.Calls![0].Arguments.GetRawText());
        Assert.Equal("""{"saved":true}""", save.Calls[0].Result.GetRawText());
        Assert.Equal(System.Text.Json.JsonValueKind.Undefined, save.Calls[1].Result.ValueKind);
        Assert.True(quiet.Silent);
        Assert.Empty(quiet.Calls!);
    }

    public static TheoryData<string, string> Broken { get; } = new()
    {
        { "name: Nothing\n", "x/tests/a.yaml:1:1: turns are missing; write `turns:` with at least one `- user: …`." },
        { "turns:\n  - user: Hi\n", "x/tests/a.yaml:2:5: turns[0].expect is missing; write what is expected: `says:`, `calls:`, `shows:` "
            + "or `silent: true`." },
        { "turns:\n  - user: Hi\n    expect: { sais: Hello }\n", "x/tests/a.yaml:3:15: Unknown key \"sais\" in turns[0].expect; did you "
            + "mean \"says\"?" },
        { "turns:\n  - user: Hi\n    expect: { says: { a: b } }\n", "x/tests/a.yaml:3:21: turns[0].expect.says must be a text or a list of "
            + "texts." },
        { "turns:\n  - user: Hi\n    expect: { says: a, silent: true }\n", "x/tests/a.yaml:3:32: turns[0].expect.silent stands beside "
            + "says; the agent does one or the other." },
        { "turns:\n  - user: Hi\n    expect: { calls: [{ name: sav }] }\n", "x/tests/a.yaml:3:31: turns[0].expect.calls[0].name is "
            + "\"sav\", which role.yaml does not declare; did you mean \"save\"?" },
        { "turns:\n  - user: Hi\n    expect: { says: a }\n  - expect: { says: a }\n", "x/tests/a.yaml:4:5: turns[1] has no user; only the "
            + "first turn may leave it out, when the agent speaks first." },
        { "turns:\n  - user: Hi\n    expect: { says: a }\n    within_ms: 0\n", "x/tests/a.yaml:4:16: turns[0].within_ms is 0; it must be "
            + "between 1 and 600000." },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_broken_conversation_says_where_and_what_would_be_right(string yaml, string expected)
    {
        using var folder = new RolesFolder().Role("x", Yaml, more: ("tests/a.yaml", yaml));
        var errors = new List<RoleError>();
        Assert.Empty(GoldenConversation.Load(folder.Root, folder.Load().Find("x")!, errors));
        Assert.Contains(expected, errors.Select(error => error.ToString()));
    }

    [Fact]
    public void Conversations_are_no_part_of_the_role_that_runs()
    {
        using var folder = new RolesFolder().Role("x", Yaml);
        using var catalog = new RoleCatalog(folder.Root);
        var role = catalog.Current.Find("x");
        folder.Write("x/tests/a.yaml", "[");
        Assert.Same(role, catalog.Reload().Find("x"));
    }
}
