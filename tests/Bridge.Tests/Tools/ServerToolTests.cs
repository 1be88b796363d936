using System.Text.Json;
using Bridge.Roles;

namespace Bridge.Tests.Tools;

public sealed class ServerToolTests
{
    private static readonly ToolDeclaration[] BuiltIns =
    [
        .. ServerTools.Names.Select(
            name => ToolBench.Tool(name, ToolTarget.Server) with { TransferTo = name == "transfer" ? ["tutor", "gone"] : [] }),
    ];

    [Theory]
    [InlineData("""{"title":"Soup","markdown":"# Hot"}""",
        """{"callId":"call_1","id":"call_1","kind":"markdown","title":"Soup","markdown":"# Hot","card":null}""")]
    [InlineData("""{"card":{"title":"Egg"}}""",
        """{"callId":"call_1","id":"call_1","kind":"card","title":null,"markdown":null,"card":{"title":"Egg"}}""")]
    public async Task Show_puts_it_on_the_stage(string arguments, string shown)
    {
        await using var bench = new ToolBench();
        bench.Use(BuiltIns);
        JsonElement seen = default;
        bench.Page.HandleOnce("stage/show", (parameters, _) =>
        {
            seen = parameters;
            return ValueTask.FromResult<object?>(new { shown = true });
        });
        Assert.Equal("""{"shown":true}""", (await bench.Call("show", arguments)).Output.GetRawText());
        foreach (var member in JsonElement.Parse(shown).EnumerateObject())
        {
            Assert.True(JsonElement.DeepEquals(member.Value, seen.GetProperty(member.Name)), member.Name);
        }
    }

    [Fact]
    public async Task Show_without_content_is_an_error_for_the_model()
    {
        await using var bench = new ToolBench();
        bench.Use(BuiltIns);
        Assert.Equal("show needs \"markdown\" or a \"card\".", ToolBench.Error(await bench.Call("show", """{"title":"x"}""")));
        Assert.Contains("/card/title is missing", (await bench.Call("show", """{"card":{}}""")).Output.GetRawText());
    }

    [Fact]
    public async Task Save_keeps_a_note_under_its_call_id()
    {
        await using var bench = new ToolBench();
        bench.Use(BuiltIns);
        Assert.Equal(
            """{"saved":true}""",
            (await bench.Call("save", """{"title":"Order","text":"2 eggs","data":{"egg":2}}""", "call_5")).Output.GetRawText());
        var note = Assert.Single(bench.Notes);
        Assert.Equal(("call_5", "Order", "2 eggs", """{"egg":2}"""), (note.Id, note.Title, note.Text, note.Data.GetRawText()));
        Assert.True((await bench.Call("save", """{"title":"no text"}""")).Failed);
    }

    [Fact]
    public async Task Recap_end_call_and_silence_are_done_by_the_call()
    {
        await using var bench = new ToolBench();
        bench.Use(BuiltIns);
        Assert.False((await bench.Call("recap")).Failed);
        Assert.False((await bench.Call("end_call", """{"reason":"all said"}""")).Failed);
        Assert.Equal("""{"silent":true}""", (await bench.Call("stay_silent")).Output.GetRawText());
        Assert.Equal("""{"silent":true}""", (await bench.Call("wait", """{"seconds":5}""")).Output.GetRawText());
        Assert.True((await bench.Call("wait", """{"seconds":600}""")).Failed);
        Assert.Equal(["recap", "end_call all said"], bench.Asked);
    }

    [Fact]
    public async Task Transfer_goes_where_the_role_allows()
    {
        await using var bench = new ToolBench();
        bench.Use(BuiltIns);
        Assert.Equal(
            """{"transferred":"tutor"}""",
            (await bench.Call("transfer", """{"role":"tutor","reason":"wants French"}""")).Output.GetRawText());
        Assert.Equal(
            "transfer can not go to \"admin\"; it can go to tutor, gone.",
            ToolBench.Error(await bench.Call("transfer", """{"role":"admin"}""")));
        Assert.Equal("The role gone is not there.", ToolBench.Error(await bench.Call("transfer", """{"role":"gone"}""")));
        Assert.Equal("transfer tutor wants French", bench.Asked.First());
    }
}
