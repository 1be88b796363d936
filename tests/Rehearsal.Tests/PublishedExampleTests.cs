using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Bridge.Rehearsal.Tests;

/// <summary>The published examples: the client's are replayed into a session, the server's are held to their schema.</summary>
public sealed partial class PublishedExampleTests
{
    // Examples that break their own schema even where null is allowed on optional fields.
    private static readonly Dictionary<string, string> Broken = new()
    {
        ["RealtimeServerEventConversationItemRetrieved"] = "content type of the beta protocol",
        ["RealtimeServerEventResponseOutputItemDone"] = "content type of the beta protocol",
        ["RealtimeServerEventInputAudioBufferDtmfEventReceived"] = "a space before the type",
        ["RealtimeTranscriptionSessionCreateResponseGA"] = "audio format of the beta protocol",
    };

    private static readonly JsonDocumentOptions Lenient = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    public static TheoryData<string> ServerExamples =>
        [.. Examples().Keys.Where(n => n.StartsWith("RealtimeServerEvent", StringComparison.Ordinal))];

    public static TheoryData<string> ClientExamples =>
        [.. Examples().Keys.Where(n => n.StartsWith("RealtimeClientEvent", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(ServerExamples))]
    public void A_published_server_event_is_valid(string name)
    {
        foreach (var json in Documents(Examples()[name]))
        {
            var complaints = PublishedSchema.Complaints(name, json);

            // A broken example must stay known as broken: when the publisher mends it, this list shrinks.
            Assert.True(Broken.ContainsKey(name) == complaints.Count > 0, $"{name}\n{json}\n{string.Join('\n', complaints)}");
        }
    }

    [Theory]
    [MemberData(nameof(ClientExamples))]
    public void A_published_client_event_is_accepted(string name)
    {
        foreach (var example in Documents(Examples()[name]))
        {
            var json = example;
            var rig = Prepared(ref json);
            rig.Forget().Send(json).Run(5000);

            if (name == "RealtimeClientEventOutputAudioBufferClear")
            {
                // Right on WebRTC; on a WebSocket the service has no output buffer.
                Assert.Equal("invalid_event", (string)rig.Error()["code"]!);
            }
            else if (name == "RealtimeClientEventResponseCancel")
            {
                // The id in the example is nobody's.
                Assert.Equal("response_cancel_not_active", (string)rig.Error()["code"]!);
            }
            else if (name == "RealtimeClientEventInputAudioBufferAppend")
            {
                // "Base64EncodedAudioData" is base64 by its alphabet, but of no whole number of bytes.
                Assert.Equal("invalid_value", (string)rig.Error()["code"]!);
            }
            else
            {
                rig.Accepted();
                Assert.NotEmpty(rig.Types);
            }
        }
    }

    [Fact]
    public void All_46_server_events_and_11_client_events_are_in_the_vectors()
    {
        Assert.Equal(46, PublishedSchema.ServerEvents.Count);
        Assert.Equal(11, ClientEventSchemas.Realtime.Types.Count);
        Assert.Equal(
            57,
            PublishedSchema.Definitions.Count(
                n =>
                    n.StartsWith("RealtimeServerEvent", StringComparison.Ordinal)
                        || n.StartsWith("RealtimeClientEvent", StringComparison.Ordinal)) - 2);
    }

    [Fact]
    public void The_embedded_schema_is_the_client_s_part_of_the_published_one()
    {
        var published = (JsonObject)JsonNode.Parse(
            File.ReadAllText(Vectors.Path("openai-realtime/ga.schema.json")))!["components"]!["schemas"]!;
        var wanted = new SortedDictionary<string, JsonNode?>(StringComparer.Ordinal);
        var open = new Stack<string>(["RealtimeClientEvent"]);
        while (open.TryPop(out var name))
        {
            if (wanted.TryAdd(name, null))
            {
                wanted[name] = StrictSchema.Minimised(published[name]!, open);
            }
        }

        var expected = new JsonObject(wanted.Select(w => KeyValuePair.Create(w.Key, w.Value)));
        var path = Path.Combine(Vectors.Root, "src/Rehearsal/client-events.schema.json");
        if (Environment.GetEnvironmentVariable("BRIDGE_WRITE_SCHEMA") == "1")
        {
            File.WriteAllText(path, expected.ToJsonString() + "\n");
        }

        Assert.True(JsonNode.DeepEquals(expected, JsonNode.Parse(File.ReadAllText(path))), "Run once with BRIDGE_WRITE_SCHEMA=1.");
    }

    // A session in which the example makes sense: its item exists, and what it truncates is the model's audio.
    private static Rig Prepared(ref string json)
    {
        var rig = new Rig { Voice = _ => Rig.Tone(3000) };
        var id = ItemId().Match(json);
        if (json.Contains("truncate", StringComparison.Ordinal))
        {
            // The model names its items itself: the example is told that name.
            rig.Write("thank you").Respond().Run(9000);
            json = json.Replace(
                id.Groups[1].Value, (string)rig.Last("response.output_item.done")["item"]!["id"]!, StringComparison.Ordinal);
            return rig;
        }

        return id.Success
            ? rig.Send("""{"type":"conversation.item.create","item":{"id":"NAME","type":"message","role":"user","content":[{"type":"input_text","text":"hi"}]}}""".Replace("NAME", id.Groups[1].Value, StringComparison.Ordinal))
            : rig.Hear(Rig.Silence(200));
    }

    private static Dictionary<string, string> Examples() =>
        JsonSerializer.Deserialize<Dictionary<string, string>>(File.ReadAllText(Vectors.Path("openai-realtime/ga.examples.json")))!;

    // Some examples are several documents, with comments between them and commas too many.
    private static IEnumerable<string> Documents(string text) =>
        Regex.Split(text, @"(?<=^\})\s*$", RegexOptions.Multiline)
            .Where(t => t.Contains('{', StringComparison.Ordinal))
            .Select(t => JsonNode.Parse(t, null, Lenient)!.ToJsonString());

    [GeneratedRegex("\"(?:item_id|id)\":\\s*\"(item_[0-9]+)\"")]
    private static partial Regex ItemId();
}
