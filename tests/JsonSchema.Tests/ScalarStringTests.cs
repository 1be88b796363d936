using System.Text.Json;

namespace Bridge.JsonSchema.Tests;

public sealed class ScalarStringTests
{
    private const string Order = """
        {"type":"object","properties":{
          "quantity":{"type":"integer","minimum":1},"price":{"type":"number"},"gift":{"type":"boolean"},"note":{"type":"string","minLength":2},
          "either":{"type":["integer","null"]},"size":{"anyOf":[{"type":"integer"},{"type":"boolean"}]},"code":{"type":["string","integer"]},
          "level":{"type":"integer","enum":[1,2,3]},
          "lines":{"type":"array","items":{"type":"object","properties":{"n/m":{"type":"integer"}}}},
          "many":{"type":"array","items":{"type":"integer"}}}}
        """;

    [Theory]
    [InlineData("""{"quantity":"3"}""", """{"quantity":3}""", "/quantity")]
    [InlineData("""{"quantity":"3.0"}""", """{"quantity":3.0}""", "/quantity")]
    [InlineData("""{"price":"2.50"}""", """{"price":2.50}""", "/price")]
    [InlineData("""{"price":"-1e3"}""", """{"price":-1e3}""", "/price")]
    [InlineData("""{"gift":"true"}""", """{"gift":true}""", "/gift")]
    [InlineData("""{"gift":"false","quantity":"9"}""", """{"gift":false,"quantity":9}""", "/quantity /gift")]
    [InlineData("""{"either":"7"}""", """{"either":7}""", "/either")]
    [InlineData("""{"size":"4"}""", """{"size":4}""", "/size")]
    [InlineData("""{"size":"true"}""", """{"size":true}""", "/size")]
    [InlineData("""{"level":"2"}""", """{"level":2}""", "/level")]
    [InlineData("""{"lines":[{"n/m":1},{"n/m":"2"}]}""", """{"lines":[{"n/m":1},{"n/m":2}]}""", "/lines/1/n~1m")]
    [InlineData("""{"many":["123456789012345"]}""", """{"many":[123456789012345]}""", "/many/0")]
    public void A_number_or_a_boolean_in_quotes_is_read(string value, string read, string places)
    {
        Assert.True(TryRead(value, out var result, out var found));
        Assert.Equal(read, result.GetRawText());
        Assert.Equal(places.Split(' ').Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("""{"quantity":"two"}""")]
    [InlineData("""{"quantity":"3.5"}""")]
    [InlineData("""{"quantity":"0"}""")]
    [InlineData("""{"quantity":" 3"}""")]
    [InlineData("""{"quantity":"3 "}""")]
    [InlineData("""{"quantity":""}""")]
    [InlineData("""{"quantity":"007"}""")]
    [InlineData("""{"quantity":"+3"}""")]
    [InlineData("""{"quantity":"0x3"}""")]
    [InlineData("""{"quantity":"3,5"}""")]
    [InlineData("""{"quantity":"null"}""")]
    [InlineData("""{"quantity":"true"}""")]
    [InlineData("""{"quantity":"[3]"}""")]
    [InlineData("""{"quantity":true}""")]
    [InlineData("""{"price":"1e999"}""")]
    [InlineData("""{"price":"1234567890.1234567"}""")]
    [InlineData("""{"many":["9007199254740993"]}""")]
    [InlineData("""{"gift":"True"}""")]
    [InlineData("""{"gift":"1"}""")]
    [InlineData("""{"note":"3"}""")]
    [InlineData("""{"note":3}""")]
    [InlineData("""{"level":"4"}""")]
    [InlineData("""{"quantity":"3","note":"x"}""")]
    public void Anything_else_stays_wrong(string value) => Assert.False(TryRead(value, out _, out _));

    [Fact]
    public void A_string_where_a_string_is_taken_is_never_read()
    {
        var value = JsonElement.Parse("""{"code":"3"}""");
        Assert.Empty(Compiled().Check(value));
        Assert.False(TryRead("""{"code":"3"}""", out var same, out _));
        Assert.Equal(value.GetRawText(), same.GetRawText());
    }

    [Fact]
    public void More_strings_than_errors_are_told_at_a_time_are_read()
    {
        Assert.True(
            TryRead(
                $$"""{"many":[{{string.Join(',', Enumerable.Range(0, 40).Select(i => $"\"{i}\""))}}]}""", out var read, out var places));
        Assert.Equal(Enumerable.Range(0, 40), read.GetProperty("many").EnumerateArray().Select(item => item.GetInt32()));
        Assert.Equal(40, places.Count);
    }

    private static Schema Compiled()
    {
        Assert.True(Schema.TryCompile(JsonElement.Parse(Order), out var schema, out var problem), problem.ToString());
        return schema;
    }

    private static bool TryRead(string json, out JsonElement read, out IReadOnlyList<string> places)
    {
        var value = JsonElement.Parse(json);
        return ScalarStrings.TryRead(Compiled(), value, Compiled().Check(value), out read, out places);
    }
}
