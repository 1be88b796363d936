using System.Text.Json;
using Bridge.Calls;
using Microsoft.Extensions.Logging;

namespace Bridge.Tests.Calls;

/// <summary>Params of a wrong type, from a page that sends anything: told to the page by -32602, and nothing of them in the log.</summary>
public sealed class PageParamTests : IDisposable
{
    private const int InvalidParams = -32602;

    private static readonly string[] Values =
        ["\"12\"", "12", "1.5", "-1", "4294967296", "1e99", "1e999", "true", "false", "null", "{}", "[]", "[1]", "\"\""];

    /// <summary>Every member that a method reads, with the members beside it, and the values above that are right for it.</summary>
    private static readonly (string Method, string Member, string Others, string[] Right)[] Members =
    [
        ("page/text", "text", "", ["\"12\""]),
        ("page/image", "dataUrl", "", []),
        ("page/image", "prompt", "\"dataUrl\":\"data:image/png;base64,iVBORw0KGgo=\",", ["\"12\"", "\"\"", "null"]),
        ("page/mute", "muted", "", ["true", "false"]),
        ("page/pushToTalk", "down", "", ["true", "false"]),
        ("page/speech", "active", "", ["true", "false"]),
        ("page/tool/cancel", "callId", "", ["\"12\""]),
        ("page/playout", "rtpTimestamp", "", ["12"]),
        ("page/playout", "delayMs", "\"rtpTimestamp\":1,", ["12", "1.5", "-1", "4294967296", "1e99", "null"]),
        ("page/playout", "silenced", "\"rtpTimestamp\":1,", ["true", "false", "null"]),
        ("page/inspect", "on", "", ["true", "false"]),
        ("page/hello", "tools", "", ["[]", "null"]),
    ];

    private readonly VirtualCalls _calls = new();

    public PageParamTests() => _calls.Roles.Add("demo");

    public void Dispose() => _calls.Dispose();

    [Fact]
    public async Task Every_wrong_type_in_the_params_of_every_method_is_answered_with_invalid_params()
    {
        var (call, page) = await _calls.OpenAsync("demo");
        var id = 10;
        foreach (var (method, member, others, right) in Members)
        {
            foreach (var value in Values)
            {
                var answer = await page.AskAsync(id++, method, JsonElement.Parse($$"""{{{others}}"{{member}}":{{value}}}"""));
                var code = answer.TryGetProperty("error", out var error) ? error.GetProperty("code").GetInt32() : 0;
                Assert.True(code == (right.Contains(value) ? 0 : InvalidParams), $"{method} {member} {value}: {answer}");
            }
        }

        Assert.Equal(0, call.Rpc.Stats.Faults);
        await _calls.EndAsync(call, call.DisposeAsync());
    }

    [Theory]
    [InlineData("data:image/png;base64,iVBORw0KGgo", "base64")]
    [InlineData("data:image/png;base64,<<<<", "base64")]
    [InlineData("data:image/png;base64,", "first bytes")]
    [InlineData("data:image/png;base64,/9j/4AAQ", "first bytes")]
    [InlineData("data:image/jpeg;base64,iVBORw0KGgo=", "first bytes")]
    [InlineData("data:image/gif;base64,R0lGODlh", "PNG or JPEG")]
    public async Task A_picture_that_is_none_is_refused_with_the_reason(string dataUrl, string reason)
    {
        var (call, page) = await _calls.OpenAsync("demo");
        var answer = await page.AskAsync(10, "page/image", new { dataUrl });
        Assert.Equal(InvalidParams, answer.GetProperty("error").GetProperty("code").GetInt32());
        Assert.Contains(reason, answer.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
        await _calls.EndAsync(call, call.DisposeAsync());
    }

    [Fact]
    public async Task Every_method_with_required_params_says_so_when_they_are_an_array()
    {
        var (call, page) = await _calls.OpenAsync("demo");
        var id = 10;
        foreach (var method in Members.Where(member => member.Others.Length == 0
            && member.Member != "tools").Select(member => member.Method))
        {
            var answer = await page.AskAsync(id++, method, Array.Empty<int>());
            Assert.Equal(InvalidParams, answer.GetProperty("error").GetProperty("code").GetInt32());
        }

        Assert.Equal(0, call.Rpc.Stats.Faults);
        await _calls.EndAsync(call, call.DisposeAsync());
    }

    [Fact]
    public async Task A_thousand_notifications_with_a_wrong_type_are_counted_and_write_no_line()
    {
        var (call, page) = await _calls.OpenAsync("demo");
        var before = call.Rpc.Stats.Rejected;
        for (var i = 0; i < 1_000; i++)
        {
            page.Notify("page/playout", JsonElement.Parse("""{"rtpTimestamp":"x"}"""));
        }

        await page.AskAsync(10, "page/mute", new { muted = true });
        Assert.Equal(1_000, call.Rpc.Stats.Rejected - before);
        Assert.Equal(0, call.Rpc.Stats.Faults);
        await _calls.EndAsync(call, call.DisposeAsync());
    }

    [Fact]
    public void A_defect_of_a_method_is_logged_once_in_a_call()
    {
        var log = new Lines();
        var defects = new HandlerDefects();
        for (var i = 0; i < 1_000; i++)
        {
            defects.Tell(log, "c057", i % 2 == 0 ? "page/text" : "page/mute", new InvalidOperationException());
        }

        Assert.Equal(["Call c057: handler of page/text failed", "Call c057: handler of page/mute failed"], log.Written);
    }

    private sealed class Lines : ILogger
    {
        public List<string> Written { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Written.Add(formatter(state, exception));
    }
}
