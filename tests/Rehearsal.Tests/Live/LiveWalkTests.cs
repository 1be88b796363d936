using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Bridge.Rehearsal.Tests.Live;

/// <summary>Random clients: whatever they send, nothing throws, every event is well formed and nothing grows.</summary>
public sealed class LiveWalkTests
{
    private static readonly string[] Commands =
    [
        """{"type":"session.start","session":{"model":"gpt-live-1"}}""",
        """{"type":"session.update","session":{"delegation":{"type":"responses","responses":{"instructions":"x"}}}}""",
        """{"type":"session.update","session":{"delegation":null}}""",
        """{"type":"session.input_audio.mute"}""",
        """{"type":"session.input_audio.unmute"}""",
        """{"type":"session.instructions.append","content":"The person typed: soup","delegation_id":null}""",
        """{"type":"session.instructions.append","content":"go on from there","delegation_id":null}""",
        """{"type":"session.thinking.append","content":"","delegation_id":null}""",
        """{"type":"session.commentary.append","content":"A few words.","delegation_id":null}""",
        """{"type":"session.commentary.append","content":"x","delegation_id":"item_x"}""",
        """{"type":"session.output_audio.fixture.play","audio":"AAABAAIA"}""",
        """{"type":"response.item.create","item":{"type":"function_call_output","call_id":"call_x","output":"o"}}""",
        """{"type":"response.item.create","item":{"type":"message","role":"user","content":"soup"}}""",
        """{"type":"response.item.create","item":{"type":"item_reference","id":"x"}}""",
        """{"type":"response.create"}""",
        """{"type":"decision.item.delete","item_id":"x"}""",
        """{"type":"nothing"}""",
        """{"type":7}""",
        """[]""",
        """{"type":"session.close","event_id":"\ud800"}""",
        "{",
        "",
    ];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_random_client_breaks_nothing(bool backend)
    {
        for (var seed = Seeds.First; seed < Seeds.First + (Seeds.Long ? 400 : 40); seed++)
        {
            try
            {
                Walk(seed, backend);
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"BRIDGE_SEED={seed}", exception);
            }
        }
    }

    [Fact]
    public void Every_truncation_and_every_changed_byte_of_a_start_is_answered()
    {
        var start = Encoding.UTF8.GetBytes(
            """
            {"type":"session.start","event_id":"s","session":{"model":"gpt-live-1","instructions":"é",
            "audio":{"output":{"voice":{"id":"v"}}},"input":[{"role":"user","content":[{"text":"a"}]}],
            "delegation":{"type":"responses","responses":{"model":"m","tools":[{"type":"function","name":"f"}]}}}}
            """);
        var random = new Random(Seeds.First);
        for (var i = 0; i < start.Length; i++)
        {
            var rig = new LiveRig();
            rig.Send(start[..i]).Run(400);
            Assert.Equal(["error"], rig.Types);

            var changed = start.ToArray();
            changed[i] = (byte)random.Next(256);
            rig = new LiveRig();
            rig.Send(changed).Run(400).Quiet(200);
            Assert.NotEmpty(rig.Events);
        }
    }

    [Fact]
    public void More_words_than_a_model_keeps_in_mind_are_not_said()
    {
        var rig = LiveRig.Started();
        for (var i = 0; i < 100; i++)
        {
            rig.Append("commentary", $"N{i}.");
        }

        rig.Quiet(30_000).Accepted();
        Assert.InRange(rig.Said.Count(letter => letter == 'N'), 1, 33);
        Assert.EndsWith("N99.", rig.Said, StringComparison.Ordinal);
    }

    [Fact]
    public void Equal_seeds_and_inputs_give_equal_outputs()
    {
        string Once()
        {
            var rig = LiveRig.WithBackend();
            rig.Append("commentary", "Hello.").Say().Quiet(3000);
            return string.Join('\n', rig.Events.Select(e => e.ToJsonString()));
        }

        Assert.Equal(Once(), Once());
    }

    private static void Walk(int seed, bool backend)
    {
        var random = new Random(seed);
        var rig = backend ? LiveRig.WithBackend() : LiveRig.Started();
        for (var step = 0; step < 300 && rig.End is null; step++)
        {
            rig.Forget();
            switch (random.Next(4))
            {
                case 0:
                    rig.Quiet(20 * random.Next(1, 60));
                    break;
                case 1:
                    rig.Hear(Rig.Tone(20 * random.Next(1, 40)));
                    break;
                case 2:
                    rig.Run(random.Next(400));
                    break;
                default:
                    rig.Send(Mutated(random, Commands[random.Next(Commands.Length)]));
                    break;
            }

            foreach (var call in rig.Nested("response.output_item.done").ToList())
            {
                if ((string?)call["item"]!["call_id"] is { } id && random.Next(2) == 0)
                {
                    rig.Send(new JsonObject
                    {
                        ["type"] = "response.item.create",
                        ["item"] = new JsonObject { ["type"] = "function_call_output", ["call_id"] = id, ["output"] = "{}" },
                    }.ToJsonString());
                }
            }

            foreach (var e in rig.Events)
            {
                Assert.True(((string)e["type"]!).Length > 0);
                if ((string)e["type"]! is not "session.output_audio.delta")
                {
                    Assert.StartsWith("event_", (string)e["event_id"]!, StringComparison.Ordinal);
                }
            }

            // Nothing is told twice: a step of at most 1.2 s has few events.
            Assert.True(rig.Events.Count < 400, rig.Events.Count.ToString(CultureInfo.InvariantCulture));
        }
    }

    private static byte[] Mutated(Random random, string command)
    {
        var utf8 = Encoding.UTF8.GetBytes(command);
        if (random.Next(4) == 0 && utf8.Length > 0)
        {
            utf8[random.Next(utf8.Length)] = (byte)random.Next(256);
        }

        return utf8;
    }
}
