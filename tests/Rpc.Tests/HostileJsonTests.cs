using System.Text;
using System.Text.Json;

namespace Bridge.Rpc.Tests;

/// <summary>Any text may come in: no exception, at most one answer, and the next good request still works.</summary>
public sealed class HostileJsonTests
{
    private const string Good =
        """{"jsonrpc":"2.0","id":"k","method":"echo","params":{"a":[1,2.5e-3,true,null,"\u00e9\ud83d\ude00\n"],"b":{"c":[]}}}""";

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("nul")]
    [InlineData("\u0000")]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"echo\",}")]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ec\nho\"}")]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"echo\"} {}")]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":01,\"method\":\"echo\"}")]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\\ud800\"}")]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\\udc00\\ud800\"}")]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"echo\",\"params\":[NaN]}")]
    [InlineData("{'jsonrpc':'2.0'}")]
    [InlineData("{\"a\":1,/*c*/\"b\":2}")]
    [InlineData("[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"echo\"},]")]
    [InlineData("[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"echo\"}")]
    public void What_is_no_json_gets_a_parse_error_and_runs_nothing(string text)
    {
        var pair = Echo();
        Assert.Contains("\"id\":null,\"error\":{\"code\":-32700", Assert.Single(pair.PageAnswers(text)));
    }

    [Theory]
    [InlineData("7", "null")]
    [InlineData("\"x\"", "null")]
    [InlineData("{}", "null")]
    [InlineData("""{"jsonrpc":"2.0","id":null,"method":"echo"}""", "null")]
    [InlineData("""{"jsonrpc":"2.0","id":1.5,"method":"echo"}""", "null")]
    [InlineData("""{"jsonrpc":"2.0","id":-0,"method":"echo"}""", "null")]
    [InlineData("""{"jsonrpc":"2.0","id":9223372036854775808,"method":"echo"}""", "null")]
    [InlineData("""{"jsonrpc":"2.0","id":{},"method":"echo"}""", "null")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"id":2,"method":"echo"}""", "null")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"echo","params":3}""", "1")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"echo","method":"echo"}""", "null")]
    [InlineData("""{"jsonrpc":2.0,"id":1,"method":"echo"}""", "1")]
    [InlineData("""{"id":1,"method":"echo"}""", "1")]
    [InlineData("""{"jsonrpc":"2.0","method":null}""", "null")]
    public void What_is_json_and_no_request_gets_an_invalid_request(string text, string id)
    {
        var pair = Echo();
        Assert.Contains($"\"id\":{id},\"error\":{{\"code\":-32600", Assert.Single(pair.PageAnswers(text)));
    }

    [Fact]
    public void Nesting_is_allowed_to_the_limit_and_not_beyond()
    {
        var pair = Echo();
        string Nested(int depth) =>
            $$"""{"jsonrpc":"2.0","id":1,"method":"echo","params":{{new string('[', depth)}}{{new string(']', depth)}}}""";
        Assert.Contains("\"result\"", Assert.Single(pair.PageAnswers(Nested(63))));
        Assert.Contains("-32700", Assert.Single(pair.PageAnswers(Nested(64))));
        Assert.Contains("-32700", Assert.Single(pair.PageAnswers(Nested(100_000))));
        Assert.Contains("-32700", Assert.Single(pair.PageAnswers(new string('[', 200_000))));
        Assert.Contains("-32700", Assert.Single(pair.PageAnswers(string.Concat(Enumerable.Repeat("{\"a\":", 40_000)))));
    }

    [Fact]
    public void A_batch_is_bounded()
    {
        var pair = Echo();
        string Batch(int count) =>
            "[" + string.Join(',', Enumerable.Range(0, count).Select(id => $$"""{"jsonrpc":"2.0","id":{{id}},"method":"echo"}""")) + "]";
        Assert.Equal(128, Pair.Json(Assert.Single(pair.PageAnswers(Batch(128)))).GetArrayLength());
        Assert.Contains("-32600", Assert.Single(pair.PageAnswers(Batch(129))));
        Assert.Contains("-32600", Assert.Single(pair.PageAnswers("[[[]]]")));
    }

    [Fact]
    public void Text_that_is_no_utf8_is_refused()
    {
        var pair = Echo();
        foreach (var bad in new byte[][] { [0xFF], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xE2, 0x82] })
        {
            byte[] message = [.. "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"echo\",\"params\":[\""u8, .. bad, .. "\"]}"u8];
            pair.Page.Receive(message);
            Assert.Contains("-32700", pair.FromPage.Sent[^1]);
        }
    }

    [Fact]
    public void Every_truncation_of_a_good_message_is_answered_and_harmless()
    {
        var bytes = Encoding.UTF8.GetBytes(Good);
        for (var length = 0; length < bytes.Length; length++)
        {
            var pair = Echo();
            pair.Page.Receive(bytes.AsSpan(0, length));
            Assert.Contains("-32700", Assert.Single(pair.FromPage.Sent));
        }
    }

    [Fact]
    public void Every_single_byte_change_of_a_good_message_is_harmless()
    {
        var bytes = Encoding.UTF8.GetBytes(Good);
        var pair = Echo();
        for (var at = 0; at < bytes.Length; at++)
        {
            var original = bytes[at];
            for (var value = 0; value < 256; value++)
            {
                bytes[at] = (byte)value;
                var before = pair.FromPage.Sent.Count;
                pair.Page.Receive(bytes);
                Assert.InRange(pair.FromPage.Sent.Count, before, before + 1);
            }

            bytes[at] = original;
            AssertAlive(pair);
            pair.FromPage.Sent.Clear();
            while (pair.FromPage.TryTake(out _))
            {
            }
        }
    }

    [Fact]
    public void Random_mixtures_of_json_pieces_are_harmless_to_both_sides()
    {
        string[] pieces =
        [
            "{", "}", "[", "]", ",", ":", "\"jsonrpc\":\"2.0\"", "\"id\":1", "\"id\":\"a\"", "\"method\":\"echo\"", "\"method\":\"once\"",
            "\"params\":{\"callId\":\"c\"}",
            "\"params\":[]", "\"result\":1", "\"error\":{\"code\":1}", "null", "1e5", "\"\\u00e9\"", " ", "\"$/progress\"",
            "\"method\":\"$/cancelRequest\"",
            "\"params\":{\"id\":1}", "\"params\":{\"callIds\":[\"c\"]}", "\"method\":\"$/acknowledge\"",
            "\"params\":{\"token\":1,\"value\":2}", "é", "\u0007",
        ];
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var pair = Echo();
            pair.Page.HandleOnce("once", Pair.ReturnsOnce(1));
            _ = pair.Page.RequestAsync(
                "x", null, new RpcRequestOptions { CallId = "c", Progress = new CancelAndProgressTests.Seen(_ => { }) });
            pair.FromPage.Sent.Clear();
            try
            {
                for (var i = 0; i < 100; i++)
                {
                    var text = string.Join(
                        random.Next(2) == 0 ? "," : "",
                        Enumerable.Range(0, random.Next(1, 8)).Select(_ => pieces[random.Next(pieces.Length)]));
                    pair.Page.Receive(
                        Encoding.UTF8.GetBytes(random.Next(3) switch { 0 => text, 1 => "{" + text + "}", _ => "[{" + text + "}]" }));
                }

                AssertAlive(pair);
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"seed {seed}", exception);
            }
        }
    }

    [Fact]
    public void The_scanner_agrees_with_the_frameworks_reader_on_what_is_json()
    {
        var samples = new List<byte[]>();
        for (var seed = 0; seed < 400; seed++)
        {
            var random = new Random(seed);
            var bytes = Encoding.UTF8.GetBytes(RandomJson(random, 4));
            samples.Add(bytes);
            for (var i = 0; i < 40; i++)
            {
                var changed = bytes.ToList();
                for (var edits = random.Next(1, 3); edits > 0; edits--)
                {
                    var at = random.Next(changed.Count + 1);
                    switch (random.Next(3))
                    {
                        case 0 when at < changed.Count: changed.RemoveAt(at); break;
                        case 1 when at < changed.Count: changed[at] = Interesting(random); break;
                        default: changed.Insert(at, Interesting(random)); break;
                    }
                }

                samples.Add([.. changed]);
            }
        }

        var valid = 0;
        foreach (var sample in samples.Where(sample => System.Text.Unicode.Utf8.IsValid(sample)))
        {
            var scanner = new JsonScanner(sample);
            var ours = scanner.TrySkipValue(64);
            scanner.SkipWhitespace();
            ours &= scanner.AtEnd;
            Assert.True(ours == FrameworkAccepts(sample), Encoding.UTF8.GetString(sample));
            valid += ours ? 1 : 0;
        }

        Assert.InRange(valid, samples.Count / 20, samples.Count * 19 / 20);
    }

    private static byte Interesting(Random random)
    {
        const string Bytes = "{}[],:\"\\ \t\n0123456789-+.eEtrufalsn/bdDcC8\u0001";
        return (byte)Bytes[random.Next(Bytes.Length)];
    }

    private static bool FrameworkAccepts(byte[] text)
    {
        try
        {
            var reader = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = 64 });
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName)
                {
                    reader.GetString();
                }
            }

            return true;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    private static string RandomJson(Random random, int depth) => random.Next(depth > 0 ? 8 : 6) switch
    {
        0 => "null",
        1 => random.Next(2) == 0 ? "true" : "false",
        2 => random.Next(-1000, 1000).ToString(System.Globalization.CultureInfo.InvariantCulture),
        3 => "-0.5e+10",
        4 => "\"\\ud83d\\ude00 \\\"q\\\\ é\"",
        5 => "\"plain\"",
        6 => "[" + string.Join(" , ", Enumerable.Range(0, random.Next(4)).Select(_ => RandomJson(random, depth - 1))) + "]",
        _ => "{" + string.Join(",", Enumerable.Range(0, random.Next(4)).Select(i => $"\"k{i}\" : {RandomJson(random, depth - 1)}")) + "}",
    };

    private static Pair Echo()
    {
        var pair = new Pair();
        pair.Page.Handle("echo", (parameters, _) => ValueTask.FromResult<object?>(parameters));
        return pair;
    }

    private static void AssertAlive(Pair pair) =>
        Assert.Equal(
            """{"jsonrpc":"2.0","id":"alive","result":[1]}""",
            Assert.Single(pair.PageAnswers("""{"jsonrpc":"2.0","id":"alive","method":"echo","params":[1]}""")));
}
