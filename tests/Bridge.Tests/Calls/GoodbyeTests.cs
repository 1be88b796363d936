using Bridge.Calls;
using Bridge.Realtime.Model;

namespace Bridge.Tests.Calls;

/// <summary>The end that an agent asks for with <c>end_call</c>.</summary>
public sealed class GoodbyeTests : IDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private readonly VirtualCalls _calls = new();

    public void Dispose() => _calls.Dispose();

    // What a page says takes its way over the pool: virtual time stands still for it.
    private async Task TypeAsync(Call call, ScriptedPage page, int id, string text)
    {
        var before = page.Told("call/transcript").Count;
        page.Say(id, "page/text", new { text });
        await _calls.UntilAsync(
            call, () => page.Told("call/transcript").Skip(before).Any(line => line.TryGetProperty("text", out var told) && told.GetString() == text), TimeSpan.Zero);
    }

    // Until the model has the tool's output: a tool runs on the pool, too.
    private Task EndsCallAsync(Call call, ScriptedPage page, int times) => _calls.UntilAsync(
        call,
        () => page.Told("tool/activity").Count(activity => activity.GetProperty("phase").GetString() == "done") == times
            && _calls.Sessions[^1].Sent.OfType<ModelCommand.CreateItem>().Count(create => create.Item.Kind == ModelItemKind.FunctionOutput) == times,
        2 * Second);

    private void Add(string then, string more = "") => _calls.Roles.Add(
        "demo",
        "tools:\n- name: end_call\n  target: server\n",
        $"rules:\n- when: [bye]\n  call:\n  - name: end_call\n  then: {then}\n{more}otherwise: A new answer to a new question.\n");

    [Fact]
    public async Task A_farewell_of_half_a_minute_is_heard_to_its_end()
    {
        Add(string.Concat(Enumerable.Repeat("It was a pleasure to talk to you today. ", 13)) + "Sunflower.");
        var (call, page) = await _calls.OpenAsync("demo");
        await TypeAsync(call, page, 2, "bye");
        await EndsCallAsync(call, page, 1);
        await _calls.UntilAsync(call, () => page.Heard.Count > 0, 3 * Second);
        Assert.Equal(CallEnd.EndedByAgent, await _calls.EndAsync(call));
        var last = page.Told("call/transcript").Last(line => line.TryGetProperty("speaker", out var speaker) && speaker.GetString() == "agent");
        Assert.EndsWith("Sunflower.", last.GetProperty("text").GetString());
        Assert.Equal(last.GetProperty("text").GetString()!.Length, last.GetProperty("heard").GetInt32());
        Assert.True(page.Heard[^1] - page.Heard[0] > 25 * Second, "it was short");
    }

    [Fact]
    public async Task A_question_after_the_goodbye_takes_it_back_and_the_next_goodbye_ends_the_call()
    {
        Add("Goodbye, and thank you for all of this.");
        var (call, page) = await _calls.OpenAsync("demo");
        await TypeAsync(call, page, 2, "bye");
        await EndsCallAsync(call, page, 1);
        await _calls.UntilAsync(call, () => page.Heard.Count > 10, 10 * Second);
        await TypeAsync(call, page, 3, "One more thing");
        await _calls.PassAsync(call, 40 * Second);
        Assert.False(call.Ended.IsCompleted);
        Assert.Contains(page.Told("call/transcript"), line => line.TryGetProperty("text", out var told) && told.GetString() == "A new answer to a new question.");

        await TypeAsync(call, page, 4, "bye");
        await EndsCallAsync(call, page, 2);
        Assert.Equal(CallEnd.EndedByAgent, await _calls.EndAsync(call));
    }

    [Fact]
    public async Task A_short_goodbye_ends_the_call_as_soon_as_it_is_heard()
    {
        Add("Goodbye.");
        var (call, page) = await _calls.OpenAsync("demo");
        await TypeAsync(call, page, 2, "bye");
        await EndsCallAsync(call, page, 1);
        await _calls.UntilAsync(call, () => page.Heard.Count > 0, 3 * Second);
        await _calls.UntilAsync(call, () => page.Told("call/ended").Count > 0, 8 * Second);
        Assert.Equal(CallEnd.EndedByAgent, await _calls.EndAsync(call));
    }
}
