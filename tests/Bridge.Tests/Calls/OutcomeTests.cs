using Bridge.Calls;
using Bridge.Realtime.Model;
using Bridge.Realtime.Turns;
using Bridge.Records;

namespace Bridge.Tests.Calls;

/// <summary>The outcome of a call, filled in by the model after the schema of its role, and kept with the record.</summary>
public sealed class OutcomeTests
{
    private const string Schema = """
        {
          "type": "object",
          "properties": { "total": { "type": "number" }, "phone": { "type": "string" } },
          "required": ["total"],
          "additionalProperties": false
        }
        """;

    [Theory]
    [InlineData(null, "hangup")]
    [InlineData("Sum it up.\n", "hangup")]
    [InlineData(null, "connection_lost")]
    public async Task A_call_that_ends_leaves_its_outcome_in_the_record(string? recap, string reason)
    {
        using var calls = new VirtualCalls();
        calls.Roles.Add("waiter", "", "outcome: { total: 29.8, phone: \"030 1234567\" }\n", recap, Schema);
        var record = await TalkAndEndAsync(calls, reason);
        Assert.Equal("""{"total":29.8,"phone":"030 1234567"}""", record.Outcome?.GetRawText());
        Assert.Equal(recap is null, record.Recap is null);
        Assert.Contains("\"purpose\":\"outcome\"", record.Conversation!.Value.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_script_the_rehearsal_model_makes_one_up_from_the_schema()
    {
        using var calls = new VirtualCalls();
        calls.Roles.Add("waiter", outcome: Schema);
        Assert.Equal("""{"total":0}""", (await TalkAndEndAsync(calls)).Outcome?.GetRawText());
    }

    [Fact]
    public async Task An_outcome_that_does_not_fit_is_asked_for_once_more_and_not_kept()
    {
        using var calls = new VirtualCalls();
        var strict = Schema.Replace("\"number\"", "\"string\", \"pattern\": \"^[0-9]{3}$\"", StringComparison.Ordinal);
        calls.Roles.Add("waiter", outcome: strict);
        var record = await TalkAndEndAsync(calls);
        Assert.Null(record.Outcome);
        var asked = calls.Sessions[0].Sent.OfType<ModelCommand.CreateResponse>().Where(c => c.Settings?.MustCall is not null).ToList();
        Assert.Equal(2, asked.Count);
        Assert.Contains("total", asked[1].Settings!.Instructions, StringComparison.Ordinal);
        Assert.Contains("did not fit", asked[1].Settings!.Instructions, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_words_are_redacted_so_is_the_outcome()
    {
        using var calls = new VirtualCalls();
        calls.Roles.Add(
            "waiter", "records: { transcript: redacted }\n", "outcome: { total: 123456, phone: call 030 1234567 or a@b.de }\n",
            outcome: Schema);
        Assert.Equal(
            """{"total":"[number]","phone":"call [number] or [address]"}""", (await TalkAndEndAsync(calls)).Outcome?.GetRawText());
    }

    [Fact]
    public async Task A_host_that_keeps_no_words_keeps_no_outcome()
    {
        using var calls = new VirtualCalls(configure: o => o.Records.Transcript = "no");
        calls.Roles.Add("waiter", "", "outcome: { total: 1 }\n", outcome: Schema);
        Assert.Null((await TalkAndEndAsync(calls)).Outcome);
    }

    private static async Task<CallRecord> TalkAndEndAsync(VirtualCalls calls, string reason = CallEnd.Hangup)
    {
        var (call, _) = await calls.OpenAsync("waiter");
        call.Post(new TurnInput.PageText("Two gyoza."));
        await calls.PassAsync(call, TimeSpan.FromSeconds(5));
        call.Post(new TurnInput.HangUpRequested(reason));
        Assert.Equal(reason, await calls.EndAsync(call));
        return Assert.Single(calls.Store.Saved);
    }
}
