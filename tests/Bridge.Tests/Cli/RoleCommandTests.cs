using System.CommandLine;
using Bridge.Cli;
using Bridge.Cli.Golden;
using Bridge.RehearsalHosting;

namespace Bridge.Tests.Cli;

/// <summary>The command line of an author of roles.</summary>
public sealed class RoleCommandTests : IDisposable
{
    private const string Pizza = "🍕 Pizza bar";
    private readonly string _roles = Directory.CreateTempSubdirectory("roles-cli-").FullName;

    public void Dispose() => Directory.Delete(_roles, recursive: true);

    [Fact]
    public async Task The_shipped_roles_are_clean_and_need_no_advice()
    {
        var (exit, output) = await Run("role", "check", Path.Combine(Repository.Root, "roles"));
        Assert.Matches(@"^6 roles checked, 0 errors; loaded in \d+ ms\.$", output.Trim());
        Assert.Equal(0, exit);
    }

    [Fact]
    public void The_whole_command_line_knows_the_role_commands_once()
    {
        var root = BridgeCommand.Build((_, _) => Task.FromResult(0));
        Assert.Empty(root.Parse(["role", "check", "roles"]).Errors);
        Assert.Single(root.Subcommands, command => command.Name == "role");
    }

    [Fact]
    public async Task The_shipped_roles_have_the_conversations_that_they_promise()
    {
        var (exit, output) = await Run("role", "test", Path.Combine(Repository.Root, "roles"));
        Assert.True(exit == 0, output);
        Assert.DoesNotContain("FAILED", output, StringComparison.Ordinal);
        foreach (var role in Directory.EnumerateDirectories(Path.Combine(Repository.Root, "roles")).Where(folder =>
            File.Exists(Path.Combine(folder, "role.yaml"))))
        {
            Assert.Contains($"passed  {Path.GetFileName(role)}/tests/", output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_new_role_is_clean_and_passes_its_test_and_may_be_named_with_an_emoji()
    {
        Assert.Equal(0, (await Run("role", "new", Pizza, "--roles", _roles)).Exit);
        var check = await Run("role", "check", Path.Combine(_roles, Pizza));
        Assert.Equal(0, check.Exit);
        Assert.StartsWith("1 role checked, 0 errors; loaded in ", check.Output.Trim(), StringComparison.Ordinal);
        var (exit, output) = await Run("role", "test", _roles);
        Assert.True(exit == 0, output);
        Assert.Contains("1 passed, 0 failed, against the rehearsal model", output, StringComparison.Ordinal);
        Assert.StartsWith(
            "# yaml-language-server: $schema=../role.schema.json\nname: \"Pizza bar\"\nemoji: \"🍕\"\n",
            await File.ReadAllTextAsync(Path.Combine(_roles, Pizza, "role.yaml"), TestContext.Current.CancellationToken),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../elsewhere")]
    [InlineData(".hidden")]
    [InlineData("_shared")]
    [InlineData("private")]
    [InlineData(" ")]
    [InlineData("a\"b")]
    [InlineData("CON")]
    [InlineData("con.txt")]
    [InlineData("nul")]
    [InlineData("Com1")]
    [InlineData("what?")]
    [InlineData("a*b")]
    [InlineData("a|b")]
    [InlineData("C:role")]
    [InlineData("ends with dot.")]
    public async Task A_name_that_leads_elsewhere_is_refused(string name)
    {
        Assert.Equal(2, (await Run("role", "new", name, "--roles", _roles)).Exit);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_roles));
    }

    [Fact]
    public async Task A_role_that_is_there_is_not_written_over()
    {
        await Run("role", "new", "a", "--roles", _roles);
        Edit("a/agent.instruct", "Mine.");
        var (exit, output) = await Run("role", "new", "a", "--roles", _roles);
        Assert.Equal(2, exit);
        Assert.Contains("is there already", output, StringComparison.Ordinal);
        Assert.Equal("Mine.", await File.ReadAllTextAsync(Path.Combine(_roles, "a/agent.instruct"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Check_lists_every_error_with_its_place_and_fails()
    {
        await Run("role", "new", "a", "--roles", _roles);
        await Run("role", "new", "b", "--roles", _roles);
        Edit("a/role.yaml", "name: A\ndescription: A.\nvoice: { name: nobody }\n");
        Edit("b/tests/first-topic.yaml", "turns:\n  - user: Hi\n    expect:\n      calls: [{ name: pick_topc }]\n");
        var (exit, output) = await Run("role", "check", _roles);
        Assert.Equal(1, exit);
        Assert.Contains(
            $"error   {Place("a/role.yaml")}:3:16: voice.name is \"nobody\"; use one of alloy,", output, StringComparison.Ordinal);
        Assert.Contains(
            $"error   {Place("b/tests/first-topic.yaml")}:4:23: turns[0].expect.calls[0].name is \"pick_topc\", which role.yaml does not "
                + $"declare; did you mean \"pick_topic\"?",
            output,
            StringComparison.Ordinal);
        Assert.Contains("2 roles checked, ", output, StringComparison.Ordinal);

        // One broken role is no reason not to look at another one alone.
        Assert.Equal(1, (await Run("role", "check", Path.Combine(_roles, "b"))).Exit);
        Edit("b/tests/first-topic.yaml", "turns:\n  - user: Hi\n    expect: { calls: [] }\n");
        Assert.Equal(0, (await Run("role", "check", Path.Combine(_roles, "b"))).Exit);
    }

    [Fact]
    public async Task Check_says_what_does_not_apply_to_a_full_duplex_model()
    {
        await Run("role", "new", "a", "--roles", _roles);
        var yaml = File.ReadAllText(Path.Combine(_roles, "a/role.yaml"));
        Edit("a/role.yaml", yaml + "model: { name: gpt-live-1, noise_reduction: near_field }\n");
        var (exit, output) = await Run("role", "check", _roles);
        Assert.Equal(0, exit);
        Assert.Contains("model: noise_reduction does not apply to a full-duplex model", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_advises_about_what_is_no_error()
    {
        await Run("role", "new", "a", "--roles", _roles);
        File.Delete(Path.Combine(_roles, "a/rehearsal.yaml"));
        Directory.Delete(Path.Combine(_roles, "a/tests"), recursive: true);
        Edit("a/page/index.js", "export default api => api.registerTool('pick_topics', { handler() {} });\n");
        var (exit, output) = await Run("role", "check", _roles);
        Assert.Equal(0, exit);
        Assert.Contains($"advice  {Place("a/rehearsal.yaml")}: Without a script", output, StringComparison.Ordinal);
        Assert.Contains($"advice  {Place("a/tests")}: Without golden conversations", output, StringComparison.Ordinal);
        Assert.Contains($"advice  {Place("a/page/index.js")}: The name \"pick_topic\" does not occur", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_names_a_tool_whose_pattern_can_not_be_used_where_it_stands()
    {
        await Run("role", "new", "a", "--roles", _roles);
        var role = File.ReadAllText(Path.Combine(_roles, "a/role.yaml"));
        Edit("a/role.yaml", role.Replace(
            "tools:\n",
            "tools:\n  - name: set_mood\n    target: page\n    description: Sets the mood.\n    parameters:\n      type: object\n"
            + "      properties:\n        mood:\n          type: string\n          pattern: '^\\p{Nonsense}$'\n",
            StringComparison.Ordinal));
        var line = File.ReadLines(Path.Combine(_roles, "a/role.yaml"))
            .TakeWhile(text => !text.Contains("pattern", StringComparison.Ordinal)).Count() + 1;
        var (exit, output) = await Run("role", "check", _roles);
        Assert.Equal(1, exit);
        Assert.Contains(
            $"error   {Place($"a/role.yaml:{line}:20")}: tools[0].parameters can not be used, so that set_mood is left out: "
            + "#/properties/mood/pattern names a property that is not known here, Nonsense: ^\\p{Nonsense}$.",
            output, StringComparison.Ordinal);
        Assert.Contains("1 role checked, 1 error;", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_conversation_that_went_another_way_is_shown_as_a_difference()
    {
        await Run("role", "new", "a", "--roles", _roles);
        Edit("a/tests/first-topic.yaml", """
            name: Wrong in every way
            turns:
              - expect: { says: [Hello, Moon] }
              - user: The first one please
                expect:
                  calls:
                    - name: pick_topic
                      arguments: { topic: second }
                  says_not: highlighted
                  shows: anything
                within_ms: 1
              - user: The second
                expect: { calls: [] }
              - user: Well
                expect: { silent: true }
            """);
        var (exit, output) = await Run("role", "test", _roles);
        Assert.Equal(1, exit);
        foreach (var line in (string[])
        [
            "FAILED  a/tests/first-topic.yaml  Wrong in every way",
            "  line 3, the greeting",
            "    - says   … Moon …\n    + says   \"Hello! Would you like to hear about the first topic, or the second?\"",
            "  line 4, user: The first one please",
            "    - call   pick_topic {\"topic\":\"second\"}\n    + call   pick_topic {\"topic\":\"first\"}",
            "    - says   nothing of \"highlighted\"",
            "    - shows  … anything …\n    + shows  nothing",
            "    - within 1 ms\n    + within ",
            "    - no call\n    + call   pick_topic {\"topic\":\"second\"}",
            "    - says   nothing\n    + says   \"I can tell you about the first topic or the second.\"",
            "0 passed, 1 failed, against the rehearsal model",
        ])
        {
            Assert.Contains(line, output.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_role_with_errors_is_not_played_and_says_so()
    {
        await Run("role", "new", "a", "--roles", _roles);
        Edit("a/agent.instruct", "{{nobody}}");
        var (exit, output) = await Run("role", "test", _roles);
        Assert.Equal(2, exit);
        Assert.Contains("agent.instruct:1:3: Unknown variable \"nobody\"", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pizza-bar")]
    [InlineData("Pizza bar")]
    [InlineData("pizza BAR")]
    [InlineData(Pizza)]
    public async Task A_role_is_found_by_its_slug_or_name(string name)
    {
        await Run("role", "new", Pizza, "--roles", _roles);
        await Run("role", "new", "a", "--roles", _roles);
        var check = await Run("role", "check", name, "--roles", _roles);
        Assert.StartsWith("1 role checked, 0 errors", check.Output.Trim(), StringComparison.Ordinal);
        var test = await Run("role", "test", name, "--roles", _roles);
        Assert.Contains("1 passed, 0 failed", test.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_private_role_is_found_by_its_name_and_its_folder()
    {
        Directory.CreateDirectory(Path.Combine(_roles, "private"));
        await Run("role", "new", "a", "--roles", Path.Combine(_roles, "private"));
        foreach (var named in (string[])["a", "private/a", Path.Combine(_roles, "private", "a")])
        {
            Assert.StartsWith(
                "1 role checked, 0 errors", (await Run("role", "check", named, "--roles", _roles)).Output.Trim(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task One_conversation_is_played_alone()
    {
        await Run("role", "new", "a", "--roles", _roles);
        await Run("role", "new", "b", "--roles", _roles);
        Edit("a/tests/wrong.yaml", "turns:\n  - user: Hi\n    expect: { says: Moon }\n");
        var (exit, output) = await Run("role", "test", Path.Combine(_roles, "a/tests/first-topic.yaml"));
        Assert.True(exit == 0, output);
        Assert.Contains("1 passed, 0 failed", output, StringComparison.Ordinal);
        Assert.Equal(1, (await Run("role", "test", Path.Combine(_roles, "a"))).Exit);
    }

    [Fact]
    public async Task A_file_of_no_role_is_refused()
    {
        Edit("stray.yaml", "a: 1\n");
        var (exit, output) = await Run("role", "test", Path.Combine(_roles, "stray.yaml"));
        Assert.Equal(2, exit);
        Assert.Contains("belongs to no role", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_of_no_role_lists_those_that_there_are()
    {
        await Run("role", "new", Pizza, "--roles", _roles);
        var (exit, output) = await Run("role", "check", "pizza", "--roles", _roles);
        Assert.Equal(2, exit);
        Assert.Contains($"no role 'pizza' in '{_roles}'; its roles are pizza-bar.", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_roles_folder_is_made_when_one_agrees()
    {
        var roles = Path.Combine(_roles, "later", "roles");
        var refused = await Run("role", "new", "a", "--roles", roles);
        Assert.Equal((2, $"--roles: there is no folder '{roles}'; add --make to make it."), (refused.Exit, refused.Output.Trim()));
        using var output = new StringWriter();
        string? asked = null;
        Assert.Equal(2, RoleScaffold.Run(roles, "a", question => (asked = question) is null, output));
        Assert.Equal($"There is no folder '{roles}'. Make it?", asked);
        Assert.False(Directory.Exists(roles));
        Assert.Equal(0, (await Run("role", "new", "a", "--roles", roles, "--make")).Exit);
        Assert.Equal(0, (await Run("role", "check", roles)).Exit);
    }

    [Theory]
    [InlineData("export default api => {\n  api.registerTool('pick_topic', { handler( { } });\n};\n", "page/index.js:2:49: The script "
        + "can't be read: Unexpected token '}'.")]
    [InlineData("export default function (api) {\n", "page/index.js:2:1: The script can't be read: Unexpected end of input.")]
    [InlineData("const pick_topic = 1;\nconst pick_topic = 2;\n", "page/index.js:2:7: The script can't be read: Identifier 'pick_topic' "
        + "has already been declared.")]
    public async Task A_syntax_error_of_a_page_module_is_told_with_its_place(string module, string expected)
    {
        await Run("role", "new", "a", "--roles", _roles);
        Edit("a/page/index.js", module);
        var (exit, output) = await Run("role", "check", _roles);
        Assert.Equal(1, exit);
        Assert.Contains($"error   {Place("a")}/{expected}", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_module_without_end_is_told_and_a_classic_script_beside_it_may_be_sloppy()
    {
        await Run("role", "new", "a", "--roles", _roles);
        Edit("a/page/old.js", "with (Math) { x = cos(1); }\n");
        Edit("a/page/worker.mjs", "import { a } from './old.js'; await a;\n");
        Assert.Equal(0, (await Run("role", "check", _roles)).Exit);
        Edit("a/page/index.js", new string('(', 200_000));
        var (exit, output) = await Run("role", "check", _roles);
        Assert.Equal(1, exit);
        Assert.Contains("page/index.js: The script can't be read: its brackets are nested too deeply.", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("role.yaml", "name: A\ndescription: A.\npage: host\ntools:\n  - name: hook\n    target: http\n    description: Hooks.\n    "
        + "parameters: { type: object }\n    http: { url: \"https://example.com\", headers: { Authorization: \"Bearer "
        + "sk-1234567890abcdefghij\" } }\n", 9)]
    [InlineData("role.yaml", "name: A\ndescription: A.\npage: host\ntools:\n  - name: hook\n    target: http\n    description: Hooks.\n    "
        + "parameters: { type: object }\n    http: { url: \"https://example.com\", headers: { X-Api-Key: 0123456789abcdef0123 } }\n", 9)]
    [InlineData("agent.instruct", "You are helpful.\nThe key is ghp_0123456789abcdefghijABCDEFGHIJ.\n", 2)]
    [InlineData("page/index.js", "export default () => {};\nconst key = 'sk-proj-0123456789abcdefghij';\n// pick_topic: 'pick_topic'\n", 2)]
    public async Task A_secret_that_stands_as_text_is_advised_against_and_not_repeated(string path, string text, int line)
    {
        await Run("role", "new", "a", "--roles", _roles);
        if (path == "role.yaml")
        {
            Directory.Delete(Path.Combine(_roles, "a/page"), recursive: true);
            Directory.Delete(Path.Combine(_roles, "a/tests"), recursive: true);
            File.Delete(Path.Combine(_roles, "a/rehearsal.yaml"));
        }

        Edit($"a/{path}", text);
        var (exit, output) = await Run("role", "check", _roles);
        Assert.Equal(0, exit);
        Assert.Contains($"advice  {Place($"a/{path}")}:{line}:", output, StringComparison.Ordinal);
        Assert.Contains("This looks like a secret", output, StringComparison.Ordinal);
        Assert.DoesNotContain("0123456789", output, StringComparison.Ordinal);
        Assert.DoesNotContain("1234567890", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_secret_of_the_server_is_no_literal_one()
    {
        await Run("role", "new", "a", "--roles", _roles);
        Directory.Delete(Path.Combine(_roles, "a/page"), recursive: true);
        Directory.Delete(Path.Combine(_roles, "a/tests"), recursive: true);
        File.Delete(Path.Combine(_roles, "a/rehearsal.yaml"));
        Edit(
            "a/role.yaml",
            "name: A\ndescription: A.\npage: host\ntools:\n  - name: hook\n    target: http\n    description: Hooks.\n    parameters: { "
                + "type: object }\n    http: { url: \"https://example.com\", headers: { Authorization: \"Bearer ${KITCHEN_KEY}\", "
                + "X-Api-Key: \"${KITCHEN_KEY}\" } }\n");
        Assert.DoesNotContain("secret", (await Run("role", "check", _roles)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pipe_among_the_files_holds_up_no_check()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no named pipes in folders.");
        await Run("role", "new", "a", "--roles", _roles);
        using var make = System.Diagnostics.Process.Start("mkfifo", Path.Combine(_roles, "a", "page", "pipe.js"));
        await make.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(
            0, (await Run("role", "check", _roles).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken)).Exit);
    }

    [Fact]
    public async Task A_folder_that_windows_can_not_have_is_advised_against()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "It can't be made there.");
        await Run("role", "new", "a", "--roles", _roles);
        Directory.Move(Path.Combine(_roles, "a"), Path.Combine(_roles, "what?"));
        Assert.Contains(
            $"advice  {Place("what?")}: Windows allows no ? in a name: nobody can check this folder out there; rename it.",
            (await Run("role", "check", _roles)).Output,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("check")]
    [InlineData("test")]
    public async Task A_folder_that_is_not_there_is_refused(string command)
    {
        var (exit, output) = await Run("role", command, Path.Combine(_roles, "nowhere"));
        Assert.Equal(2, exit);
        Assert.Contains("There is no folder", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_conversation_is_played_with_a_model_behind_a_socket_in_real_time()
    {
        await Run("role", "new", "a", "--roles", _roles);
        await using var host = await RunningHost.StartAsync(("Roles", _roles));
        var model = new GoldenModel("a model behind a socket", host.Get<RehearsalHost>().Endpoint("a"));
        using var output = new StringWriter();
        var exit = await RoleTest.RunAsync(_roles, _roles, model, output, TestContext.Current.CancellationToken);
        Assert.True(exit == 0, output.ToString());
        Assert.Contains("1 passed, 0 failed, against a model behind a socket", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_role_that_keeps_its_snapshot_plays_its_script_in_sessions_that_are_opened_after_an_edit()
    {
        await Run("role", "new", "a", "--roles", _roles);
        Edit("a/role.yaml", "name: A\ndescription: A.\nreload: snapshot\npage: host\n");
        Directory.Delete(Path.Combine(_roles, "a/page"), recursive: true);
        Edit("a/agent.instruct", "Say a colour.");
        Edit("a/rehearsal.yaml", "rules:\n  - when: [colour]\n    say: It is green.\n");
        Edit("a/tests/first-topic.yaml", "turns:\n  - user: Which colour?\n    expect: { says: green }\n");
        await using var host = await RunningHost.StartAsync(("Roles", _roles));
        var roles = host.Get<Bridge.Roles.RoleCatalog>();
        var atStart = roles.Reload().Find("a")!;
        var rehearsal = host.Get<RehearsalHost>();
        rehearsal.Endpoint(atStart);
        Edit("a/rehearsal.yaml", "rules:\n  - when: [colour]\n    say: It is blue.\n");
        var edited = roles.Reload().Find("a")!;
        Assert.NotSame(atStart, edited);

        // Each conversation is a session of its own, as after a rollover.
        Assert.Equal((0, 1), (await Play(rehearsal.Endpoint(atStart)), await Play(rehearsal.Endpoint(edited))));
        Assert.Equal(0, await Play(rehearsal.Endpoint(atStart)));
        GC.KeepAlive(atStart);

        async Task<int> Play(Realtime.OpenAi.ModelEndpoint endpoint)
        {
            using var output = new StringWriter();
            return await RoleTest.RunAsync(_roles, _roles, new GoldenModel("m", endpoint), output, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task A_model_that_can_not_be_reached_is_told_and_fails()
    {
        await Run("role", "new", "a", "--roles", _roles);
        var model = new GoldenModel(
            "nobody", new Realtime.OpenAi.ModelEndpoint { BaseUrl = new Uri("http://127.0.0.1:9/v1"), Key = "k", Model = "m" });
        using var output = new StringWriter();
        Assert.Equal(1, await RoleTest.RunAsync(_roles, _roles, model, output, TestContext.Current.CancellationToken));
        Assert.Contains("  ! ", output.ToString(), StringComparison.Ordinal);
    }


    private void Edit(string path, string text) => File.WriteAllText(Path.Combine(_roles, path), text);

    private string Place(string path) => Path.GetRelativePath(Environment.CurrentDirectory, Path.Combine(_roles, path));

    private static async Task<(int Exit, string Output)> Run(params string[] arguments)
    {
        using var output = new StringWriter();
        var root = new RootCommand { RoleCommands.Build() };
        var exit = await root.Parse(arguments)
            .InvokeAsync(new InvocationConfiguration { Output = output, Error = output }, TestContext.Current.CancellationToken);
        return (exit, output.ToString());
    }
}
