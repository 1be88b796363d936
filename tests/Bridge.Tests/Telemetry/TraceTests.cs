using System.Diagnostics;
using Bridge.Configuration;
using Bridge.Realtime.Conversation;
using Bridge.Realtime.Model;
using Bridge.Realtime.OpenAi;
using Bridge.Realtime.Turns;
using Bridge.Telemetry;
using Bridge.Tests.Calls;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Bridge.Tests.Telemetry;

/// <summary>The spans of a call, in virtual time: one tree, with what was heard, and no word unless it is wanted.</summary>
[Collection(Listening)]
public sealed class TraceTests
{
    /// <summary>Tests that listen to spans, and those that need nobody to listen, run one at a time.</summary>
    public const string Listening = "telemetry";

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    // On a busy machine virtual time runs ahead of the pool.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly string Story = string.Concat(Enumerable.Repeat("and one more MARKERword ", 40)) + ".";

    [Fact]
    public async Task A_call_with_a_function_an_interruption_and_a_rollover_is_this_tree()
    {
        using var spans = await TellAsync("7e11", content: false);
        Assert.Equal(
            """
            invoke_agent guide
              open_session rehearsal start
              turn agent
                chat rehearsal
              turn text
                chat rehearsal
                execute_tool save
                chat rehearsal
              turn text interrupted
                chat rehearsal
              open_session rehearsal expiry
              chat rehearsal recap
            """,
            spans.Tree);
        var all = spans.Spans;
        var root = all[0];
        Assert.Equal(
            ("invoke_agent", "guide", "7e11", "rehearsal", "hangup"),
            (root.GetTagItem(SpanNames.Operation), root.GetTagItem(SpanNames.Agent), root.GetTagItem(SpanNames.Conversation),
                root.GetTagItem(SpanNames.RequestModel), root.GetTagItem(SpanNames.EndReason)));
        Assert.Equal(ActivityStatusCode.Unset, root.Status);
        Assert.Equal(["session.adopted", "session.adopted"], root.Events.Select(e => e.Name));

        // The heard part, and the part that was cut off.
        var turns = all.Where(s => s.DisplayName == SpanNames.Turn).ToList();
        Assert.All(turns, turn => Assert.InRange((int)turn.GetTagItem(SpanNames.Heard)!, 500, 20_000));
        Assert.Equal([0, 0], turns.Take(2).Select(turn => (int)turn.GetTagItem(SpanNames.Truncated)!));
        Assert.InRange((int)turns[2].GetTagItem(SpanNames.Truncated)!, 1_000, 60_000);
        Assert.All(turns, turn => Assert.InRange((double)turn.GetTagItem(SpanNames.FirstAudio)!, 0, 120_000));
        Assert.All(turns, turn => Assert.InRange(turn.Duration.TotalMilliseconds, (int)turn.GetTagItem(SpanNames.Heard)!, 300_000));

        // Responses: their tokens add up to those of the call, and each links to the opening of its session.
        var chats = all.Where(s => s.DisplayName.StartsWith(SpanNames.Chat, StringComparison.Ordinal)).ToList();
        Assert.All(chats, chat => Assert.True(chat.GetTagItem(SpanNames.ResponseId) is string { Length: > 0 }));
        Assert.Equal(root.GetTagItem(SpanNames.OutputTokens), chats.Sum(chat => (int)chat.GetTagItem(SpanNames.OutputTokens)!));
        Assert.Equal(ActivityKind.Client, chats[0].Kind);
        var sessions = all.Where(s => s.DisplayName.StartsWith(SpanNames.OpenSession, StringComparison.Ordinal)).ToList();
        Assert.Equal(sessions[0].Context, Assert.Single(sessions[1].Links).Context);
        Assert.Equal(
            [sessions[0].Context, sessions[1].Context],
            new[] { chats[0], chats[^1] }.Select(chat => Assert.Single(chat.Links).Context));

        // Every attribute of the conventions' namespace is one of theirs.
        Assert.All(
            all.SelectMany(s => s.TagObjects).Select(t => t.Key)
                .Where(key => !key.StartsWith("bridge.", StringComparison.Ordinal)).Distinct(),
            key => Assert.Contains(key, Conventions));
    }

    [Fact]
    public async Task Nothing_that_was_said_is_in_a_span_without_the_switch()
    {
        using var spans = await TellAsync("7e12", content: false);
        Assert.True(spans.Spans.Count > 8);
        Assert.DoesNotContain(spans.Values, value => value.Contains("MARKER", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task With_the_switch_a_turn_has_its_words_as_far_as_they_were_heard_and_a_function_its_arguments()
    {
        using var spans = await TellAsync("7e13", content: true);
        var turns = spans.Spans.Where(s => s.DisplayName == SpanNames.Turn).ToList();
        Assert.Equal(
            """[{"role":"user","parts":[{"type":"text","content":"please save MARKERtext"}]}]""",
            turns[1].GetTagItem(SpanNames.InputMessages));
        Assert.Equal(
            """[{"role":"assistant","parts":[{"type":"text","content":"It is MARKERsaved now."}]}]""",
            turns[1].GetTagItem(SpanNames.OutputMessages));
        Assert.InRange(((string)turns[2].GetTagItem(SpanNames.OutputMessages)!).Length, 60, Story.Length - 100);
        var tool = Assert.Single(spans.Spans, s => s.DisplayName == "execute_tool save");
        Assert.Contains("MARKERargument", (string)tool.GetTagItem(SpanNames.ToolArguments)!, StringComparison.Ordinal);
        Assert.NotEmpty((string)tool.GetTagItem(SpanNames.ToolResult)!);
    }

    [Theory]
    [InlineData("records: { transcript: no }\n", null)]
    [InlineData("records: { transcript: redacted }\n", null)]
    [InlineData("", "no")]
    public async Task The_switch_goes_no_further_than_the_transcript_that_may_be_kept(string role, string? host)
    {
        using var spans = await TellAsync("7e14", content: true, role, host);
        Assert.True(spans.Spans.Count > 8);
        Assert.DoesNotContain(spans.Values, value => value.Contains("MARKER", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task A_session_that_can_not_be_opened_is_an_error_of_the_call()
    {
        using var spans = new SpanCollector("7e15");
        using var calls = new VirtualCalls { Model = () => throw new ModelSessionException("MARKERrefused") { IsFinal = true } };
        calls.Roles.Add("guide");
        var reason = await calls.EndAsync(calls.Start("guide", id: "7e15"));
        Assert.Equal($"invoke_agent guide {reason}\n  open_session rehearsal start session_lost", spans.Tree);
        Assert.All(spans.Spans, span => Assert.Equal(ActivityStatusCode.Error, span.Status));
        Assert.DoesNotContain(spans.Values, value => value.Contains("MARKER", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void A_call_that_nobody_listens_to_has_no_trace_and_costs_nothing()
    {
        using var spans = new CallSpans(Clocks.Virtual(), Options.Create(new BridgeOptions()), NullLogger<CallSpans>.Instance);
        Func<RoleRecords> records = () => throw new InvalidOperationException("Nobody asks.");
        Assert.Null(spans.Begin("c057", "guide", ("rehearsal", "rehearsal"), recovered: false, records));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
        {
            spans.Begin("c057", "guide", ("rehearsal", "rehearsal"), recovered: false, records);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void The_audio_of_an_answer_that_is_traced_allocates_nothing()
    {
        using var collector = new SpanCollector("7e16");
        using var spans = new CallSpans(Clocks.Virtual(), Options.Create(new BridgeOptions()), NullLogger<CallSpans>.Instance);
        var role = new RoleRecords();
        var trace = spans.Begin("7e16", "guide", ("rehearsal", "rehearsal"), recovered: false, () => role)!;
        var log = new ConversationLog();
        List<TurnCommand> none = [];
        ToolDeclaration[] tools = [];
        Take(new ModelEvent.ResponseCreated("r1", null));
        var delta = new TurnInput.ModelEventReceived(1, new ModelEvent.AudioDelta("r1", "i1", 0, new byte[960]));
        trace.Take(default, delta, none, log, tools);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
        {
            trace.Take(default, delta, none, log, tools);
            trace.Take(default, null, none, log, tools);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        trace.End("hangup", failed: false, null, log);
        Assert.Equal("invoke_agent guide\n  turn agent\n    chat rehearsal call_ended", collector.Tree);

        void Take(ModelEvent said) =>
            trace.Take(default, new TurnInput.ModelEventReceived(1, said), none, log, tools);
    }

    private static readonly string[] Conventions =
    [
        "gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.agent.name", "gen_ai.conversation.id", "gen_ai.request.model",
        "gen_ai.output.type", "gen_ai.response.id", "gen_ai.response.finish_reasons", "gen_ai.response.time_to_first_chunk",
        "gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens", "gen_ai.usage.cache_read.input_tokens", "gen_ai.tool.name",
        "gen_ai.tool.call.id", "gen_ai.tool.type", "error.type",
    ];

    private static async Task<SpanCollector> TellAsync(string id, bool content, string records = "", string? host = null)
    {
        var spans = new SpanCollector(id);
        try
        {
            await HoldAsync(id, content, records, host);
            return spans;
        }
        catch
        {
            spans.Dispose();
            throw;
        }
    }

    private static async Task HoldAsync(string id, bool content, string records, string? host)
    {
        using var calls = new VirtualCalls(configure: o =>
        {
            o.Telemetry.Content = content;
            o.Records.Transcript = host ?? o.Records.Transcript;
        }) { Lifetime = TimeSpan.FromMinutes(12) };
        calls.Roles.Add(
            "guide",
            $"greeting: true\ntools:\n- {{ name: save, target: server, description: Saves a note. }}\n{records}",
            $$"""
            greeting: Welcome to this MARKERplace.
            recap: MARKERrecap
            rules:
              - when: [save]
                call:
                  - name: save
                    arguments: { text: MARKERargument }
                then: It is MARKERsaved now.
            otherwise: {{Story}}

            """,
            "MARKERsummarise\n");
        var (call, page) = await calls.OpenAsync("guide", id: id);
        await HeardAsync("Welcome to this MARKERplace.");
        await page.AskAsync(2, "page/text", new { text = "please save MARKERtext" });
        await HeardAsync("It is MARKERsaved now.");
        var heard = page.Heard.Count;
        await page.AskAsync(3, "page/text", new { text = "tell MARKERmore" });
        await calls.UntilAsync(call, () => page.Heard.Count > heard + 150, Patience);
        await page.AskAsync(4, "page/interrupt", new { });
        await calls.UntilAsync(call, () => calls.Sessions.Count == 2, TimeSpan.FromMinutes(12));
        await calls.PassAsync(call, 10 * Second);
        page.Say(5, "page/hangup", new { });
        Assert.Equal("hangup", await calls.EndAsync(call));

        async Task HeardAsync(string line)
        {
            await calls.UntilAsync(
                call,
                () => page.Told("call/transcript").Any(told =>
                    told.TryGetProperty("text", out var text) && text.GetString() == line && told.GetProperty("final").GetBoolean()),
                Patience);
            await calls.PassAsync(call, Second);
        }
    }
}
