using System.Text.Json;

namespace Bridge.JsonSchema.Tests;

/// <summary>Patterns as browsers write them: what matches is what matches there.</summary>
public sealed class PatternTests
{
    [Theory]
    [InlineData(@"^\p{Script=Greek}+$", "αβγ", "abc")]
    [InlineData(@"^\p{Script=Han}+$", "漢字𠀀", "漢字a")]
    [InlineData(@"^\p{sc=Cyrl}$", "ж", "z")]
    [InlineData(@"^(\p{Extended_Pictographic}|\p{Emoji_Component})+$", "👩‍🍳🍳", "egg")]
    [InlineData(@"^\P{Extended_Pictographic}*$", "egg 漢𠀀", "egg 🍳")]
    [InlineData(@"^\p{L}{3}$", "a𝒜é", "a1b")]
    [InlineData(@"^\p{General_Category=Uppercase_Letter}$", "Ä", "ä")]
    [InlineData(@"^\p{Lu}\p{ASCII}$", "Äz", "Äé")]
    [InlineData(@"^[\p{Alphabetic}\d]+$", "añ9𝒜", "a-b")]
    [InlineData(@"^\u{1F600}$", "😀", "😁")]
    [InlineData(@"^\ud83d\ude00$", "😀", "😁")]
    [InlineData(@"^[\u{1F600}-\u{1F64F}]{2}$", "😀🙏", "😀")]
    [InlineData(@"^[^😀]$", "🍳", "😀")]
    [InlineData(@"^.$", "🍳", "ab")]
    [InlineData(@"^.{2}$", "🍳🍳", "🍳")]
    [InlineData(@"^.+$", "🍳\u0085", "a\u2028")]
    [InlineData(@"^[^]{2}$", "\n🍳", "\n")]
    [InlineData(@"^a[^]*z$", "a\n🍳z", "a\n🍳")]
    [InlineData(@"^(a|[])$", "a", "b")]
    [InlineData(@"^\w+$", "a_9", "é")]
    [InlineData(@"^\W$", "é", "a")]
    [InlineData(@"^\d$", "7", "٣")]
    [InlineData(@"^\s$", "\uFEFF", "\u0085")]
    [InlineData(@"^[\w-.]+@[\w-]+\.[a-z]{2,}$", "a.b-c@d-e.org", "a@b")]
    [InlineData(@"^[\w.+-]+$", "a+b-c.d", "a b")]
    [InlineData(@"\bcat\b", "a cat.", "concat")]
    [InlineData(@"\bé", "aé", "é")]
    [InlineData(@"^\Bé", "é", "e")]
    [InlineData(@"^(?<y>\d{4})-(?<m>\d\d)$", "2026-11", "2026-1")]
    [InlineData(@"^(?<q>['""])(x)\k<q>\2$", "'x'x", "'x\"x")]
    [InlineData(@"^(a)?b\1$", "b", "ba")]
    [InlineData(@"^(a)?b\1$", "aba", "ab")]
    [InlineData(@"^(?!.*\.\.)[a-z.]+$", "a.b", "a..b")]
    [InlineData(@"(?<=€)\d+$", "€12", "$12")]
    [InlineData(@"^a{2}b{1,}c{0,1}$", "aabbb", "ab")]
    [InlineData(@"^a{,2}$", "a{,2}", "aa")]
    [InlineData(@"^[a\]b]+$", "a]b", "c")]
    [InlineData(@"^[[:]]$", "[]", "a]")]
    [InlineData(@"^\/\-\@\_$", "/-@_", "a")]
    [InlineData(@"^\cJ\x41\0$", "\nA\0", "A")]
    [InlineData(@"^[\b]$", "\b", "b")]
    [InlineData(@"^a.*?b+?$", "axxbb", "a")]
    [InlineData(@"(?i)^yes$", "YES", "no")]
    [InlineData(@"^(?P<x>a)$", "a", "b")]
    [InlineData(@"\Aa\Z", "a", "a\n")]
    [InlineData("^a$", "a", "a\n")]
    public void A_pattern_matches_what_it_matches_in_a_browser(string pattern, string match, string other)
    {
        var schema = Compiled(pattern);
        Assert.Empty(schema.Check(JsonSerializer.SerializeToElement(match)));
        var error = Assert.Single(schema.Check(JsonSerializer.SerializeToElement(other)));
        Assert.Equal(("pattern", pattern, ""), (error.Keyword, error.Expected[0], error.Path.ToString()));
    }

    [Theory]
    [InlineData(@"\p{Script_Extensions=Greek}", "#/pattern names a property that is not known here, Script_Extensions=Greek: "
        + "\\p{Script_Extensions=Greek}.")]
    [InlineData(@"\p{Nonsense}", "#/pattern names a property that is not known here, Nonsense: \\p{Nonsense}.")]
    [InlineData(@"[\p{Script=Nonsense}]", "#/pattern names a property that is not known here, Script=Nonsense: [\\p{Script=Nonsense}].")]
    [InlineData("(", "#/pattern is no regular expression: (.")]
    [InlineData("a)", "#/pattern is no regular expression: a).")]
    [InlineData("[a", "#/pattern is no regular expression: [a.")]
    [InlineData("[z-a]", "#/pattern is no regular expression: [z-a].")]
    [InlineData("*", "#/pattern is no regular expression: *.")]
    [InlineData("a**", "#/pattern is no regular expression: a**.")]
    [InlineData("a{3,2}", "#/pattern is no regular expression: a{3,2}.")]
    [InlineData(@"\1", "#/pattern is no regular expression: \\1.")]
    [InlineData(@"\k<a>", "#/pattern is no regular expression: \\k<a>.")]
    [InlineData(@"\u{110000}", "#/pattern is no regular expression: \\u{110000}.")]
    [InlineData(@"\u00g0", "#/pattern is no regular expression: \\u00g0.")]
    [InlineData(@"\q", "#/pattern is no regular expression: \\q.")]
    [InlineData("(?x)a", "#/pattern is no regular expression: (?x)a.")]
    [InlineData("\\", "#/pattern is no regular expression: \\.")]
    public void A_pattern_that_can_not_be_kept_exactly_is_refused(string pattern, string problem)
    {
        Assert.False(Schema.TryCompile(Schemas.WithPattern(pattern), out _, out var said));
        Assert.Equal(problem, said.ToString());
    }

    [Fact]
    public void Groups_nested_too_deep_are_refused_before_the_framework_reads_them()
    {
        Assert.False(Schema.TryCompile(Schemas.WithPattern(new string('(', 2_000) + "a" + new string(')', 2_000)), out _, out var said));
        Assert.StartsWith("#/pattern nests groups more than 100 deep", said.ToString());
    }

    [Fact]
    public void A_short_pattern_that_stands_for_a_long_one_is_refused()
    {
        Assert.False(Schema.TryCompile(Schemas.WithPattern("(?i)" + string.Concat(Enumerable.Repeat(@"\p{L}", 500))), out _, out var said));
        Assert.StartsWith("#/pattern is too large a regular expression", said.ToString());
    }

    [Fact]
    public void Patterns_of_any_shape_are_compiled_or_refused_and_never_throw()
    {
        string[] parts =
        [
            "a", "z", "-", "^", "$", ".", "|", "(", ")", "[", "]", "{", "}", ",", "2", "*", "+", "?", "\\", "\\d", "\\w", "\\b", "\\B",
            "\\1", "\\k<n>",
            "(?<n>", "(?:", "(?=", "(?!", "(?<=", "(?<!", "(?i)", "(?P<n>", "\\u", "\\u{1F600}", "\\p{L}", "\\P{Lu}", "\\p{Script=Greek}",
            "\\p{", "[^", "😀", "\\x4", "\\c",
        ];
        var compiled = 0;
        for (var seed = 0; seed < 20_000; seed++)
        {
            var random = new Random(seed);
            var pattern = string.Concat(Enumerable.Range(0, random.Next(1, 9)).Select(_ => parts[random.Next(parts.Length)]));
            try
            {
                if (Schema.TryCompile(Schemas.WithPattern(pattern), out var schema, out var problem))
                {
                    compiled++;
                    Assert.InRange(schema.Check(JsonSerializer.SerializeToElement("a-z 2😀\n")).Count, 0, 1);
                }
                else
                {
                    Assert.StartsWith("#/pattern ", problem.ToString());
                }
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"seed {seed}: {pattern}", exception);
            }
        }

        Assert.InRange(compiled, 1_000, 19_000);
    }

    private static Schema Compiled(string pattern)
    {
        Assert.True(Schema.TryCompile(Schemas.WithPattern(pattern), out var schema, out var problem), problem.ToString());
        return schema;
    }
}
