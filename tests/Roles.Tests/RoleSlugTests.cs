using Bridge.Roles.Loading;

namespace Bridge.Roles.Tests;

public sealed class RoleSlugTests
{
    [Theory]
    [InlineData("demo", "demo")]
    [InlineData("🍳 Cooking guide", "cooking-guide")]
    [InlineData("Cooking guide 🍳", "cooking-guide")]
    [InlineData("👩‍🍳 Chef's  table!", "chef-s-table")]
    [InlineData("Crème brûlée", "creme-brulee")]
    [InlineData("Straße_7", "stra-e-7")]
    [InlineData("--a--b--", "a-b")]
    [InlineData("ＦＵＬＬ width", "full-width")]
    [InlineData("🍳", "role-adb779f9")]
    [InlineData("料理", "role-d894d429")]
    public void A_folder_name_gives_the_same_slug_for_ever(string folder, string slug) => Assert.Equal(slug, RoleSlug.Of(folder));

    [Fact]
    public void Composed_and_decomposed_spellings_are_one_name() =>
        Assert.Equal(RoleSlug.Of("Caf\u00e9 料理"), RoleSlug.Of("Cafe\u0301 料理"));

    [Fact]
    public void A_long_name_keeps_its_start_and_stays_distinct()
    {
        var first = RoleSlug.Of(new string('a', 100) + "1");
        var second = RoleSlug.Of(new string('a', 100) + "2");
        Assert.NotEqual(first, second);
        Assert.Equal(64, first.Length);
    }

    [Fact]
    public void Two_folders_of_one_slug_are_told_apart_and_the_first_owner_keeps_it()
    {
        using var folder = new RolesFolder().Role("🍳 cooking");
        using var catalog = new RoleCatalog(folder.Root);
        var owner = catalog.Current.Find("cooking");
        Assert.NotNull(owner);

        // The newcomer is spelt like the slug, which would win at a start; a running server keeps its links.
        folder.Role("cooking");
        var snapshot = catalog.Reload();
        Assert.Same(owner, snapshot.Find("cooking"));
        var newcomer = snapshot.Entries.Single(entry => entry.Folder == "cooking");
        Assert.Null(newcomer.Role);
        Assert.Equal(
            "cooking/role.yaml: The folder's short name is \"cooking\", which the folder \"🍳 cooking\" already has; rename one of them.",
            Assert.Single(newcomer.Errors).ToString());

        // Nor does the next reading change hands.
        folder.Write("cooking/agent.instruct", "Edited.");
        Assert.Same(owner, catalog.Reload().Find("cooking"));

        using var restarted = new RoleCatalog(folder.Root);
        Assert.Equal("cooking", restarted.Current.Find("cooking")!.Folder);
    }

    [Fact]
    public void A_folder_named_like_the_slug_that_another_was_given_keeps_its_own()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The file systems of the others take demo and Demo for one folder.");
        var given = $"demo-{RoleSlug.Hash("Demo")}";
        using var folder = new RolesFolder().Role("demo").Role("Demo").Role(given).Role($"{given}-2");
        var entries = folder.Load().Entries;
        Assert.Equal(
            [("Demo", $"{given}-3"), ("demo", "demo"), (given, given), ($"{given}-2", $"{given}-2")],
            entries.Select(entry => (entry.Folder, entry.Slug)));
        Assert.Equal(["Demo"], entries.Where(entry => entry.Errors.Count > 0).Select(entry => entry.Folder));
    }

    [Fact]
    public void Such_folders_may_come_while_the_catalogue_is_alive()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The file systems of the others take demo and Demo for one folder.");
        using var folder = new RolesFolder().Role("Demo");
        using var catalog = new RoleCatalog(folder.Root);
        var demo = catalog.Current.Find("demo");
        var given = $"demo-{RoleSlug.Hash("demo")}";
        folder.Role("demo").Role(given);
        var snapshot = catalog.Reload();
        Assert.Same(demo, snapshot.Find("demo"));
        Assert.Equal(given, snapshot.Find(given)!.Folder);
        Assert.Equal(3, snapshot.Entries.Select(entry => entry.Slug).Distinct().Count());
    }

    [Fact]
    public void Slugs_are_unique_whatever_the_folders_are_called()
    {
        var random = new Random(Seeds.First);
        var register = new SlugRegister();
        for (var round = 0; round < 500; round++)
        {
            var names = Enumerable.Range(0, 12).Select(_ => Name(random)).Distinct().ToList();
            names.AddRange(names.ConvertAll(name => $"{RoleSlug.Of(name)}-{RoleSlug.Hash(name)}"));
            var slugs = register.Assign(
                [.. names.Distinct().Select(name => new LoadedRole(name, RoleSlug.OfFolder(name), "", null, [], []))]);
            Assert.Equal(slugs.Count, slugs.Values.Distinct().Count());
        }

        static string Name(Random random) =>
            string.Concat(Enumerable.Range(0, random.Next(1, 4)).Select(_ => "aA-é🍳\uD83C"[random.Next(6)]));
    }
}
