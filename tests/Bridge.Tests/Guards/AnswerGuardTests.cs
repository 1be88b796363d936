using System.Net;
using System.Text.Json;
using Bridge.Guards;
using Bridge.Tests.Calls;
using Bridge.Tests.Tools;
using Bridge.Tools;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Bridge.Tests.Guards;

/// <summary>A role's patterns and its web hook, asked over a real socket.</summary>
public sealed class AnswerGuardTests : IDisposable
{
    private readonly MemoryRoles _roles = new();
    private readonly List<string> _problems = [];
    private readonly ToolServices _services = new(
        Options.Create(
            new ToolOptions { AllowPrivateAddresses = true, Secrets = { ["GUARD_KEY"] = new SecretOptions { Value = "k-123" } } }),
        TimeProvider.System);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Your card  number is", true)]
    [InlineData("Your CARD NUMBER is", false)]
    [InlineData("discard numbers", true)]
    public async Task Patterns_judge_whole_words_in_either_case(string text, bool allowed)
    {
        var guard = Guard("guard: { say: No., patterns: ['\\bcard number\\b'] }");
        var verdict = await guard.JudgeAsync(text, whole: false, Cancellation);
        Assert.Equal(allowed ? "" : "pattern 1 of the role's guard matches", verdict.Reason);
        Assert.Equal(allowed, verdict.Allowed);
    }

    [Fact]
    public async Task The_web_hook_is_told_call_role_and_words_with_its_secret_and_is_obeyed()
    {
        var asked = new List<string>();
        await using var hook = await WebHook.Start(async context =>
        {
            using var body = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: Cancellation);
            asked.Add($"{context.Request.Headers.Authorization} {body.RootElement.GetRawText()}");
            await context.Response.WriteAsJsonAsync(
                new { allow = !body.RootElement.GetProperty("text").GetString()!.Contains("secret", StringComparison.Ordinal) },
                Cancellation);
        });
        var guard = Guard(Hook(hook.Url));
        Assert.True((await guard.JudgeAsync("All is well.", whole: false, Cancellation)).Allowed);
        Assert.False((await guard.JudgeAsync("The secret.", whole: true, Cancellation)).Allowed);
        Assert.Equal("""Bearer k-123 {"call":"c1","role":"bank","text":"All is well.","whole":false}""", asked[0]);
    }

    [Theory]
    [InlineData(HttpStatusCode.OK, "{\"allow\": \"true\"}")]
    [InlineData(HttpStatusCode.OK, "true")]
    [InlineData(HttpStatusCode.OK, "")]
    [InlineData(HttpStatusCode.OK, "{\"allow\"")]
    [InlineData(HttpStatusCode.InternalServerError, "{\"allow\": true}")]
    [InlineData(HttpStatusCode.Redirect, "{\"allow\": true}")]
    public async Task A_web_hook_that_does_not_judge_blocks_unless_the_role_allows(HttpStatusCode status, string body)
    {
        await using var hook = await WebHook.Start(context =>
        {
            context.Response.StatusCode = (int)status;
            return context.Response.WriteAsync(body, Cancellation);
        });
        Assert.Equal(
            "the web hook of the role's guard does not judge",
            (await Guard(Hook(hook.Url)).JudgeAsync("Hello.", whole: true, Cancellation)).Reason);
        Assert.True((await Guard(Hook(hook.Url, "on_error: allow, ")).JudgeAsync("Hello.", whole: true, Cancellation)).Allowed);
    }

    [Fact]
    public async Task A_web_hook_that_does_not_answer_in_time_or_is_not_there_blocks()
    {
        await using var hook = await WebHook.Start(
            context => Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default));
        Assert.False((await Guard(Hook(hook.Url, "timeout_ms: 100, ")).JudgeAsync("Hello.", whole: true, Cancellation)).Allowed);
        Assert.False((await Guard(Hook(new Uri("http://127.0.0.1:9/"))).JudgeAsync("Hello.", whole: true, Cancellation)).Allowed);
    }

    [Fact]
    public async Task A_secret_that_is_not_set_blocks_and_nothing_is_sent()
    {
        var asked = 0;
        await using var hook = await WebHook.Start(context =>
        {
            asked++;
            return context.Response.WriteAsync("{\"allow\": true}", Cancellation);
        });
        Assert.False((await Guard(Hook(hook.Url, secret: "OTHER_KEY")).JudgeAsync("Hello.", whole: true, Cancellation)).Allowed);
        Assert.Equal(0, asked);
        Assert.Equal(
            ["guard_hook: The web hook of the role's guard can not judge (the secret OTHER_KEY is not set on this host); answers are "
                + "withheld."],
            _problems);
    }

    public void Dispose() => _services.Dispose();

    private static string Hook(Uri url, string more = "", string secret = "GUARD_KEY") =>
        $"guard: {{ say: No., {more}hook: {{ url: \"{url}\", allow_private: true, headers: {{ Authorization: \"Bearer ${{{secret}}}\" }} "
            + $"}} }}";

    private AnswerGuard Guard(string yaml)
    {
        var role = _roles.Add("bank", yaml + "\n");
        return new AnswerGuard("c1", () => role, _services, (code, why) => _problems.Add($"{code}: {why}"));
    }
}
