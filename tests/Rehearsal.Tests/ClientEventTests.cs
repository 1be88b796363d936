using System.Text.Json.Nodes;

namespace Bridge.Rehearsal.Tests;

/// <summary>Each of the client events of the published schema: taken, and answered by the event that says so.</summary>
public sealed class ClientEventTests
{
    private const string Item =
        "\"item\":{\"id\":\"mine\",\"type\":\"message\",\"role\":\"user\",\"content\":[{\"type\":\"input_text\",\"text\":\"hi\"}]}";

    // What is sent (SPOKEN: the item that the model is just saying), and the answers that have to follow.
    private static readonly Dictionary<string, (string Fields, string[] Answers)> Events = new()
    {
        ["session.update"] = ("\"session\":{\"type\":\"realtime\",\"instructions\":\"Be brief.\"}", ["session.updated"]),
        ["input_audio_buffer.append"] = ($"\"audio\":\"{Convert.ToBase64String(new byte[4800])}\"", []),
        ["input_audio_buffer.commit"] = ("", ["input_audio_buffer.committed", "conversation.item.added", "conversation.item.done"]),
        ["input_audio_buffer.clear"] = ("", ["input_audio_buffer.cleared"]),
        ["conversation.item.create"] = (Item, ["conversation.item.added", "conversation.item.done"]),
        ["conversation.item.retrieve"] = ("\"item_id\":\"SPOKEN\"", ["conversation.item.retrieved"]),
        ["conversation.item.truncate"] =
            ("\"item_id\":\"SPOKEN\",\"content_index\":0,\"audio_end_ms\":100", ["conversation.item.truncated"]),
        ["conversation.item.delete"] = ("\"item_id\":\"SPOKEN\"", ["conversation.item.deleted"]),
        ["response.create"] = ("\"response\":{\"conversation\":\"none\"}", ["response.created", "rate_limits.updated"]),
        ["response.cancel"] = ("", ["response.done"]),

        // Of WebRTC and SIP connections alone: known, checked, and refused on a WebSocket as the service does.
        ["output_audio_buffer.clear"] = ("", ["error"]),
    };

    public static TheoryData<string> Types => [.. PublishedSchema.ClientEvents.Keys];

    [Fact]
    public void The_published_schema_names_11_and_none_is_missing()
    {
        Assert.Equal(11, PublishedSchema.ClientEvents.Count);
        Assert.Equal(
            PublishedSchema.ClientEvents.Keys.Order(StringComparer.Ordinal), ClientEventSchemas.Realtime.Types.Order(StringComparer.Ordinal));
        Assert.Equal(PublishedSchema.ClientEvents.Keys.Order(StringComparer.Ordinal), Events.Keys.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void It_is_taken_and_answered(string type)
    {
        // Something is being said, and something is in the input buffer: every event has its object.
        var rig = new Rig { Voice = _ => Rig.Tone(3000) };
        rig.Update("\"audio\":{\"input\":{\"turn_detection\":null}}").Hear(Rig.Silence(200)).Respond().Run(400).Accepted();
        var spoken = (string)rig.Last("response.output_item.added")["item"]!["id"]!;
        var (fields, answers) = Events[type];
        var json = $$"""{"type":"{{type}}","event_id":"mine"{{(fields.Length > 0 ? "," : "")}}{{fields.Replace("SPOKEN", spoken, StringComparison.Ordinal)}}}""";
        Assert.Null(PublishedSchema.Strict(PublishedSchema.ClientEvents[type], json));

        rig.Forget().Send(json);

        // A cancel also closes the item that was being said; its last word is the response's end.
        Assert.Equal(answers, type == "response.cancel" ? rig.Types.TakeLast(1) : rig.Types);
        if (answers is ["error"])
        {
            Assert.Equal(("invalid_event", "mine"), ((string)rig.Error()["code"]!, (string)rig.Error()["event_id"]!));
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void A_field_that_the_schema_does_not_name_is_refused_with_the_events_own_id(string type)
    {
        var rig = new Rig();

        rig.Forget().Send($$"""{"type":"{{type}}","event_id":"mine","surprise":1,{{Required(type)}}}""");

        Assert.Equal(
            ("unknown_parameter", "surprise", "mine"),
            ((string)rig.Error()["code"]!, (string)rig.Error()["param"]!, (string)rig.Error()["event_id"]!));
    }

    private static string Required(string type) => Events[type].Fields is { Length: > 0 } fields ? fields : $"\"type\":\"{type}\"";
}
