using Bridge.Realtime.Turns;


namespace Bridge.Tests.Calls;

/// <summary>The most that one page may cost the host, and a conversation that is longer than a message.</summary>
public sealed class PageLimitTests : IDisposable
{
    private const int Overloaded = -32007;
    private readonly VirtualCalls _calls = new();

    public PageLimitTests() => _calls.Roles.Add("demo");

    public void Dispose() => _calls.Dispose();

    [Fact]
    public async Task A_page_that_sends_pictures_without_end_is_refused_once_a_call_holds_no_more()
    {
        var (call, page) = await _calls.OpenAsync("demo");
        const string Prefix = "data:image/png;base64,iVBORw0KGgoA";
        var dataUrl = Prefix + new string('A', (200_000 - Prefix.Length) / 4 * 4);
        var taken = 0;
        for (var id = 2; ; id++)
        {
            var answer = await page.AskAsync(id, "page/image", new { dataUrl });
            if (answer.TryGetProperty("error", out var error))
            {
                Assert.Equal(Overloaded, error.GetProperty("code").GetInt32());
                break;
            }

            Assert.True(++taken < 100, "No end was reached.");
        }

        Assert.InRange(taken, 50, 80);
        Assert.True((await page.AskAsync(1_000, "page/mute", new { muted = true })).TryGetProperty("result", out _));
        Assert.True((await page.AskAsync(1_001, "page/text", new { text = "Short enough." })).TryGetProperty("result", out _));
        await _calls.EndAsync(call, call.DisposeAsync());
    }

    [Fact]
    public async Task A_page_that_comes_back_to_a_long_conversation_is_told_the_last_of_it()
    {
        var (call, page) = await _calls.OpenAsync("demo");
        for (var i = 0; i < 60; i++)
        {
            call.View.ShowTranscript(new TranscriptLine($"said{i}", null, Speaker.User, new string('\u00E9', 8_000), true, false, 8_000));
        }

        var hello = await page.AskAsync(2, "page/hello", new { tools = Array.Empty<object>() });
        var told = hello.GetProperty("result").GetProperty("transcript").EnumerateArray()
            .Select(line => line.GetProperty("itemId").GetString()).ToList();
        var said = told.FindAll(id => id!.StartsWith("said", StringComparison.Ordinal));
        Assert.InRange(said.Count, 2, 16);
        Assert.Equal(Enumerable.Range(60 - said.Count, said.Count).Select(i => $"said{i}"), said);
        Assert.True(hello.GetProperty("result").GetProperty("earlier").GetBoolean());
        await _calls.EndAsync(call, call.DisposeAsync());
    }

    [Fact]
    public async Task A_page_that_comes_back_is_told_all_lines_but_those_that_were_withdrawn()
    {
        var (call, page) = await _calls.OpenAsync("demo");
        foreach (var id in (string[])["said", "coughed"])
        {
            call.View.ShowTranscript(new TranscriptLine(id, null, Speaker.User, id, true, false, id.Length));
        }

        call.View.WithdrawTranscript("coughed");

        var answer = (await page.AskAsync(2, "page/hello", new { tools = Array.Empty<object>() })).GetProperty("result");
        var told = answer.GetProperty("transcript").EnumerateArray().Select(line => line.GetProperty("itemId").GetString()).ToList();
        Assert.Contains("said", told);
        Assert.DoesNotContain("coughed", told);
        Assert.False(answer.GetProperty("earlier").GetBoolean());
        await _calls.EndAsync(call, call.DisposeAsync());
    }

    [Fact]
    public async Task A_page_that_sends_faster_than_it_reads_loses_its_channel_and_not_in_the_middle_of_a_delivery()
    {
        var (call, page) = await _calls.OpenAsync("demo");
        await page.AskAsync(2, "page/mute", new { muted = false });
        page.Network.Reset();
        try
        {
            // The first answer stands still in the network, and with it whoever reads.
            for (var id = 3; id < 20_000 && !page.Closed.IsCompleted; id++)
            {
                page.Say(id, "page/mute", new { muted = false });
            }

            Assert.False(await page.Closed.WaitAsync(TestContext.Current.CancellationToken), "It was closed out of its own delivery.");
        }
        finally
        {
            page.Network.Set();
        }

        await _calls.EndAsync(call, call.DisposeAsync());
    }

    [Theory]
    [InlineData("page/text", """{"text":"Hi."}""", 20)]
    [InlineData("page/hello", """{"tools":[]}""", 29)]
    [InlineData("page/speech", """{"active":true}""", 500)]
    public async Task A_page_that_does_one_thing_without_end_is_told_when_to_try_again(string method, string parameters, int atOnce)
    {
        var (call, page) = await _calls.OpenAsync("demo");
        var taken = 0;
        for (var id = 2; ; id++)
        {
            var answer = await page.AskAsync(id, method, System.Text.Json.JsonElement.Parse(parameters));
            if (answer.TryGetProperty("error", out var error))
            {
                Assert.Equal(Overloaded, error.GetProperty("code").GetInt32());
                Assert.InRange(error.GetProperty("data").GetProperty("retryAfter").GetDouble(), 0.001, 2);
                break;
            }

            Assert.True(++taken < 100_000, "No end was reached.");
        }

        // A slow machine gives some back meanwhile.
        Assert.True(taken >= atOnce, $"Only {taken} were taken.");
        await _calls.EndAsync(call, call.DisposeAsync());
    }
}
