namespace Bridge.Roles.Tests;

/// <summary>A role's settings about money: its words, and its cheaper model.</summary>
public sealed class MoneyTests
{
    [Theory]
    [InlineData("en", "Our time is up. Goodbye!")]
    [InlineData("de-AT", "Unsere Zeit ist um. Auf Wiederhören!")]
    [InlineData("FR", "Notre temps est écoulé. Au revoir !")]
    [InlineData("xx", "Our time is up. Goodbye!")]
    public void A_role_without_words_has_those_of_its_language(string language, string goodbye) =>
        Assert.Equal(goodbye, RoleWords.In(language).Goodbye);

    [Fact]
    public void Words_and_the_cheaper_model_are_read_and_what_is_left_out_is_the_languages()
    {
        using var folder = new RolesFolder().Role("x", RolesFolder.PlainRole + "language: de\nmodel: { name: dear, economy: cheap }\nwords: { goodbye: ' Tschüss! ' }\n");
        var role = folder.Load().Find("x")!;
        Assert.Equal("Tschüss!", role.Words.Goodbye);
        Assert.Equal(RoleWords.In("de").Closing, role.Words.Closing);
        Assert.Equal("cheap", role.Model.Economy);
        var economical = role.Economical();
        Assert.Equal(("cheap", role.Slug, role.Revision), (economical.Model.Name, economical.Slug, economical.Revision));
        Assert.Equal("dear", role.Model.Name);
        Assert.Same(economical, economical.Economical());
    }

    [Fact]
    public void Words_that_are_too_long_and_a_model_that_is_none_are_errors_with_their_line()
    {
        using var folder = new RolesFolder().Role("x", RolesFolder.PlainRole + $"model: {{ economy: two words }}\nwords: {{ closing: {new string('a', 201)} }}\n");
        var errors = folder.Errors();
        Assert.Contains(errors, e => e.Contains("role.yaml:3", StringComparison.Ordinal) && e.Contains("model.economy is \"two words\"", StringComparison.Ordinal));
        Assert.Contains(errors, e => e.Contains("role.yaml:4", StringComparison.Ordinal) && e.Contains("words.closing has 201 characters; at most 200 are allowed.", StringComparison.Ordinal));
    }
}
