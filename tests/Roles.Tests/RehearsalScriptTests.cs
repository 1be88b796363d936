using System.Text.Json;

namespace Bridge.Roles.Tests;

public sealed class RehearsalScriptTests
{
    private static readonly RehearsalScript Script = new()
    {
        Rules =
        [
            new RehearsalRule { When = ["step 2", "second step"], Say = "two" },
            new RehearsalRule { When = ["add"], Say = "add" },
            new RehearsalRule { When = ["c++", "über"], Say = "sign" },
        ],
    };

    [Theory]
    [InlineData("Go to step 2, please", "two")]
    [InlineData("STEP 2", "two")]
    [InlineData("step 20", null)]
    [InlineData("the ladder", null)]
    [InlineData("the ladder: add it", "add")]
    [InlineData("I know c++.", "sign")]
    [InlineData("ÜBER alles", "sign")]
    [InlineData("", null)]
    public void The_first_rule_whose_keyword_occurs_as_whole_words_answers(string text, string? said) =>
        Assert.Equal(said, Script.RuleFor(text)?.Say);

    [Theory]
    [InlineData("{{output.title}} has {{output.steps}} steps", "Soup has 4 steps")]
    [InlineData("{{output.list.1.name}}, {{ output.done }}", "b, true")]
    [InlineData("[{{output.missing}}{{output.title.deeper}}{{output.list.9}}]", "[]")]
    [InlineData("{{date}} {{", "{{date}} {{")]
    [InlineData("no placeholder", "no placeholder")]
    public void Placeholders_are_filled_from_the_last_calls_result(string template, string expected)
    {
        using var output = JsonDocument.Parse("""{"title":"Soup","steps":4,"done":true,"list":[{"name":"a"},{"name":"b"}]}""");
        Assert.Equal(expected, RehearsalText.Fill(template, output.RootElement));
    }

    [Fact]
    public void Without_a_result_placeholders_are_empty() => Assert.Equal("It is .", RehearsalText.Fill("It is {{output.x}}.", null));

    [Fact]
    public void The_whole_result_can_be_said()
    {
        using var output = JsonDocument.Parse("[1,2]");
        Assert.Equal("[1,2]", RehearsalText.Fill("{{output}}", output.RootElement));
    }
}
