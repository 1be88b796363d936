using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace Bridge.Roles.Tests;

/// <summary>A role's author may be careless or hostile; the server and the other roles go on.</summary>
public sealed class HostileFilesTests
{
    private const uint Nobody = 65_534;

    [Fact]
    public void Aliases_that_multiply_are_refused_before_they_expand()
    {
        var bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (var i = 1; i < 9; i++)
        {
            bomb.Append(System.Globalization.CultureInfo.InvariantCulture, $"a{i}: &a{i} [")
                .AppendJoin(", ", Enumerable.Repeat($"*a{i - 1}", 10)).Append("]\n");
        }

        using var folder = new RolesFolder().Role("x", more: ("data/bomb.yaml", bomb.ToString()));
        Assert.Contains(
            "More than 50000 values, aliases counted as often as they expand.", Assert.Single(folder.Errors()), StringComparison.Ordinal);
    }

    [Fact]
    public void An_alias_inside_its_own_anchor_is_refused()
    {
        using var folder = new RolesFolder().Role("x", more: ("data/loop.yaml", "a: &a\n  - *a\n"));
        Assert.Equal("x/data/loop.yaml:2:5: The alias *a stands inside its own anchor.", Assert.Single(folder.Errors()));
    }

    public static TheoryData<string, string> Endless { get; } = new()
    {
        { "x: " + Repeat("&a ", 30_000) + "1", "1:7: A value has one anchor; remove the second." },
        { "x: " + Repeat("&a ", 100_000) + "1", "1:7: A value has one anchor; remove the second." },
        { "x: " + Repeat("&a\n ", 100_000) + "1", "2:2: A value has one anchor; remove the second." },
        { "[" + Repeat("&a [", 100_000), "1:126: Nested deeper than 32 levels." },
        { "x: " + Repeat("!a ", 100_000), "1:4: The tag !a is not supported; remove it." },
        { Repeat("[", 100_000), "1:33: Nested deeper than 32 levels." },
        { Repeat("[", 100_000) + Repeat("]", 100_000), "1:33: Nested deeper than 32 levels." },
        { Repeat("{a: ", 100_000), "1:129: Nested deeper than 32 levels." },
        { Repeat("[{a: ", 100_000), "1:81: Nested deeper than 32 levels." },
        { Repeat("- ", 100_000), "1:65: Nested deeper than 32 levels." },
        { Repeat("? ", 100_000), "1:3: A key must be a plain word or a quoted text." },
        { Repeat("a: &a [*a, ", 50_000), "1:8: The alias *a stands inside its own anchor." },
        { "[" + Repeat("a, ", 60_000) + "]", "1:149999: More than 50000 values, aliases counted as often as they expand." },
        { "a: &a [" + Repeat("b, ", 1000) + "]\nc: [" + Repeat("*a, ", 1000) + "]", "2:197: More than 50000 values, aliases counted as "
            + "often as they expand." },
        { Repeat("a:\n", 100_000), "2:1: The key \"a\" stands here a second time; the first is on line 1." },
        { Repeat("a: ", 100_000), "1:5: A second colon on one line: put the text in quotes, or write the mapping on the lines below, "
            + "indented." },
        { Repeat("---\n", 100_000), "2:1: A second document starts here; a file holds one." },
        { Repeat("%a\n", 100_000), "1:1: Directives (%) are not supported; remove the line." },
    };

    [Theory]
    [MemberData(nameof(Endless))]
    public void A_document_without_end_is_told_in_a_sentence(string yaml, string expected)
    {
        // On a stack of 256 kB, where a parser that recurses ends the process.
        RoleError? error = null;
        var reading = new Thread(() => Yaml.YamlReader.TryRead("f", Encoding.UTF8.GetBytes(yaml), out _, out error), 256 * 1024);
        reading.Start();
        Assert.True(reading.Join(TimeSpan.FromSeconds(30)), "It takes longer than 30 s.");
        Assert.Equal("f:" + expected, error?.ToString());
    }

    private static string Repeat(string text, int count) => new StringBuilder(text.Length * count).Insert(0, text, count).ToString();

    [Fact]
    public void Plain_aliases_are_data_like_any_other()
    {
        using var folder = new RolesFolder().Role("x", agent: "{{data.d.b.k}}", more: ("data/d.yaml", "a: &a { k: v }\nb: *a\n"));
        Assert.Equal("v", folder.Load().Find("x")!.RenderInstructions(new RoleContext { Now = DateTimeOffset.UnixEpoch }));
    }

    [Theory]
    [InlineData("yaml", '[')]
    [InlineData("yaml", '{')]
    [InlineData("json", '[')]
    public void Deep_nesting_is_refused(string extension, char open)
    {
        using var folder = new RolesFolder().Role("x", more: ($"data/deep.{extension}", new string(open, 100_000)));
        var error = Assert.Single(folder.Errors());
        Assert.StartsWith($"x/data/deep.{extension}:1:", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Deep_blocks_in_a_template_are_refused()
    {
        using var folder = new RolesFolder().Role("x", agent: string.Concat(Enumerable.Repeat("{{#if date}}", 20_000)));
        Assert.Equal(["x/agent.instruct:1:388: Blocks are nested deeper than 32 levels."], folder.Errors());
    }

    [Fact]
    public void A_template_that_multiplies_itself_is_refused_before_a_call_renders_it()
    {
        var list = "[" + string.Join(",", Enumerable.Repeat("1", 1000)) + "]";
        const string Loops = "{{#each data.n}}{{#each @root.data.n}}{{#each @root.data.n}}{{this}}{{/each}}{{/each}}{{/each}}";
        using var folder = new RolesFolder()
            .Role("always", agent: Loops, more: ("data/n.json", list))
            .Role("for-some-callers", agent: "{{#if caller.vip}}" + Loops + "{{/if}}", more: ("data/n.json", list));
        Assert.Equal(
            ["always/agent.instruct: The rendered instructions can grow beyond 200,000 characters; a model follows short ones better."],
            folder.Errors("always"));
        Assert.Single(folder.Errors("for-some-callers"));
    }

    private const string Tangle =
        "x/agent.instruct: The template is too large to check once its partials are written out (300,000 steps); include fewer partials in "
            + "partials.";

    [Fact]
    public void Partials_that_include_each_other_ten_times_over_are_refused_in_a_sentence()
    {
        using var folder = new RolesFolder().Role("x", agent: "{{> p0}}").Role("y");
        for (var i = 0; i < 10; i++)
        {
            folder.Write($"_shared/p{i}.instruct", i == 9 ? "{{date}}" : Repeat($"{{{{> p{i + 1}}}}}", 10));
        }

        var started = TimeProvider.System.GetTimestamp();
        var snapshot = folder.Load();
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"refused after {TimeProvider.System.GetElapsedTime(started).TotalMilliseconds:F0} ms");
        Assert.Equal([Tangle], snapshot.Entries[0].Errors.Select(error => error.ToString()));
        Assert.NotNull(snapshot.Find("y"));
    }

    [Fact]
    public void Mistakes_in_such_partials_are_told_and_not_each_time()
    {
        using var folder = new RolesFolder().Role("x", agent: "{{> p0}}");
        for (var i = 0; i < 10; i++)
        {
            folder.Write($"_shared/p{i}.instruct", i == 9 ? "{{nothing}}" : Repeat($"{{{{> p{i + 1}}}}}", 10));
        }

        var errors = folder.Errors();
        Assert.Equal(3, errors.Count);
        Assert.StartsWith("_shared/p9.instruct:1:3: Unknown variable \"nothing\"", errors[0], StringComparison.Ordinal);
        Assert.Equal("x/agent.instruct:1:4: The partial \"p0\" does not fit here; see the errors in _shared/p0.instruct.", errors[1]);
        Assert.Equal(Tangle, errors[2]);
    }

    [Fact]
    public void Partials_have_a_depth()
    {
        using var folder = new RolesFolder().Role("x", agent: "{{> p0}}");
        for (var i = 0; i < 200; i++)
        {
            folder.Write($"_shared/p{i}.instruct", Repeat("{{#if date}}", 31) + $"{{{{> p{i + 1}}}}}" + Repeat("{{/if}}", 31));
        }

        Assert.StartsWith(
            "_shared/p15.instruct:1:376: Partials include one another deeper than 16 levels (p0 > p1 > ",
            folder.Errors()[0],
            StringComparison.Ordinal);
    }

    public static TheoryData<string, string?> Chains { get; } = new()
    {
        { "{{#if caller.a}}a" + Repeat("{{else if caller.b}}b", 10_000) + "{{else}}z{{/if}}", null },
        { "{{#if caller.a}}a" + Repeat("{{else if nothing}}b", 10_000) + "{{/if}}", "x/agent.instruct:1:28: Unknown variable \"nothing\"; "
            + "known here: role, tools, data, caller, date, time, weekday, now, time_zone, locale." },
        { "{{#if date}}" + Repeat("{{else}}", 25_000) + "{{/if}}", "x/agent.instruct:1:27: A second {{else}} in the same block." },
        { Repeat("{{else}}", 25_000), "x/agent.instruct:1:7: This {{else}} stands outside of any block." },
        { "{{#if date}}" + Repeat("{{else if}}", 20_000) + "{{/if}}", "x/agent.instruct:1:19: The tag is empty; write the name of a "
            + "variable in it." },
        { Repeat("{{}}", 60_000), "x/agent.instruct:1:3: The tag is empty; write the name of a variable in it." },
        { Repeat("{{/if}}", 30_000), "x/agent.instruct:1:4: {{/if}} closes nothing; remove it, or open the block before." },
        { "{{" + Repeat("../", 80_000) + "a}}", "x/agent.instruct:1:3: This path has more than 500 characters." },
        { "{{" + Repeat("a.", 100_000) + "a}}", "x/agent.instruct:1:3: This path has more than 500 characters." },
        { "{{" + Repeat("(not ", 50_000) + "}}", "x/agent.instruct:1:48: Parentheses are nested deeper than 8 levels." },
    };

    [Theory]
    [MemberData(nameof(Chains))]
    public void A_template_without_end_is_read_or_told_in_a_sentence(string template, string? expected)
    {
        using var folder = new RolesFolder().Role("x", agent: template);
        IReadOnlyList<string> errors = [];
        var loading = new Thread(() => errors = folder.Errors(), 256 * 1024);
        loading.Start();
        Assert.True(loading.Join(TimeSpan.FromSeconds(30)), "It takes longer than 30 s.");
        Assert.Equal(expected, errors.Count > 0 ? errors[0] : null);
        Assert.InRange(errors.Count, 0, 50);
    }

    [Theory]
    [InlineData("{{#each data.n}}{{#if (eq @root.data.big \"\")}}a{{/if}}{{/each}}")]
    [InlineData("{{#each data.n}}{{#if (eq (join @root.data.big \"\") \"x\")}}a{{/if}}{{/each}}")]
    [InlineData("{{#each data.n}}{{#if @root.data.keys.k19999.k1}}a{{/if}}{{/each}}")]
    public void A_template_that_walks_large_data_again_and_again_is_refused(string template)
    {
        var list = "[" + string.Join(",", Enumerable.Repeat("1", 10_000)) + "]";
        var big = "[" + string.Join(",", Enumerable.Repeat("\"\"", 100_000)) + "]";
        var keys = "{" + string.Join(",", Enumerable.Range(0, 20_000).Select(i => $"\"k{i}\":{{\"k1\":1}}")) + "}";
        using var folder = new RolesFolder()
            .Role("x", agent: template, more: [("data/n.json", list), ("data/big.json", big), ("data/keys.json", keys)]);
        Assert.Equal(
            ["x/agent.instruct: Rendering the template can take more than 400,000 steps; loop over shorter lists, or less often."],
            folder.Errors());
    }

    [Fact]
    public void A_file_of_nothing_but_mistakes_is_told_up_to_a_hundred()
    {
        using var folder = new RolesFolder()
            .Role("x", RolesFolder.PlainRole + string.Concat(Enumerable.Range(0, 5000).Select(i => $"k{i}: 1\n")));
        var errors = folder.Errors();
        Assert.Equal(101, errors.Count);
        Assert.Equal("x: 4,900 more errors are not shown; correct these first.", errors[100]);
    }

    [Theory]
    [InlineData("!!python/object:os.system ls", "The tag !!python/object:os.system is not supported; remove it.")]
    [InlineData("a: 1\n---\nb: 2\n", "A second document starts here; a file holds one.")]
    [InlineData("<<: { a: 1 }", "Merge keys (<<) are not supported; repeat the keys.")]
    [InlineData("[a, b]: 1", "A key must be a plain word or a quoted text.")]
    [InlineData("a: *b", "There is no anchor &b above this alias.")]
    public void What_yaml_offers_beyond_data_is_refused(string yaml, string expected)
    {
        using var folder = new RolesFolder().Role("x", more: ("data/d.yaml", yaml));
        Assert.Contains(expected, Assert.Single(folder.Errors()), StringComparison.Ordinal);
    }

    [Fact]
    public void Files_beyond_their_size_are_refused_and_not_read()
    {
        using var folder = new RolesFolder().Role("x", more: ("data/big.json", new string(' ', 1024 * 1024 + 1)));
        Assert.Equal(["x/data/big.json: The file has 1,048,577 bytes; at most 1,048,576 are allowed."], folder.Errors());
    }

    [Fact]
    public void Too_many_files_are_refused()
    {
        using var folder = new RolesFolder().Role("x", more: [.. Enumerable.Range(0, 300).Select(i => ($"page/p{i}.svg", "<svg/>"))]);
        Assert.Contains("x: The role has more than 256 files; remove what the role doesn't need.", folder.Errors());
    }

    [Fact]
    public void Bytes_that_are_no_text_are_refused()
    {
        using var folder = new RolesFolder().Role("x");
        File.WriteAllBytes(Path.Combine(folder.Root, "x", "role.yaml"), [0xff, 0xfe, 0x00]);
        Assert.Contains("x/role.yaml: The file is not UTF-8 text; save it as UTF-8.", folder.Errors());
    }

    [Theory]
    [InlineData("page/secret.json")]
    [InlineData("data/secret.json")]
    [InlineData("agent.instruct")]
    public void A_link_out_of_the_folder_is_refused(string path)
    {
        using var outside = new RolesFolder().Write("secret.json", "{\"key\":\"hidden\"}");
        using var folder = new RolesFolder().Role("x", more: [("page/index.js", "export default () => {};"), ("data/d.yaml", "a: 1\n")]);
        File.Delete(Path.Combine(folder.Root, "x", path));
        File.CreateSymbolicLink(Path.Combine(folder.Root, "x", path), Path.Combine(outside.Root, "secret.json"));
        Assert.Equal([$"x/{path}: This is a symbolic link that leads out of the role's folder; put a copy here instead."], folder.Errors());
    }

    [Fact]
    public void A_linked_folder_or_a_chain_of_links_leads_nowhere_else_either()
    {
        using var outside = new RolesFolder().Write("secret.json", "{}");
        using var folder = new RolesFolder().Role("x", more: ("page/index.js", "export default () => {};"));
        Directory.CreateSymbolicLink(Path.Combine(folder.Root, "x", "data"), outside.Root);
        File.CreateSymbolicLink(Path.Combine(folder.Root, "x", "page", "a.json"), Path.Combine(folder.Root, "x", "page", "b.json"));
        File.CreateSymbolicLink(Path.Combine(folder.Root, "x", "page", "b.json"), Path.Combine(outside.Root, "secret.json"));
        File.CreateSymbolicLink(Path.Combine(folder.Root, "x", "page", "c.json"), "c.json");
        Assert.Equal(4, folder.Errors().Count);
        Assert.All(folder.Errors(), error => Assert.EndsWith("put a copy here instead.", error, StringComparison.Ordinal));
    }

    [Fact]
    public void A_whole_role_linked_from_elsewhere_is_refused()
    {
        using var outside = new RolesFolder().Role("x");
        using var folder = new RolesFolder();
        Directory.CreateSymbolicLink(Path.Combine(folder.Root, "x"), Path.Combine(outside.Root, "x"));
        var snapshot = folder.Load();
        Assert.Empty(snapshot.Entries);
        Assert.Equal(
            "x: This is a symbolic link that leads out of the roles folder; put a copy here instead.",
            Assert.Single(snapshot.Errors).ToString());
    }

    [Fact]
    public void Links_that_stay_inside_work_as_containers_mount_their_files()
    {
        using var folder = new RolesFolder()
            .Write("x/..2026/role.yaml", RolesFolder.PlainRole).Write("x/..2026/agent.instruct", "Mounted.");
        var role = Path.Combine(folder.Root, "x");
        Directory.CreateSymbolicLink(Path.Combine(role, "..data"), "..2026");
        File.CreateSymbolicLink(Path.Combine(role, "role.yaml"), "..data/role.yaml");
        File.CreateSymbolicLink(Path.Combine(role, "agent.instruct"), "..data/agent.instruct");
        Assert.Equal("Mounted.", folder.Load().Find("x")!.RenderInstructions(new RoleContext { Now = DateTimeOffset.UnixEpoch }));
    }

    [Fact]
    public void A_pipe_in_the_folder_does_not_hang_the_server()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no named pipes in folders.");
        using var folder = new RolesFolder().Role("x", more: ("data/d.yaml", "a: 1\n"));
        using var make = Process.Start("mkfifo", Path.Combine(folder.Root, "x", "data", "pipe.json"));
        make.WaitForExit();
        Assert.StartsWith("x/data/pipe.json:", Assert.Single(folder.Errors()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("644")]
    [InlineData("000")]
    public void A_folder_that_may_not_be_entered_is_watched_beside_the_others(string mode)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Modes are Unix's, and a thread with a user of its own is Linux's.");
        using var folder = new RolesFolder().Role("good").Role("shut");
        Allow("755", folder.Root);
        Allow(mode, Path.Combine(folder.Root, "shut"));
        RoleSnapshot? found = null;
        Exception? failed = null;
        var thread = new Thread(() =>
        {
            // Root may enter every folder; the nobody of the host's unit and container may not.
            _ = SetFileSystemUser(Nobody);
            try
            {
                using var catalog = new RoleCatalog(folder.Root);
                catalog.Watch();
                found = catalog.Current;
            }
            catch (Exception thrown)
            {
                failed = thrown;
            }
        });
        thread.Start();
        thread.Join();
        Allow("755", Path.Combine(folder.Root, "shut"));
        Assert.Null(failed);
        Assert.NotNull(found!.Find("good"));

        static void Allow(string mode, string path)
        {
            using var change = Process.Start("chmod", [mode, path]);
            change.WaitForExit();
        }
    }

    [Fact]
    public void A_broken_role_costs_nobody_else()
    {
        using var folder = new RolesFolder().Role("good").Role("bad", roleYaml: "[");
        var snapshot = folder.Load();
        Assert.NotNull(snapshot.Find("good"));
        Assert.Null(snapshot.Find("bad"));
    }

    [Fact]
    public void The_loader_survives_every_truncation_of_a_shipped_role()
    {
        var shipped = Path.Combine(RolesFolder.Shipped(), "cooking-guide");
        var yaml = File.ReadAllBytes(Path.Combine(shipped, "role.yaml"));
        var template = File.ReadAllText(Path.Combine(shipped, "agent.instruct"));
        for (var length = 0; length < yaml.Length; length += 7)
        {
            var binder = new Documents.DocumentBinder("f", []);
            if (Yaml.YamlReader.TryRead("f", yaml.AsSpan(0, length), out var root, out var error))
            {
                binder.Bind<Documents.RoleDocument>(root);
            }
            else
            {
                Assert.NotEmpty(error.Message);
            }
        }

        for (var length = 0; length < template.Length; length++)
        {
            var errors = new List<RoleError>();
            var parsed = Templates.TemplateParser.Parse("f", template[..length], errors);
            Assert.Equal(parsed is null, errors.Count > 0);
        }
    }

    [DllImport("libc", EntryPoint = "setfsuid")]
    private static extern int SetFileSystemUser(uint user);
}
