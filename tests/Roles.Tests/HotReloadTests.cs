using System.Text;

namespace Bridge.Roles.Tests;

/// <summary>A roles folder that is edited while the server runs, on a real file system.</summary>
public sealed class HotReloadTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly RolesFolder _folder = new RolesFolder().Role("x", agent: "First.");
    private readonly RoleCatalog _catalog;

    public HotReloadTests()
    {
        _catalog = new RoleCatalog(_folder.Root);
        _catalog.Watch();
    }

    public void Dispose()
    {
        _catalog.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task An_edit_is_published_as_a_new_snapshot_and_the_old_one_stays_as_it_was()
    {
        var before = _catalog.Current;
        await Edit(() => _folder.Write("x/agent.instruct", "Second."), snapshot => Says(snapshot, "Second."));
        Assert.True(Says(before, "First."));
        Assert.True(_catalog.Current.Version > before.Version);
    }

    [Fact]
    public Task An_editor_that_writes_by_rename_is_seen() => Edit(
        () =>
        {
            _folder.Write("x/.agent.instruct.swp", "Second.");
            File.Move(Path.Combine(_folder.Root, "x/agent.instruct"), Path.Combine(_folder.Root, "x/agent.instruct~"));
            File.Move(Path.Combine(_folder.Root, "x/.agent.instruct.swp"), Path.Combine(_folder.Root, "x/agent.instruct"));
        },
        snapshot => Says(snapshot, "Second."));

    [Fact]
    public async Task Double_events_and_touches_without_change_publish_nothing_twice()
    {
        var versions = new List<long>();
        _catalog.Changed += snapshot => versions.Add(snapshot.Version);
        await Edit(
            () =>
            {
                for (var i = 0; i < 5; i++)
                {
                    _folder.Write("x/agent.instruct", "Second.");
                    File.SetLastWriteTimeUtc(Path.Combine(_folder.Root, "x/role.yaml"), DateTime.UtcNow.AddSeconds(i));
                }
            },
            snapshot => Says(snapshot, "Second."));
        Assert.Same(_catalog.Current, _catalog.Reload());
        Assert.Equal([2], versions);
    }

    [Fact]
    public async Task A_half_written_file_never_replaces_the_good_role()
    {
        var seen = new List<RoleSnapshot>();
        _catalog.Changed += snapshot => seen.Add(snapshot);
        await Edit(
            () =>
            {
                using var file = new FileStream(
                    Path.Combine(_folder.Root, "x/agent.instruct"), FileMode.Truncate, FileAccess.Write, FileShare.ReadWrite);
                file.Write("Half {{#if date}} of"u8);
                file.Flush(flushToDisk: true);
                _catalog.Reload();
                file.Write(" it{{/if}}."u8);
            },
            snapshot => Says(snapshot, "Half  of it."));
        Assert.All(seen, snapshot => Assert.NotNull(snapshot.Find("x")));
    }

    [Fact]
    public async Task A_broken_edit_keeps_the_last_good_role_and_shows_its_errors_until_it_is_mended()
    {
        var good = _catalog.Current.Find("x");
        await Edit(
            () => _folder.Write("x/role.yaml", "name: X\ndescription: X.\nvoice: { name: nobody }\n"),
            snapshot => snapshot.Entries[0].Errors.Count > 0);
        Assert.Same(good, _catalog.Current.Find("x"));
        Assert.Equal(("x/role.yaml", 3), (_catalog.Current.Entries[0].Errors[0].File, _catalog.Current.Entries[0].Errors[0].Line));

        await Edit(
            () => _folder.Write("x/role.yaml", "name: X\ndescription: X.\nvoice: { name: sage }\n"),
            snapshot => snapshot.Entries[0].Errors.Count == 0);
        Assert.Equal("sage", _catalog.Current.Find("x")!.Voice.Name);
        Assert.Equal("marin", good!.Voice.Name);
    }

    [Fact]
    public async Task Roles_come_and_go_with_their_folders()
    {
        using var elsewhere = new RolesFolder().Role("y");
        await Edit(
            () => Directory.Move(Path.Combine(elsewhere.Root, "y"), Path.Combine(_folder.Root, "y")),
            snapshot => snapshot.Find("y") is not null);
        var untouched = _catalog.Current.Find("x");
        await Edit(() => Directory.Delete(Path.Combine(_folder.Root, "y"), recursive: true), snapshot => snapshot.Find("y") is null);
        Assert.Same(untouched, _catalog.Current.Find("x"));
    }

    [Fact]
    public async Task A_new_folder_is_complete_only_when_its_files_are_there()
    {
        await Edit(() => _folder.Role("new role 🎈", agent: "New."), snapshot => snapshot.Find("new-role") is not null);
        Assert.Empty(_catalog.Current.Entries.SelectMany(entry => entry.Errors));
    }

    [Fact]
    public async Task A_shared_partial_reaches_every_role_that_uses_it()
    {
        await Edit(
            () => _folder.Write("_shared/tone.instruct", "Be kind.").Write("x/agent.instruct", "{{> tone}}"),
            snapshot => Says(snapshot, "Be kind."));
        await Edit(() => _folder.Write("_shared/tone.instruct", "Be brief."), snapshot => Says(snapshot, "Be brief."));
        await Edit(() => _folder.Write("_shared/tone.instruct", "{{#if}}"), snapshot => snapshot.Entries[0].Errors.Count > 0);
        Assert.Contains(
            "_shared/tone.instruct:1:6: The tag is empty; write the name of a variable in it.",
            _catalog.Current.Entries[0].Errors.Select(error => error.ToString()));
        Assert.True(Says(_catalog.Current, "Be brief."));
    }

    [Fact]
    public async Task Data_and_page_files_are_part_of_the_role()
    {
        await Edit(
            () => _folder.Write("x/agent.instruct", "{{data.menu.title}}").Write("x/data/menu.yaml", "title: Lunch\n"),
            snapshot => Says(snapshot, "Lunch"));
        await Edit(() => _folder.Write("x/data/menu.yaml", "title: Dinner\n"), snapshot => Says(snapshot, "Dinner"));
        await Edit(() => _folder.Write("x/page/index.js", "export default () => {};"), snapshot => snapshot.Find("x")!.Page is not null);
    }

    [Fact]
    public async Task A_roles_folder_that_appears_later_is_found()
    {
        var root = Path.Combine(_folder.Root, "later");
        using var catalog = new RoleCatalog(root);
        Assert.Equal(
            "The roles folder does not exist; create it, or name another one with --roles.", Assert.Single(catalog.Current.Errors).Message);
        catalog.Watch();
        await Edit(() => _folder.Role("later/y"), snapshot => snapshot.Find("y") is not null, catalog);
        Assert.Empty(catalog.Current.Errors);
    }

    [Fact]
    public async Task A_tangle_of_partials_is_told_and_later_edits_are_taken()
    {
        await Edit(
            () =>
            {
                for (var i = 0; i < 10; i++)
                {
                    _folder.Write(
                        $"_shared/p{i}.instruct", i == 9 ? "{{date}}" : string.Concat(Enumerable.Repeat($"{{{{> p{i + 1}}}}}", 10)));
                }

                _folder.Write("x/agent.instruct", "{{> p0}}");
            },
            snapshot => snapshot.Entries[0].Errors.Count > 0);
        Assert.True(Says(_catalog.Current, "First."));
        await Edit(() => _folder.Write("x/agent.instruct", "Untangled."), snapshot => Says(snapshot, "Untangled."));
    }

    [Fact]
    public async Task A_subscriber_that_throws_is_told_once_and_stops_nobody()
    {
        var failures = new List<Exception>();
        _catalog.Failed += failures.Add;
        _catalog.Changed += _ => throw new InvalidOperationException("defect");
        await Edit(() => _folder.Write("x/agent.instruct", "Second."), snapshot => Says(snapshot, "Second."));
        await Edit(() => _folder.Write("x/agent.instruct", "Third."), snapshot => Says(snapshot, "Third."));
        Assert.Equal("defect", Assert.Single(failures).Message);
    }

    [Fact]
    public async Task A_defect_of_the_loader_costs_its_role_alone_and_the_next_edit_is_taken()
    {
        using var folder = new RolesFolder().Role("x", agent: "First.").Role("y", agent: "Why.");
        using var catalog = new RoleCatalog(folder.Root, null, (name, files, shared, revision) =>
            Encoding.UTF8.GetString(files.Find("agent.instruct")!) == "Break."
                ? throw new InvalidOperationException("defect")
                : Loading.RoleLoader.Load(name, files, shared, revision));
        catalog.Watch();
        var good = catalog.Current.Find("x");
        await Edit(() => folder.Write("x/agent.instruct", "Break."), snapshot => snapshot.Entries[0].Errors.Count > 0, catalog);
        Assert.Equal(
            "x: The role can't be read because of a defect in the Bridge (InvalidOperationException: defect); please report it with the "
                + "role's files.",
            Assert.Single(catalog.Current.Entries[0].Errors).ToString());
        Assert.Same(good, catalog.Current.Find("x"));
        await Edit(
            () => folder.Write("y/agent.instruct", "Because."),
            snapshot => snapshot.Find("y")!.RenderInstructions(new RoleContext { Now = DateTimeOffset.UnixEpoch }) == "Because.",
            catalog);
        await Edit(() => folder.Write("x/agent.instruct", "Mended."), snapshot => Says(snapshot, "Mended."), catalog);
    }

    [Fact]
    public async Task A_watch_whose_reading_throws_tells_it_and_reads_the_next_change()
    {
        var failed = new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously);
        var read = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var watch = new Loading.FolderWatch(
            _folder.Root,
            _ =>
            {
                if (!failed.Task.IsCompleted)
                {
                    throw new InvalidOperationException("defect");
                }

                read.TrySetResult();
                return false;
            },
            defect => failed.TrySetResult(defect),
            TimeProvider.System);
        _folder.Write("x/agent.instruct", "Second.");
        Assert.Equal("defect", (await failed.Task.WaitAsync(Patience, TestContext.Current.CancellationToken)).Message);
        _folder.Write("x/agent.instruct", "Third.");
        await read.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
    }

    [Fact]
    public void A_look_at_the_folder_follows_no_link_out_of_it()
    {
        using var outside = new RolesFolder().Role("far");
        Directory.CreateSymbolicLink(Path.Combine(_folder.Root, "x", "out"), outside.Root);
        Directory.CreateSymbolicLink(Path.Combine(_folder.Root, "x", "circle"), _folder.Root);
        var before = Loading.FolderStamp.Of(_folder.Root);
        Assert.DoesNotContain("far", before, StringComparison.Ordinal);
        Assert.DoesNotContain("circle/x", before, StringComparison.Ordinal);
        outside.Write("far/agent.instruct", "Far away.");
        Assert.Equal(before, Loading.FolderStamp.Of(_folder.Root));
    }

    [Fact]
    public void A_look_at_the_folder_sees_what_its_links_lead_to_inside()
    {
        _folder.Write("x/.now/notes.yaml", "a: 1\n").Write("x/data/plain.yaml", "a: 1\n");
        File.CreateSymbolicLink(Path.Combine(_folder.Root, "x", "data", "notes.yaml"), "../.now/notes.yaml");
        var before = Loading.FolderStamp.Of(_folder.Root);
        _folder.Write("x/.now/notes.yaml", "a: 12\n");
        Assert.NotEqual(before, Loading.FolderStamp.Of(_folder.Root));
    }

    private static bool Says(RoleSnapshot snapshot, string text) =>
        snapshot.Find("x")?.RenderInstructions(new RoleContext { Now = DateTimeOffset.UnixEpoch }) == text;

    private async Task Edit(Action edit, Func<RoleSnapshot, bool> until, RoleCatalog? catalog = null)
    {
        catalog ??= _catalog;
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look(RoleSnapshot snapshot)
        {
            if (until(snapshot))
            {
                done.TrySetResult();
            }
        }

        catalog.Changed += Look;
        var started = TimeProvider.System.GetTimestamp();
        edit();
        await done.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
        catalog.Changed -= Look;
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"published after {TimeProvider.System.GetElapsedTime(started).TotalMilliseconds:F0} ms");
    }
}
