using System.Text.Json;
using Bridge.Calls;
using Bridge.Realtime.Turns;

namespace Bridge.Tests.Calls;

/// <summary>A role whose guard keeps words from being heard.</summary>
public sealed class GuardTests
{
    private const string Guard = """
        greeting: false
        guard:
          patterns: ['\bcard number\b', '\d{4} \d{4}']
          say: I do not give out numbers.

        """;

    private const string Script = """
        rules:
          - when: [number]
            say: Of course. Your card number is four.
          - when: [weather]
            say: It is sunny.
        otherwise: I see.

        """;

    [Fact]
    public async Task Blocked_words_reach_neither_ear_nor_page_nor_record_and_the_roles_line_stands_in_their_place()
    {
        using var calls = new VirtualCalls();
        calls.Roles.Add("bank", Guard, Script);
        var (call, page) = await calls.OpenAsync("bank");
        await page.AskAsync(1, "page/text", new { text = "Tell me the number." });
        await calls.UntilAsync(
            call,
            () => Lines(page).Any(line => line.Contains("I do not give out numbers.", StringComparison.Ordinal)),
            TimeSpan.FromSeconds(20));
        await page.AskAsync(2, "page/text", new { text = "And the weather?" });
        await calls.UntilAsync(
            call, () => Lines(page).Any(line => line.Contains("sunny", StringComparison.Ordinal)), TimeSpan.FromSeconds(20));
        Assert.DoesNotContain(Lines(page), line => line.Contains("card number", StringComparison.OrdinalIgnoreCase));
        call.Post(new TurnInput.HangUpRequested(CallEnd.Hangup));
        await calls.EndAsync(call);
        var record = Assert.Single(calls.Store.Saved);
        Assert.DoesNotContain("card number", JsonSerializer.Serialize(record.Conversation), StringComparison.OrdinalIgnoreCase);
        Assert.Equal(CallEnd.Hangup, record.Reason);
    }

    private static IEnumerable<string> Lines(ScriptedPage page) => page.Told("call/transcript").Select(line => line.GetRawText());
}
