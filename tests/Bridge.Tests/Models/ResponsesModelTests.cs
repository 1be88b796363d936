using System.Text;
using System.Text.Json;
using Bridge.Configuration;
using Bridge.Models;
using Bridge.Realtime.Model;
using Bridge.Realtime.OpenAi;
using Bridge.Rehearsal;
using Bridge.Rehearsal.Hosting;
using Bridge.Roles;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Bridge.Tests.Models;

/// <summary>The text model over Responses: against the strict stand-in, and against servers that do what it never does.</summary>
public sealed class ResponsesModelTests
{
    private const string Work = "You work in the background of a voice conversation.";
    private static readonly ModelTool Tool = new(
        "add", "Adds.", JsonElement.Parse("""{"type":"object","properties":{"x":{"type":"number"}}}"""));
    private static readonly ModelItem Question = new("1", ModelItemKind.UserMessage) { Text = "Add two." };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_stand_in_takes_every_kind_of_item_and_a_call_goes_on_with_its_output()
    {
        await using var server = await RehearsalListener.StartAsync(new RehearsalOptions { Scripts = _ => Script }, Cancellation);
        var asked = await AskAsync(server.Endpoint, Request(Question, new ModelItem("2", ModelItemKind.AgentMessage) { Text = "I add" }));
        Assert.Null(asked.Failure);
        var call = Assert.Single(asked.Output);
        Assert.Equal((ModelItemKind.FunctionCall, "add", """{"x":2}"""), (call.Kind, call.Name, call.Arguments));
        Assert.True(asked.Usage is { InputText: > 0, OutputText: > 0 });

        var answer = await AskAsync(server.Endpoint, Request(
            new ModelItem("0", ModelItemKind.SystemMessage) { Text = "Summary: nothing yet." },
            new ModelItem("i", ModelItemKind.UserMessage) { Text = "This.", ImageUrl = "data:image/png;base64,AAAA" },
            new ModelItem("j", ModelItemKind.UserMessage) { ImageUrl = "data:image/png;base64,AAAA" },
            Question,
            call with { Id = "c" },
            new ModelItem("3", ModelItemKind.AgentMessage) { Text = "I am at it." },
            new ModelItem("4", ModelItemKind.FunctionOutput) { CallId = call.CallId, Output = """{"sum":4}""" }) with
        {
            MaxOutputTokens = 300,
        });
        Assert.Equal((null, "It is 4."), (answer.Failure, Assert.Single(answer.Output).Text));
    }

    [Fact]
    public async Task The_stand_in_writes_a_recap_and_makes_the_call_that_is_forced()
    {
        await using var server = await RehearsalListener.StartAsync(new RehearsalOptions { Scripts = _ => Script }, Cancellation);
        var recap = await AskAsync(server.Endpoint, new TextRequest(null, "Write a recap.", [Question], [], null, null));
        Assert.Contains("Add two.", Assert.Single(recap.Output).Text, StringComparison.Ordinal);
        var outcome = new ModelTool(RoleOutcome.Function, "Records it.", Tool.Parameters);
        var forced = await AskAsync(server.Endpoint, new TextRequest(null, "Record it.", [Question], [], outcome, null));
        Assert.Equal((RoleOutcome.Function, """{"sum":4}"""), (Assert.Single(forced.Output).Name, forced.Output[0].Arguments));
        Assert.Null((await AskAsync(server.Endpoint, new TextRequest(null, "Nobody has spoken.", [], [], null, null))).Failure);
    }

    [Theory]
    [InlineData("server_error", "the text model's server answered 500 (server_error)")]
    [InlineData("rate_limit_exceeded", "answered 429 (rate_limit_exceeded): it takes no more requests for now")]
    public async Task The_stand_ins_failure_is_one_sentence(string code, string words)
    {
        await using var server = await RehearsalListener.StartAsync(
            new RehearsalOptions { Scripts = _ => Script, Faults = new RehearsalFaults { FailResponses = 1, FailCode = code } },
            Cancellation);
        Assert.Contains(words, (await AskAsync(server.Endpoint, Request(Question))).Failure, StringComparison.Ordinal);
        Assert.Null((await AskAsync(server.Endpoint, Request(Question))).Failure);
    }

    [Fact]
    public async Task The_stand_in_knows_no_such_model()
    {
        await using var server = await RehearsalListener.StartAsync(new RehearsalOptions { Scripts = _ => null }, Cancellation);
        Assert.Equal(
            "the text model's server answered 404 (model_not_found): it has no model \"text-1\"",
            (await AskAsync(server.Endpoint, Request(Question))).Failure);
    }

    [Fact]
    public async Task A_request_says_that_nothing_is_stored_and_that_its_schemas_are_not_strict()
    {
        var body = "";
        await using var server = await Serve(async context =>
        {
            body = await new StreamReader(context.Request.Body).ReadToEndAsync();
            await context.Response.WriteAsync("""{"status":"completed","output":[]}""");
        });
        await AskAsync(Endpoint(server), Request(Question) with { Tools = [], MustCall = Tool, MaxOutputTokens = 9 });
        Assert.Equal(
            """{"model":"text-1","instructions":"You work in the background of a voice conversation.","input":[{"role":"user","content":"Add two."}],"tools":[{"type":"function","name":"add","description":"Adds.","parameters":{"type":"object","properties":{"x":{"type":"number"}}},"strict":false}],"tool_choice":{"type":"function","name":"add"},"max_output_tokens":9,"store":false,"stream":true}""",
            body);
    }

    [Fact]
    public async Task A_call_that_a_stream_tells_of_three_times_is_one_call_and_words_ahead_of_it_are_progress()
    {
        const string Call = """{"type":"function_call","id":"fc_1","call_id":"c1","name":"add","status":"completed","arguments":"{\"x\":2}"}""";
        const string Cut = """{"type":"function_call","id":"fc_2","call_id":"c2","name":"add","status":"incomplete","arguments":"{\"x\""}""";
        const string Ahead = """{"type":"message","id":"m1","content":[{"type":"output_text","text":"I look it up."}]}""";
        var stream = Events(
            """{"type":"response.created","response":{"status":"in_progress","output":[]}}""",
            """{"type":"response.reasoning_summary_text.delta","delta":"Whether"}""",
            """{"type":"response.reasoning_summary_text.done","text":"Whether to add."}""",
            $$"""{"type":"response.output_item.done","output_index":0,"item":{{Ahead}}}""",
            """{"type":"response.output_item.added","output_index":1,"item":{"type":"function_call","call_id":"c1","name":"add","arguments":""}}""",
            """{"type":"response.function_call_arguments.done","item_id":"fc_1","name":"add","arguments":"{\"x\":2}"}""",
            $$"""{"type":"response.output_item.done","output_index":1,"item":{{Call}}}""",
            """{"type":"response.something_new","half":"\ud83d"}""",
            "[DONE]",
            $$"""{"type":"response.completed","response":{"status":"completed","output":[{{Ahead}},{{Call}},{{Call}},{{Cut}}],"usage":{"input_tokens":40,"input_tokens_details":{"cached_tokens":8},"output_tokens":5} } }""");
        await using var server = await Serve(context => StreamAsync(context, stream, pieces: 7));
        var progress = new List<string>();
        var answer = await AskAsync(Endpoint(server), Request(Question) with { Progress = progress.Add });
        Assert.Null(answer.Failure);
        Assert.Equal(["I look it up.", ""], answer.Output.Select(item => item.Text));
        Assert.Equal(("c1", """{"x":2}"""), (answer.Output[1].CallId, answer.Output[1].Arguments));
        Assert.Equal((40, 8, 5), (answer.Usage.InputText, answer.Usage.CachedText, answer.Usage.OutputText));
        Assert.Equal(["Whether to add.", "I look it up."], progress);
    }

    public static TheoryData<string, string> Endings => new()
    {
        // Servers that leave the last snapshot empty, refuse in words, or stop at their limit in mid-sentence.
        { Done("It is 4.") + Last("completed", ""), "It is 4." },
        { Last("completed", """{"type":"message","content":[{"type":"refusal","refusal":"I can't do that."}]}"""), "I can't do that." },
        { Last("incomplete", """{"type":"message","status":"incomplete","content":[{"type":"output_text","text":"It is"}]}"""), "It is" },
        { Last("incomplete", ""), "! the text model's answer was cut off: max_output_tokens" },
        { Last("failed", "", "server_error"), "! the text model failed: server_error" },
        { Last("failed", "", "key sk-secret is wrong"), "! the text model failed: unknown" },
        { Events("""{"type":"error","code":"rate_limit_exceeded","message":"sk-secret"}"""), "! the text model failed: rate_limit_exceeded" },
        { Done("It is 4."), "! the text model's answer broke off" },
        { "", "! the text model's answer broke off" },
        { "data: {\n\n", "! the text model's answer could not be read" },
        { "data: " + new string(' ', 5 << 20), "! the text model's server can't be reached, or sent too much" },
    };

    [Theory]
    [MemberData(nameof(Endings))]
    public async Task However_a_stream_ends_there_is_an_answer_or_a_sentence(string stream, string expected)
    {
        await using var server = await Serve(context => StreamAsync(context, stream, pieces: 1));
        var answer = await AskAsync(Endpoint(server), Request(Question));
        Assert.Equal(expected, answer.Failure is { } failure ? "! " + failure : Assert.Single(answer.Output).Text);
    }

    [Theory]
    [InlineData(401, """{"error":{"code":"invalid_api_key","message":"Incorrect API key: secret"}}""", "(invalid_api_key): it does not take the key")]
    [InlineData(404, "Not Found", "answered 404: it has no /responses or no model \"text-1\" (Bridge:TextModel:Api, :Model)")]
    [InlineData(400, """{"error":{"code":"context_length_exceeded"}}""", "answered 400 (context_length_exceeded)")]
    [InlineData(400, """{"error":{"code":"sk-secret"}}""", "answered 400")]
    [InlineData(200, "{}", "could not be read")]
    [InlineData(200, "[", "could not be read")]
    [InlineData(302, "", "answered 302")]
    public async Task A_refusal_names_the_option_that_would_change_it_and_no_key(int status, string body, string words)
    {
        await using var server = await Serve(context =>
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsync(body);
        });
        var answer = await AskAsync(Endpoint(server), Request(Question));
        Assert.Empty(answer.Output);
        Assert.Contains(words, answer.Failure, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", answer.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_streams_nothing_answers_whole()
    {
        await using var server = await Serve(context => context.Response.WriteAsync(
            """{"object":"response","status":"completed","output":[{"type":"reasoning","summary":[]},{"type":"message","content":[{"type":"output_text","text":"It is \ud83d4."}]}],"usage":{"input_tokens":3,"output_tokens":2}}"""));
        var answer = await AskAsync(Endpoint(server), Request(Question));
        Assert.Equal(("It is \uFFFD4.", 3), (Assert.Single(answer.Output).Text, answer.Usage.InputText));
    }

    [Fact]
    public async Task When_the_call_is_over_the_server_is_told_to_stop()
    {
        var (begun, aborted) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var server = await Serve(context => StallAsync(context, begun, aborted));
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var asked = AskAsync(Endpoint(server), Request(Question), cancellation: over.Token);
        await begun.Task.WaitAsync(Cancellation);
        await over.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
        await aborted.Task.WaitAsync(TimeSpan.FromSeconds(20), Cancellation);
    }

    [Fact]
    public async Task A_stream_that_stands_still_is_given_up_after_its_time()
    {
        var aborted = new TaskCompletionSource();
        await using var server = await Serve(context => StallAsync(context, new TaskCompletionSource(), aborted));
        Assert.Equal(
            "the text model did not answer within 1 s", (await AskAsync(Endpoint(server), Request(Question), seconds: 1)).Failure);
        await aborted.Task.WaitAsync(TimeSpan.FromSeconds(20), Cancellation);
    }

    private static RehearsalScript Script { get; } = new()
    {
        Rules =
        [
            new RehearsalRule
            {
                When = ["add"], Say = "I add it up.", Calls = [new RehearsalCall("add", JsonElement.Parse("""{"x":2}"""))],
                Then = "It is {{output.sum}}.",
            },
        ],
        Outcome = JsonElement.Parse("""{"sum":4}"""),
    };

    private static Uri Endpoint(WebApplication server) => new(server.Urls.First() + "/v1");

    private static TextRequest Request(params ModelItem[] input) => new(null, Work, input, [Tool], null, null);

    private static string Events(params string[] data) => string.Concat(data.Select(one => $"data: {one}\n\n"));

    private static string Done(string text) => Events(
        $$$"""{"type":"response.output_item.done","item":{"type":"message","content":[{"type":"output_text","text":"{{{text}}}"}]}}""");

    private static string Last(string status, string output, string error = "") => Events(
        $$$"""{"type":"response.{{{status}}}","response":{"status":"{{{status}}}","output":[{{{output}}}],"error":{"code":"{{{error}}}"},"incomplete_details":{"reason":"max_output_tokens"} } }""");

    private static async Task<TextAnswer> AskAsync(
        Uri endpoint, TextRequest request, int seconds = 60, CancellationToken? cancellation = null)
    {
        var options = new BridgeOptions { TextModel = { Api = TextModelOptions.Responses, TimeoutSeconds = seconds } };
        using var client = new TextModelClient(Options.Create(options));
        return await client.AskAsync(
            new ModelEndpoint { BaseUrl = endpoint, Key = "secret" }, "text-1", request, cancellation ?? Cancellation);
    }

    private static async Task StreamAsync(HttpContext context, string stream, int pieces)
    {
        context.Response.ContentType = "text/event-stream; charset=utf-8";
        foreach (var piece in Encoding.UTF8.GetBytes(stream).Chunk(Math.Max(1, stream.Length / pieces)))
        {
            await context.Response.Body.WriteAsync(piece);
            await context.Response.Body.FlushAsync();
        }
    }

    private static async Task StallAsync(HttpContext context, TaskCompletionSource begun, TaskCompletionSource aborted)
    {
        await StreamAsync(context, Events("""{"type":"response.created","response":{}}"""), pieces: 1);
        using var told = context.RequestAborted.Register(() => aborted.TrySetResult());
        begun.TrySetResult();
        await aborted.Task;
    }

    private static Task<WebApplication> Serve(RequestDelegate handler) => ModelServer.StartAsync("/v1/responses", handler);
}
