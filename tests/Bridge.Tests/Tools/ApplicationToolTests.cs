using System.ComponentModel;
using System.Text.Json;
using Bridge.Access;
using Bridge.Roles.Settings;
using Bridge.Tools;
using Microsoft.Extensions.DependencyInjection;

namespace Bridge.Tests.Tools;

/// <summary>Functions of an application: their schema, their arguments, their failures.</summary>
public sealed class ApplicationToolTests
{
    [Fact]
    public async Task The_schema_comes_from_the_type_and_the_arguments_arrive_as_it()
    {
        await using var bench = new ToolBench(functions: tools => tools.Add(
            "book_table",
            (BookTable asked, ToolContext call) =>
                new { asked.Guests, asked.Day, asked.Area, call.FunctionCallId, call.Caller.IsVerified }));
        bench.Use(ToolBench.Tool("book_table", ToolTarget.App) with { Description = "" });
        var declared = Assert.Single(bench.Dispatcher.Declared);
        Assert.Equal("Books a table.", declared.Description);
        Assert.True(JsonElement.DeepEquals(declared.Parameters, JsonElement.Parse("""
            {"description":"Books a table.","type":"object","properties":{
              "guests":{"description":"People.","type":"integer"},
              "day":{"type":"string","format":"date"},
              "area":{"enum":["Inside","Terrace",null],"default":null}},
             "required":["guests","day"],"additionalProperties":false}
            """)), declared.Parameters.GetRawText());
        var (output, failed) = await bench.Call("book_table", """{"guests":4,"day":"2026-12-24","area":"Terrace"}""", "fc_1");
        Assert.False(failed);
        Assert.Equal("""{"guests":4,"day":"2026-12-24","area":1,"functionCallId":"fc_1","isVerified":false}""", output.GetRawText());
        string[] wrong =
        [
            """{"guests":"many","day":"2026-12-24"}""", """{"guests":4,"day":"2026-12-24","vip":true}""", """{"guests":4,"day":"tomorrow"}""",
        ];
        foreach (var arguments in wrong)
        {
            Assert.Contains("nothing was done", ToolBench.Error(await bench.Call("book_table", arguments)), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_failure_is_told_as_of_every_function_of_the_server_and_a_reason_only_when_it_is_meant()
    {
        await using var bench = new ToolBench(functions: tools => tools
            .Add("told", Task<int> (Nothing _, ToolContext _) => throw new ToolException("The kitchen is closed."))
            .Add("broken", Task<int> (Nothing _, ToolContext _) => throw new InvalidOperationException("password=secret"))
            .Add("slow", async (Nothing _, ToolContext call) => await Task.Delay(Timeout.Infinite, call.Cancellation))
            .Add("quiet", (Nothing _, ToolContext call) =>
            {
                call.Report("half way", 50);
                return Task.CompletedTask;
            }));
        bench.Use([.. new[] { "told", "broken", "slow", "quiet", "absent" }.Select(name => ToolBench.Tool(name, ToolTarget.App))]);
        Assert.Equal(["told", "broken", "slow", "quiet"], bench.Dispatcher.Declared.Select(tool => tool.Name));
        Assert.Contains("absent is left out", Assert.Single(bench.Dispatcher.Refused).Message, StringComparison.Ordinal);
        Assert.Equal("The kitchen is closed.", ToolBench.Error(await bench.Call("told")));
        Assert.Equal("It is unknown whether broken was done: it failed on the server.", ToolBench.Error(await bench.Call("broken")));
        Assert.DoesNotContain(bench.Problems, problem => problem.Contains("secret", StringComparison.Ordinal));
        Assert.Equal("""{"done":true}""", (await bench.Call("quiet")).Output.GetRawText());
        Assert.Contains(bench.Activities, activity => activity is { Phase: "progress", Message: "half way", Percentage: 50 });
        _ = bench.Start("slow", "{}", "fc_slow");
        await bench.Phase("started");
        Assert.True(bench.Dispatcher.Cancel("fc_slow"));
        await bench.Phase("cancelled");
    }

    [Fact]
    public void What_a_model_can_not_be_told_is_refused_when_it_is_added()
    {
        var tools = new ApplicationTools();
        Assert.Throws<ArgumentException>(() => tools.Add("no name", (Nothing _, ToolContext _) => 1));
        Told("Realtime", () => tools.Add("a_list", (List<int> _, ToolContext _) => 1));
        tools.Add("twice", (Nothing _, ToolContext _) => 1);
        Told("twice", () => tools.Add("twice", (Nothing _, ToolContext _) => 1));
    }

    private static void Told(string words, Action add) =>
        Assert.Contains(words, Assert.Throws<ArgumentException>(add).Message, StringComparison.Ordinal);

    [Description("Books a table.")]
    private sealed record BookTable([property: Description("People.")] int Guests, DateOnly Day, Area? Area = null);

    private enum Area
    {
        Inside,
        Terrace,
    }

    private sealed record Nothing;
}
