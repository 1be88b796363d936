using System.Text.Json;
using Bridge.Configuration;
using Bridge.Models;
using Bridge.Realtime.Model;
using Bridge.Realtime.OpenAi;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Bridge.Tests.Models;

/// <summary>The text model beside a full-duplex one, over Chat Completions.</summary>
public sealed class TextModelTests
{
    private static readonly ModelTool Tool = new("add", "Adds.", JsonElement.Parse("""{"type":"object"}"""));

    [Fact]
    public async Task A_request_has_the_conversation_and_each_call_stands_with_its_output()
    {
        var (body, key) = ("", "");
        await using var server = await Serve(async context =>
        {
            key = context.Request.Headers.Authorization.ToString();
            body = await new StreamReader(context.Request.Body).ReadToEndAsync();
            await context.Response.WriteAsync(
                """{"choices":[{"message":{"content":"It is done.","tool_calls":[{"id":"c2","type":"function","function":{"name":"add","arguments":"{\"x\":2}"}}]}}],"usage":{"prompt_tokens":40,"completion_tokens":5,"prompt_tokens_details":{"cached_tokens":8}}}""");
        });
        var answer = await AskAsync(server, new TextRequest(
            "other",
            "Be kind.",
            [
                new ModelItem("1", ModelItemKind.UserMessage) { Text = "Add one." },
                new ModelItem("2", ModelItemKind.FunctionCall) { CallId = "c1", Name = "add", Arguments = "{}" },
                new ModelItem("3", ModelItemKind.UserMessage) { Text = "Hurry." },
                new ModelItem("4", ModelItemKind.FunctionOutput) { CallId = "c1", Output = "1" },
            ],
            [Tool],
            null,
            300));
        Assert.Null(answer.Failure);
        Assert.Equal(("It is done.", "add", "{\"x\":2}"), (answer.Output[0].Text, answer.Output[1].Name, answer.Output[1].Arguments));
        Assert.Equal((40, 8, 5), (answer.Usage.InputText, answer.Usage.CachedText, answer.Usage.OutputText));
        Assert.Equal("Bearer secret", key);
        Assert.Equal(
            """{"model":"text-1","messages":[{"role":"system","content":"Be kind."},{"role":"user","content":"Add one."},{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"add","arguments":"{}"}}]},{"role":"tool","tool_call_id":"c1","content":"1"},{"role":"user","content":"Hurry."}],"tools":[{"type":"function","function":{"name":"add","description":"Adds.","parameters":{"type":"object"}}}],"max_tokens":300}""",
            body);
    }

    [Fact]
    public async Task Half_an_emoji_costs_a_character_and_not_the_answer()
    {
        await using var server = await Serve(context => context.Response.WriteAsync(
            """{"choices":[{"message":{"content":"Fine \ud83d","tool_calls":[{"id":"c1","function":{"name":"add","arguments":"{}\udc00"}}]}}]}"""));
        var answer = await AskAsync(server, new TextRequest(null, "Be kind.", [], [Tool], null, 300));
        Assert.Null(answer.Failure);
        Assert.Equal(("Fine \uFFFD", "{}\uFFFD"), (answer.Output[0].Text, answer.Output[1].Arguments));
    }

    [Theory]
    [InlineData(500, "{}", "answered 500")]
    [InlineData(200, "{}", "could not be read")]
    [InlineData(200, "[", "could not be read")]
    [InlineData(200, """{"choices":[{}]}""", "could not be read")]
    public async Task What_goes_wrong_is_an_answer_without_output(int status, string body, string why)
    {
        await using var server = await Serve(context =>
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsync(body);
        });
        var answer = await AskAsync(server, new TextRequest(null, "", [], [], Tool, null));
        Assert.Empty(answer.Output);
        Assert.Contains(why, answer.Failure, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", answer.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_sends_without_end_is_not_listened_to()
    {
        await using var server = await Serve(context => context.Response.WriteAsync(new string(' ', 3 << 20)));
        Assert.NotNull((await AskAsync(server, new TextRequest(null, "", [], [], null, null))).Failure);
    }

    private static async Task<TextAnswer> AskAsync(WebApplication server, TextRequest request)
    {
        using var client = new TextModelClient(Options.Create(new BridgeOptions()));
        return await client.AskAsync(
            new ModelEndpoint { BaseUrl = new Uri(server.Urls.First() + "/v1"), Key = "secret" }, "text-1", request,
            TestContext.Current.CancellationToken);
    }

    private static Task<WebApplication> Serve(RequestDelegate handler) => ModelServer.StartAsync("/v1/chat/completions", handler);
}
