using System.Text;
using Bridge.Realtime.Conversation;
using Bridge.Realtime.Model;

namespace Bridge.Realtime.Tests.Turns;

public class ConversationTests
{
    private static readonly TimeSpan T = TimeSpan.FromSeconds(1);

    private static ConversationEntry.ItemAdded Added(
        string id, ModelItemKind kind, string text = "", string? previous = null, bool audio = false) =>
        new(T, new ModelItem(id, kind) { Text = text, IsAudio = audio }, previous);

    private static ConversationLog Sample()
    {
        var log = new ConversationLog();
        log.Append(Added("u1", ModelItemKind.UserMessage, audio: true));
        log.Append(Added("a1", ModelItemKind.AgentMessage, audio: true));
        log.Append(new ConversationEntry.TextKnown(T, "u1", "Grüß \"Gott\" 🍳", true));
        log.Append(new ConversationEntry.Truncated(T, "a1", 800, 2000, "Hello", " there"));
        log.Append(
            new ConversationEntry.ItemAdded(
                T, new ModelItem("f1", ModelItemKind.FunctionCall) { CallId = "c1", Name = "show", Arguments = "{}" }, null));
        log.Append(new ConversationEntry.ToolProgressed(T, "c1", "looking"));
        log.Append(
            new ConversationEntry.ItemAdded(T, new ModelItem("o1", ModelItemKind.FunctionOutput) { CallId = "c1", Output = "1" }, null));
        log.Append(Added("x1", ModelItemKind.UserMessage, audio: true));
        log.Append(new ConversationEntry.ItemRemoved(T, "x1", "cough"));
        log.Append(new ConversationEntry.UsageRecorded(T, new ModelUsage(1, 2, 3, 4, 5, 6, 7, 8) { TranscribedSeconds = 1.5 }, "turn"));
        log.Append(new ConversationEntry.SessionAdopted(T, 2, "expiry"));
        return log;
    }

    [Fact]
    public void The_users_words_stand_before_the_answer_however_late_they_come()
    {
        var log = new ConversationLog();
        log.Append(Added("a1", ModelItemKind.AgentMessage, audio: true));
        log.Append(Added("u1", ModelItemKind.UserMessage, previous: "root", audio: true));
        log.Append(Added("f1", ModelItemKind.FunctionCall, previous: "u1"));
        Assert.Equal(["u1", "f1", "a1"], log.Items.Select(i => i.Id));
        Assert.Equal("f1", log.PreviousOf("a1"));
        Assert.Null(log.PreviousOf("u1"));
    }

    [Fact]
    public void An_interrupted_sentence_keeps_what_was_heard_whatever_is_learned_later()
    {
        var log = Sample();
        log.Append(new ConversationEntry.TextKnown(T, "a1", "Hello there", true));
        var item = log.Find("a1")!;
        Assert.Equal(("Hello", " there", 800, true), (item.Text, item.UnheardText, item.HeardMilliseconds, item.Interrupted));
        Assert.Equal("Hello", log.Replay().Single(i => i.Id == "a1").Text);
    }

    [Fact]
    public void The_log_goes_through_storage_unchanged()
    {
        var log = Sample();
        var json = log.ToJson();
        Assert.True(ConversationLog.TryParse(json, out var read));
        Assert.Equal(log.Items, read.Items);
        Assert.Equal(log.Entries, read.Entries);
        Assert.Equal(log.Usage, read.Usage);
        Assert.Equal(json, read.ToJson());
    }

    [Fact]
    public void A_stored_log_cut_or_mutated_anywhere_is_refused_or_read_and_never_throws()
    {
        var json = Sample().ToJson();
        for (var length = 0; length < json.Length; length++)
        {
            Assert.False(ConversationLog.TryParse(json.AsSpan(0, length), out _));
        }

        foreach (var value in "\"{}[]0,:\\"u8.ToArray())
        {
            for (var at = 0; at < json.Length; at++)
            {
                var mutated = json.ToArray();
                mutated[at] = value;
                if (ConversationLog.TryParse(mutated, out var read))
                {
                    Assert.NotNull(read.Replay());
                }
            }
        }

        foreach (var other in new[] { "null", "[]", "{}", "{\"version\":2,\"entries\":[]}", "{\"version\":1,\"entries\":[null]}",
            "{\"version\":1,\"entries\":[{\"fact\":\"item\"}]}" })
        {
            Assert.False(ConversationLog.TryParse(Encoding.UTF8.GetBytes(other), out _));
        }
    }

    [Fact]
    public void A_summary_stands_for_the_oldest_part_and_never_parts_a_call_from_its_output()
    {
        var log = new ConversationLog();
        for (var i = 0; i < 4; i++)
        {
            log.Append(Added($"u{i}", ModelItemKind.UserMessage, $"Turn {i}."));
        }

        log.Append(
            new ConversationEntry.ItemAdded(
                T, new ModelItem("f", ModelItemKind.FunctionCall) { CallId = "c", Name = "n", Arguments = "{}" }, null));
        for (var i = 4; i < 9; i++)
        {
            log.Append(Added($"u{i}", ModelItemKind.UserMessage, $"Turn {i}."));
        }

        log.Append(
            new ConversationEntry.ItemAdded(T, new ModelItem("o", ModelItemKind.FunctionOutput) { CallId = "c", Output = "1" }, null));
        Assert.True(log.TryGetOldestPart(out var part, out var last));
        Assert.Equal("u3", last);
        Assert.Equal(["u0", "u1", "u2", "u3"], part.Select(i => i.Id));
        log.Append(new ConversationEntry.Summarised(T, last, "They took turns."));
        var replay = log.Replay();
        Assert.Equal(ModelItemKind.SystemMessage, replay[0].Kind);
        Assert.EndsWith("They took turns.", replay[0].Text);
        Assert.Equal("f", replay[1].Id);
        Assert.Equal(11, log.Items.Count);
    }
}
