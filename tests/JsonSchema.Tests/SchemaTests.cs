using System.Text.Json;

namespace Bridge.JsonSchema.Tests;

public sealed class SchemaTests
{
    [Theory]
    [InlineData("""{"type":"integer"}""", "1", "")]
    [InlineData("""{"type":"integer"}""", "1.0", "")]
    [InlineData("""{"type":"integer"}""", "1.5", " must be a whole number, not a number")]
    [InlineData("""{"type":"integer"}""", "\"1\"", " must be a whole number, not a string")]
    [InlineData("""{"type":"number"}""", "1", "")]
    [InlineData("""{"type":["string","null"]}""", "null", "")]
    [InlineData("""{"type":["string","null"]}""", "true", " must be a string or null, not true or false")]
    [InlineData("""{"enum":["a",1,{"b":[1.0]}]}""", """{"b":[1]}""", "")]
    [InlineData("""{"enum":["a",1]}""", "\"b\"", " must be one of \"a\", 1")]
    [InlineData("""{"const":null}""", "0", " must be null")]
    [InlineData("true", "{}", "")]
    [InlineData("false", "{}", " is not allowed here")]
    [InlineData("""{"minimum":1,"maximum":3}""", "0", " must be at least 1")]
    [InlineData("""{"minimum":1,"maximum":3}""", "3.5", " must be at most 3")]
    [InlineData("""{"exclusiveMinimum":1}""", "1", " must be more than 1")]
    [InlineData("""{"minimum":1,"exclusiveMinimum":true}""", "1", " must be more than 1")]
    [InlineData("""{"maximum":1,"exclusiveMaximum":false}""", "1", "")]
    [InlineData("""{"multipleOf":0.1}""", "0.3", "")]
    [InlineData("""{"multipleOf":0.1}""", "0.35", " must be a multiple of 0.1")]
    [InlineData("""{"type":"number"}""", "1e400", " is too large a number")]
    [InlineData("""{"minLength":2,"maxLength":2}""", "\"🍳🍳\"", "")]
    [InlineData("""{"maxLength":1}""", "\"🍳🍳\"", " must have at most 1 characters")]
    [InlineData("""{"pattern":"^[a-z]+$"}""", "\"abc\"", "")]
    [InlineData("""{"pattern":"^[a-z]+$"}""", "\"abc\\n\"", " must match ^[a-z]+$")]
    [InlineData("""{"pattern":"^\\d+$"}""", "\"٣\"", " must match ^\\d+$")]
    [InlineData("""{"pattern":"^(?!x)"}""", "\"x\"", " must match ^(?!x)")]
    [InlineData("""{"pattern":"^(a+)+(?=b)$"}""", "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac\"", " must match ^(a+)+(?=b)$")]
    [InlineData("""{"format":"date"}""", "\"2026-02-30\"", " must be a date")]
    [InlineData("""{"format":"date-time"}""", "\"2026-11-21T08:00:00Z\"", "")]
    [InlineData("""{"format":"date-time"}""", "\"tomorrow\"", " must be a date-time")]
    [InlineData("""{"format":"email"}""", "\"ada\"", " must be an email address")]
    [InlineData("""{"format":"uuid"}""", "\"12\"", " must be a uuid")]
    [InlineData("""{"format":"ipv4"}""", "\"127.1\"", " must be a ipv4")]
    [InlineData("""{"format":"whatever"}""", "\"12\"", "")]
    [InlineData("""{"items":{"type":"integer"},"minItems":1,"uniqueItems":true}""", "[1,2]", "")]
    [InlineData("""{"items":{"type":"integer"},"uniqueItems":true}""", "[1,1.0]", " must not hold an item twice")]
    [InlineData("""{"items":{"type":"integer"}}""", "[1,\"2\"]", "/1 must be a whole number, not a string")]
    [InlineData("""{"minItems":1}""", "[]", " must have at least 1 items")]
    [InlineData("""{"maxItems":1}""", "[1,2]", " must have at most 1 items")]
    [InlineData("""{"prefixItems":[{"type":"string"}],"items":false}""", "[\"a\",1]", "/1 is not allowed here")]
    [InlineData("""{"items":[{"type":"string"}],"additionalItems":false}""", "[\"a\",1]", "/1 is not allowed here")]
    [InlineData("""{"contains":{"const":1}}""", "[2]", " holds 0 items of the kind it must contain")]
    [InlineData("""{"contains":{"const":1},"maxContains":1}""", "[1,1]", " holds 2 items of the kind it must contain")]
    [InlineData("""{"required":["a"]}""", "{}", "/a is missing")]
    [InlineData("""{"required":["a"]}""", "[]", "")]
    [InlineData("""{"properties":{"a":{"type":"string"}},"additionalProperties":false}""", """{"b":1}""", "/b is not known; known are a")]
    [InlineData("""{"additionalProperties":{"type":"string"}}""", """{"b":1}""", "/b must be a string, not a whole number")]
    [InlineData("""{"patternProperties":{"^x":{"type":"string"}},"additionalProperties":false}""", """{"xy":"s"}""", "")]
    [InlineData("""{"propertyNames":{"maxLength":2}}""", """{"abc":1}""", "/abc must have at most 2 characters")]
    [InlineData("""{"minProperties":1}""", "{}", " must have at least 1 members")]
    [InlineData("""{"dependentRequired":{"a":["b"]}}""", """{"a":1}""", "/b is missing; a needs it")]
    [InlineData("""{"properties":{"a/b~":{"type":"string"}}}""", """{"a/b~":1}""", "/a~1b~0 must be a string, not a whole number")]
    [InlineData("""{"type":"object"}""", """{"a":1,"a":2}""", "/a stands twice")]
    [InlineData("""{"allOf":[{"required":["a"]},{"required":["b"]}]}""", "{}", "/a is missing|/b is missing")]
    [InlineData("""{"anyOf":[{"type":"string"},{"type":"object","required":["a","b"]}]}""", "{}", " must be a string, not an object")]
    [InlineData("""{"anyOf":[{"type":"string"},{"properties":{"a":{"type":"string"}}}]}""", """{"a":1}""", "/a must be a string, not a whole number")]
    [InlineData("""{"oneOf":[{"type":"integer"},{"minimum":2}]}""", "3", " fits 2 alternatives where exactly one must fit")]
    [InlineData("""{"oneOf":[{"type":"integer"},{"minimum":2}]}""", "1", "")]
    [InlineData("""{"not":{"type":"string"}}""", "\"x\"", " is what the schema excludes")]
    [InlineData("""{"if":{"properties":{"k":{"const":1}}},"then":{"required":["a"]},"else":{"required":["b"]}}""", """{"k":1}""", "/a is missing")]
    [InlineData("""{"if":{"properties":{"k":{"const":1}}},"then":{"required":["a"]},"else":{"required":["b"]}}""", """{"k":2}""", "/b is missing")]
    [InlineData("""{"$defs":{"n":{"properties":{"next":{"$ref":"#/$defs/n"},"v":{"type":"integer"}},"required":["v"]}},"$ref":"#/$defs/n"}""", """{"v":1,"next":{"v":2,"next":{}}}""", "/next/next/v is missing")]
    [InlineData("""{"definitions":{"a b":{"type":"string"}},"properties":{"x":{"$ref":"#/definitions/a%20b"}}}""", """{"x":1}""", "/x must be a string, not a whole number")]
    [InlineData("""{"$ref":"#"}""", "1", " can not be checked: the schema is too complex or refers to itself without end")]
    public void A_value_is_checked_and_told_what_would_be_right(string schema, string value, string errors)
    {
        Assert.True(Schema.TryCompile(JsonElement.Parse(schema), out var compiled, out var problem), problem.ToString());
        var found = compiled.Check(JsonElement.Parse(value)).Select(error => $"{error.Path} {error.Problem}");
        Assert.Equal(errors, string.Join('|', found));
    }

    [Theory]
    [InlineData("[]", "# must be an object, true or false.")]
    [InlineData("""{"type":"text"}""", "#/type must be object, array, string, integer, number, boolean or null.")]
    [InlineData("""{"properties":[]}""", "#/properties must be an object.")]
    [InlineData("""{"properties":{"a":7}}""", "#/properties/a must be an object, true or false.")]
    [InlineData("""{"required":"a"}""", "#/required must be an array of strings.")]
    [InlineData("""{"minLength":-1}""", "#/minLength must be a whole number from 0.")]
    [InlineData("""{"pattern":"("}""", "#/pattern is no regular expression: (.")]
    [InlineData("""{"$ref":"https://x.y/z"}""", "#/$ref refers outside of the schema; only #/... is supported.")]
    [InlineData("""{"$ref":"#/$defs/none"}""", "#/$ref refers to #/$defs/none, which is not there.")]
    [InlineData("""{"enum":[]}""", "#/enum must be an array with something in it.")]
    [InlineData("""{"multipleOf":0}""", "#/multipleOf must be a number above 0.")]
    [InlineData("""{"$dynamicRef":"#a"}""", "#/$dynamicRef is not supported; use $ref.")]
    public void A_schema_that_would_be_checked_wrongly_is_refused(string schema, string problem)
    {
        Assert.False(Schema.TryCompile(JsonElement.Parse(schema), out _, out var said));
        Assert.Equal(problem, said.ToString());
    }

    [Fact]
    public void A_chain_of_references_longer_than_the_check_can_follow_is_refused()
    {
        const string refusal = "#/d/127/$ref is one of more than 128 references in a row.";

        // The short chains first: they fit on any stack, so that recursion fails here and does not end the process below.
        Assert.Null(Refusal(Chain(128)));
        Assert.Equal(refusal, Refusal(Chain(129)));

        // Safe on a small stack because the compiler keeps a queue: its depth does not follow the schema's.
        Assert.Equal(refusal, OnSmallStack(() => Refusal(Chain(4_000))));

        static string Chain(int references) =>
            """{"$ref":"#/d/0","d":[""" + string.Concat(Enumerable.Range(1, references - 1).Select(next => """{"$ref":"#/d/NEXT"},""".Replace("NEXT", $"{next}"))) + "true]}";
    }

    [Fact]
    public void A_thousand_types_that_lead_to_each_other_are_read_and_a_value_is_checked_as_deep_as_it_goes()
    {
        var types = Enumerable.Range(0, 1_000).Select(type => """ "TYPE":{"properties":{"next":{"$ref":"#/$defs/NEXT"}},"type":"object"}""".Replace("TYPE", $"{type}").Replace("NEXT", $"{(type + 1) % 1_000}"));
        var schema = """{"$ref":"#/$defs/0","$defs":{TYPES}}""".Replace("TYPES", string.Join(',', types));
        Assert.True(Schema.TryCompile(JsonElement.Parse(schema), out var compiled, out var problem), problem.ToString());
        Assert.Equal("/next/next", Assert.Single(compiled.Check(JsonElement.Parse("""{"next":{"next":1}}"""))).Path.ToString());
    }

    [Fact]
    public void A_pattern_longer_than_any_honest_one_is_refused()
    {
        Assert.Null(OnSmallStack(() => Refusal(Pattern(4_096))));
        Assert.Equal("#/pattern has more than 4096 characters.", Refusal(Pattern(4_097)));

        // Groups within groups, which the framework reads with its stack.
        static string Pattern(int length)
        {
            var nested = new string('(', 100) + "a" + new string(')', 100);
            return """{"pattern":"PATTERN"}""".Replace("PATTERN", nested.PadRight(length, 'b'));
        }
    }

    [Fact]
    public void The_deepest_check_fits_on_a_small_stack()
    {
        // 128 levels, each through the longest way that the check takes.
        var schema = JsonElement.Parse("""{"anyOf":[{"$ref":"#"}]}""");
        Assert.True(Schema.TryCompile(schema, out var compiled, out _));
        Assert.NotEmpty(OnSmallStack(() => compiled.Check(JsonElement.Parse("[]"))));
    }

    [Fact]
    public void No_more_than_eight_errors_are_told()
    {
        Assert.True(Schema.TryCompile(JsonElement.Parse("""{"items":{"type":"string"}}"""), out var schema, out _));
        Assert.Equal(8, schema.Check(JsonElement.Parse("[1,2,3,4,5,6,7,8,9,10,11]")).Count);
    }

    [Fact]
    public void A_schema_that_doubles_its_work_at_every_level_is_given_up()
    {
        var schema = """{"type":"integer"}""";
        for (var level = 0; level < 8; level++)
        {
            schema = $$"""{"anyOf":[{{schema}},{{schema}}]}""";
        }

        schema = """{"$defs":{"a":{"anyOf":[{"items":{"$ref":"#/$defs/a"}},{"items":{"$ref":"#/$defs/a"}},{"const":1}]}},"allOf":[INNER,{"$ref":"#/$defs/a"}]}""".Replace("INNER", schema);
        Assert.True(Schema.TryCompile(JsonElement.Parse(schema), out var compiled, out var problem), problem.ToString());
        Assert.NotEmpty(compiled.Check(JsonElement.Parse(new string('[', 40) + new string(']', 40))));
    }

    [Fact]
    public void Many_strings_under_a_slow_pattern_cost_its_time_once()
    {
        Assert.True(Schema.TryCompile(JsonElement.Parse("""{"items":{"pattern":"^(a+)+(?=b)$"}}"""), out var schema, out _));
        var text = "\"" + new string('a', 60) + "c\"";
        Assert.Equal(8, schema.Check(JsonElement.Parse("[" + string.Join(',', Enumerable.Repeat(text, 5_000)) + "]")).Count); // 250 s otherwise
    }

    [Fact]
    public void Schemas_and_values_of_any_shape_are_read_or_refused_and_never_throw()
    {
        string[] keywords =
        [
            "type", "enum", "const", "$ref", "allOf", "anyOf", "oneOf", "not", "if", "then", "else", "properties", "patternProperties", "additionalProperties", "propertyNames",
            "required", "dependentRequired", "minProperties", "maxProperties", "prefixItems", "items", "contains", "minItems", "maxItems", "uniqueItems", "minimum", "exclusiveMinimum",
            "multipleOf", "minLength", "maxLength", "pattern", "format", "$defs", "a", "b",
        ];
        string[] scalars = ["null", "true", "false", "0", "1", "-1", "1.5", "1e300", "1e-300", "79228162514264337593543950335", "\"string\"", "\"object\"", "\"array\"", "\"integer\"", "\"#\"", "\"#/$defs/a\"", "\"^a(b|c)*$\"", "\"(?<=x)\"", "\"date-time\"", "\"2026-11-21\"", "\"\""];
        var compiledOnes = 0;
        for (var seed = 0; seed < 4_000; seed++)
        {
            var random = new Random(seed);
            var schema = Any(4);
            try
            {
                if (Schema.TryCompile(JsonElement.Parse(schema), out var compiled, out var problem))
                {
                    compiledOnes++;
                    for (var i = 0; i < 5; i++)
                    {
                        Assert.InRange(compiled.Check(JsonElement.Parse(Any(4))).Count, 0, 8);
                    }
                }
                else
                {
                    Assert.StartsWith("#", problem.At);
                }
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"seed {seed}: {schema}", exception);
            }

            string Any(int depth) => random.Next(depth > 0 ? 5 : 1) switch
            {
                0 => scalars[random.Next(scalars.Length)],
                1 => "[" + string.Join(',', Enumerable.Range(0, random.Next(4)).Select(_ => Any(depth - 1))) + "]",
                _ => "{" + string.Join(',', Enumerable.Range(0, random.Next(5)).Select(_ => $"\"{keywords[random.Next(keywords.Length)]}\":{Any(depth - 1)}")) + "}",
            };
        }

        Assert.InRange(compiledOnes, 400, 3_600);
    }

    [Theory]
    [InlineData("""{"pattern":"\ud800"}""")]
    [InlineData("""{"properties":{"\udfff":{}}}""")]
    [InlineData("""{"required":["\ud800"]}""")]
    public void A_schema_that_holds_half_a_surrogate_pair_is_refused(string schema)
    {
        Assert.Equal("# holds half of a surrogate pair.", Refusal(schema));
        Assert.False(FunctionParameters.TryNormalise(JsonElement.Parse("""{"properties":{"\udfff":{}}}"""), out _, out var problem));
        Assert.Equal("# holds half of a surrogate pair.", problem.ToString());
    }

    [Fact]
    public void A_wire_check_takes_null_for_what_is_optional_and_tells_the_alternative_that_was_meant()
    {
        const string document = """
            {"event":{"type":"object","required":["item"],"properties":{"id":{"type":"string"},"item":{"anyOf":[{"$ref":"#/say"},{"$ref":"#/draw"}]}}},
             "say":{"type":"object","required":["type","text"],"properties":{"type":{"const":"say"},"text":{"type":"string"}},"additionalProperties":false},
             "draw":{"type":"object","required":["type","lines"],"properties":{"type":{"const":"draw"},"lines":{"type":"integer"}},"additionalProperties":false}}
            """;
        var rules = new SchemaRules { MaxErrors = 1, NullForOptional = true, RepeatedMembers = true, MissingFirst = true, AlternativesByConstants = true };
        Assert.True(Schema.TryCompile(JsonElement.Parse(document), "#/event", rules, out var schema, out _));
        Assert.Equal("", First("""{"id":null,"item":{"type":"say","text":"a"}}"""));
        Assert.Equal("", First("""{"id":"1","id":"2","item":{"type":"say","text":"a"}}"""));
        Assert.Equal("required /item [] ", First("""{"id":null}"""));
        Assert.Equal("type /item [object] null", First("""{"item":null}"""));
        Assert.Equal("required /item/type [] ", First("""{"item":{}}"""));
        Assert.Equal("type /item/type [string] integer", First("""{"item":{"type":1}}"""));
        Assert.Equal("""enum /item/type ["say","draw"] "sing" """.TrimEnd(), First("""{"item":{"type":"sing"}}"""));
        Assert.Equal("required /item/lines [] ", First("""{"item":{"type":"draw"}}"""));
        Assert.Equal("type /item/lines [integer] number", First("""{"item":{"type":"draw","lines":1.5}}"""));
        Assert.Equal("additionalProperties /item/color [type,lines] ", First("""{"item":{"type":"draw","lines":1,"color":1}}"""));

        string First(string value) => string.Concat(schema.Check(JsonElement.Parse(value))
            .Select(error => $"{error.Keyword} {error.Path} [{string.Join(',', error.Expected)}] {error.Actual}"));
    }

    private static string? Refusal(string schema) => Schema.TryCompile(JsonElement.Parse(schema), out _, out var problem) ? null : problem.ToString();

    /// <summary>Runs something where recursion ends soon: the default stack would let far too much of it pass.</summary>
    private static T OnSmallStack<T>(Func<T> act)
    {
        T? result = default;
        Exception? failure = null;
        var thread = new Thread(
            () =>
            {
                try
                {
                    result = act();
                }
                catch (Exception exception)
                {
                    failure = exception;
                }
            },
            256 * 1024);
        thread.Start();
        thread.Join();
        return failure is null ? result! : throw new InvalidOperationException("It failed on the small stack.", failure);
    }
}
