using System.Text.Json;

namespace Bridge.JsonSchema.Tests;

/// <summary>The form in which a function's schema goes to the Realtime service, and what can not be brought into it.</summary>
public sealed class FunctionParametersTests
{
    [Theory]
    [InlineData("true", """{"type":"object","properties":{}}""")]
    [InlineData("{}", """{"type":"object","properties":{}}""")]
    [InlineData("""{"type":"object"}""", """{"type":"object","properties":{}}""")]
    [InlineData("""{"type":["object","null"]}""", """{"type":"object","properties":{}}""")]
    [InlineData("""{"type":"object","additionalProperties":{"type":"string"}}""",
        """{"type":"object","additionalProperties":{"type":"string"},"properties":{}}""")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"array"}}}""",
        """{"type":"object","properties":{"a":{"type":"array","items":{}}}}""")]
    [InlineData("""{"type":"object","properties":{"a":{"type":["array","null"],"items":true}}}""",
        """{"type":"object","properties":{"a":{"type":["array","null"],"items":{}}}}""")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"object"},"b":true,"c":false}}""",
        """{"type":"object","properties":{"a":{"type":"object","properties":{}},"b":{},"c":{"not":{}}}}""")]
    [InlineData("""{"properties":{"a":{"items":[{"type":"string"},{"type":"object"}],"additionalItems":false}}}""",
        """{"properties":{"a":{"items":{"anyOf":[{"type":"string"},{"type":"object","properties":{}}]}}},"type":"object"}""")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string","required":true},"n":{"minimum":1,"exclusiveMinimum":true}}}""",
        """{"type":"object","properties":{"a":{"type":"string"},"n":{"exclusiveMinimum":1}}}""")]
    [InlineData("""{"$ref":"#/definitions/a","definitions":{"a":{"type":"object","properties":{"x":{"type":"array"}},"required":["x"]}}}""", """{"definitions":{"a":{"type":"object","properties":{"x":{"type":"array","items":{}}},"required":["x"]}},"type":"object","properties":{"x":{"type":"array","items":{}}},"required":["x"]}""")]
    [InlineData("""{"anyOf":[{"type":"object","properties":{"a":{"type":"string"},"k":{"const":1}},"required":["a","k"]},{"type":"object","properties":{"b":{"type":"string"},"k":{"const":2}},"required":["k"]}]}""", """{"properties":{"a":{"type":"string"},"k":{"anyOf":[{"const":1},{"const":2}]},"b":{"type":"string"}},"required":["k"],"type":"object"}""")]
    [InlineData("""{"type":"object","properties":{"x":{}},"oneOf":[{"required":["a"]},{"type":"null"}]}""",
        """{"type":"object","properties":{"x":{}},"required":["a"]}""")]
    [InlineData("""{"allOf":[{"properties":{"a":{"type":"string"}},"required":["a"]},{"properties":{"a":{"minLength":1},"b":{}},"required":["b"]}]}""", """{"properties":{"a":{"allOf":[{"type":"string"},{"minLength":1}]},"b":{}},"required":["a","b"],"type":"object"}""")]
    [InlineData("""{"type":"object","properties":{},"not":{"required":["a"]},"enum":[{}]}""", """{"type":"object","properties":{}}""")]
    public void A_schema_is_brought_into_the_form_that_the_service_takes(string schema, string expected)
    {
        Assert.True(FunctionParameters.TryNormalise(JsonElement.Parse(schema), out var normalised, out var problem), problem.ToString());
        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(expected), normalised), normalised.GetRawText());

        // What has the form already stays as it is, to the letter.
        Assert.True(FunctionParameters.TryNormalise(normalised, out var again, out _));
        Assert.Equal(normalised.GetRawText(), again.GetRawText());
    }

    [Fact]
    public void A_function_without_a_schema_has_no_arguments()
    {
        Assert.True(FunctionParameters.TryNormalise(default, out var normalised, out _));
        Assert.Equal("""{"type":"object","properties":{}}""", normalised.GetRawText());
    }

    [Theory]
    [InlineData("false", "# fits nothing.")]
    [InlineData("""{"type":"string"}""", "#/type must be object: the arguments of a function are one.")]
    [InlineData("""{"type":"array","items":{}}""", "#/type must be object: the arguments of a function are one.")]
    [InlineData("""{"anyOf":[{"type":"string"},{"type":"null"}]}""", "#/anyOf has no alternative that is an object: the arguments of a "
        + "function are one.")]
    [InlineData("""{"$ref":"#"}""", "# has too many references and alternatives at its root, or refers to itself without end.")]
    [InlineData("""{"anyOf":[{"$ref":"#"},{"$ref":"#"}]}""", "# has too many references and alternatives at its root, or refers to itself "
        + "without end.")]
    [InlineData("""{"$ref":"#/$defs/none"}""", "#/$ref refers to #/$defs/none, which is no schema of an object.")]
    public void A_schema_of_anything_but_an_object_is_refused(string schema, string problem)
    {
        Assert.False(FunctionParameters.TryNormalise(JsonElement.Parse(schema), out _, out var said));
        Assert.Equal(problem, said.ToString());
    }

    [Fact]
    public void Schemas_that_nest_without_end_are_refused()
    {
        var deep = string.Concat(Enumerable.Repeat("""{"properties":{"a":""", 200)) + "true" + new string('}', 400);
        Assert.False(
            FunctionParameters.TryNormalise(JsonElement.Parse(deep, new JsonDocumentOptions { MaxDepth = 1_000 }), out _, out var said));
        Assert.Equal("# nests more than 64 deep.", said.ToString());
    }
}
