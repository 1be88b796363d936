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
        Assert.Equal("cooking/role.yaml: The folder's short name is \"cooking\", which the folder \"🍳 cooking\" already has; rename one of them.", Assert.Single(newcomer.Errors).ToString());

        using var restarted = new RoleCatalog(folder.Root);
        Assert.Equal("cooking", restarted.Current.Find("cooking")!.Folder);
    }
}
