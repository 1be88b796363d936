using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Bridge.Rpc.Tests;

/// <summary>Plays the wire traces of docs/rpc.md §6: what stands there is what goes over the wire.</summary>
public sealed partial class DocumentedTracesTests
{
    private static readonly Dictionary<int, List<Line>> Traces = Read();

    /// <summary>The codes whose error the answerer sends.</summary>
    public static TheoryData<int> OfTheAnswerer { get; } = [-32700, -32600, -32601, -32602, -32003, -32004, -32005, -32006, -32007];

    [Fact]
    public void Every_code_has_a_trace() =>
        Assert.Equal(Enum.GetValues<RpcErrorCode>().Select(code => (int)code).Order(), Traces.Keys.Order());

    [Theory]
    [MemberData(nameof(OfTheAnswerer))]
    public void What_the_answerer_says_is_what_the_document_says(int code)
    {
        var pair = new Pair();
        Prepare(pair, code);
        var expected = new Queue<string>(Traces[code].Where(line => line.Side == '<').Select(line => line.Text));
        Assert.NotEmpty(expected);
        foreach (var line in Traces[code].Where(line => line.Side == '>'))
        {
            foreach (var answer in pair.PageAnswers(line.Text))
            {
                Assert.Equal(expected.Dequeue(), answer);
            }
        }

        Assert.Empty(expected);
    }

    [Fact]
    public async Task A_broken_response_is_an_internal_error_and_nothing_more_is_sent()
    {
        var (pair, call) = Ask(-32603, new { });
        pair.Server.Receive(System.Text.Encoding.UTF8.GetBytes(SameId(Traces[-32603][1].Text)));
        Assert.Equal(RpcErrorCode.InternalError, (await Assert.ThrowsAsync<RpcException>(() => call)).Code);
        Assert.Single(pair.FromServer.Sent);
    }

    [Fact]
    public async Task Two_seconds_of_silence_end_as_the_document_shows()
    {
        var (pair, call) = Ask(-32001, new { });
        pair.Time.Advance(2_000);
        Assert.Equal(RpcErrorCode.Timeout, (await Assert.ThrowsAsync<RpcException>(() => call)).Code);
        Assert.Equal(Traces[-32001].Where(line => line.Side == '>').Select(line => SameId(line.Text)), pair.FromServer.Sent.Select(SameId));
    }

    [Fact]
    public async Task A_closed_channel_ends_as_the_document_shows()
    {
        var (pair, call) = Ask(-32002, new { });
        pair.Cut();
        Assert.Equal(RpcErrorCode.Disconnected, (await Assert.ThrowsAsync<RpcException>(() => call)).Code);
        Assert.Single(pair.FromServer.Sent);
    }

    [Fact]
    public async Task The_last_word_of_a_call_is_the_one_of_the_document()
    {
        var pair = new Pair();
        pair.Page.Handle("call/ended", Pair.Returns(null));
        var call = pair.Server.RequestAsync("call/ended", new { reason = "hangup" });
        pair.Deliver();
        await call;
        var text = File.ReadAllText(Document());
        Assert.Contains("> " + SameId(pair.FromServer.Sent[0]), SameId(text), StringComparison.Ordinal);
        Assert.Contains("< " + SameId(pair.FromPage.Sent[0]), SameId(text), StringComparison.Ordinal);
    }

    // The asker counts its own ids; the document numbers its traces.
    private static (Pair Pair, Task Call) Ask(int code, object parameters)
    {
        var pair = new Pair();
        var call = pair.Server.RequestAsync("stage/show", parameters);
        Assert.Equal(SameId(Traces[code][0].Text), SameId(Assert.Single(pair.FromServer.Sent)));
        return (pair, call);
    }

    private static void Prepare(Pair pair, int code)
    {
        switch (code)
        {
            case -32602:
                pair.Page.Handle(
                    "page/mute", (_, _) => throw new RpcException(RpcErrorCode.InvalidParams, "\"muted\" must be true or false."));
                break;
            case -32003:
                pair.Page.HandleOnce(
                    "tool/call", Pair.ReturnsOnce(new string('x', 1_048_590 - """{"jsonrpc":"2.0","id":8,"result":""}""".Length)));
                break;
            case -32004:
                pair.Page.HandleOnce("tool/call", (_, context) =>
                {
                    // Ends on the thread that cancels it, so that the answer is there when the cancel is read.
                    var end = new TaskCompletionSource<object?>();
                    context.CancellationToken.Register(() => end.TrySetCanceled(context.CancellationToken));
                    return new ValueTask<object?>(end.Task);
                });
                break;
            case -32005:
                pair.Page.HandleOnce("tool/call", Pair.ReturnsOnce(1));
                pair.PageAnswers(
                    """{"jsonrpc":"2.0","id":1,"method":"tool/call","params":{"callId":"call_1","name":"find","arguments":{}}}""");
                pair.PageAnswers("""{"jsonrpc":"2.0","method":"$/acknowledge","params":{"callIds":["call_1"]}}""");
                break;
            case -32006:
                pair.Page.HandleOnce(
                    "tool/call", (_, _) => throw new InvalidOperationException("Cannot read properties of undefined (reading 'price')"));
                break;
            case -32007:
                pair.Page.Handle("page/text", (_, _) => new ValueTask<object?>(new TaskCompletionSource<object?>().Task));
                for (var id = 1; id <= 1_024; id++)
                {
                    Assert.Empty(
                        pair.PageAnswers(
                            """{"jsonrpc":"2.0","id":#,"method":"page/text","params":{"text":"hi"}}"""
                                .Replace("#", id.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal)));
                }

                break;
        }
    }

    private static Dictionary<int, List<Line>> Read()
    {
        var traces = new Dictionary<int, List<Line>>();
        var text = File.ReadAllText(Document());
        foreach (Match section in Section().Matches(text))
        {
            // A code whose trace stands in the section of its subject.
            var from = section.Groups["see"] is { Success: true } see
                ? text.IndexOf($"\n## {see.Value}.", StringComparison.Ordinal)
                : section.Index;
            var block = Block().Match(text, from).Groups["lines"].Value;
            traces[int.Parse(section.Groups["code"].Value, System.Globalization.CultureInfo.InvariantCulture)] =
                [.. block.Split('\n').Where(line => line.Length > 2
                    && line[0] is '>' or '<').Select(line => new Line(line[0], line[2..].TrimEnd()))];
        }

        return traces;
    }

    private static string SameId(string text) => Id().Replace(text, "\"id\":1");

    private static string Document([CallerFilePath] string here = "") =>
        Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "docs", "rpc.md");

    [GeneratedRegex(@"\*\*(?<code>-32\d\d\d) [^*]*\*\*(?: See section (?<see>\d))?")]
    private static partial Regex Section();

    [GeneratedRegex("```\n(?<lines>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex("\"id\":\\d+")]
    private static partial Regex Id();

    private sealed record Line(char Side, string Text);
}
