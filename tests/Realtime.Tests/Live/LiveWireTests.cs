using System.Buffers;
using System.Text;
using System.Text.Json;
using Bridge.Realtime.Live;
using Bridge.Realtime.Model;
using Bridge.Realtime.OpenAi;
using Microsoft.Extensions.Time.Testing;

namespace Bridge.Realtime.Tests.Live;

/// <summary>The messages to and from <c>/v1/live/sessions</c>.</summary>
public sealed class LiveWireTests
{
    [Fact]
    public void A_start_has_the_fields_that_the_service_knows_and_no_other()
    {
        var json = Write(new LiveCommand.Start(
            new SessionSettings
            {
                Instructions = "Be kind.", Voice = "vesper", Speed = 1.2, NoiseReduction = "near_field", ReasoningEffort = "low",
                Delegation = new LiveDelegation(false, "gpt-5.1", "Work."),
                Tools = [new ModelTool("f", "Does it.", JsonElement.Parse("""{"type":"object"}"""))],
            },
            [new ModelItem("1", ModelItemKind.UserMessage) { Text = "Hi" },
                new ModelItem("2", ModelItemKind.AgentMessage) { Text = "Hello" }])
        { Id = "start" });
        Assert.Equal(
            """
            {"type":"session.start","event_id":"start","session":{"model":"gpt-live-1","instructions":"Be kind.","audio":{"format":{"type":"audio/pcm","rate":24000},"output":{"voice":"vesper"}},"delegation":{"type":"responses","responses":{"model":"gpt-5.1","instructions":"Work.","tools":[{"type":"function","name":"f","description":"Does it.","parameters":{"type":"object"}}],"reasoning":{"effort":"low"}}},"input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"Hi"}]},{"type":"message","role":"assistant","content":[{"type":"output_text","text":"Hello"}]}]}}
            """.Trim(),
            json);
    }

    [Fact]
    public void An_append_names_its_delegation_or_null()
    {
        Assert.Equal("""{"type":"session.commentary.append","content":"Done.","delegation_id":"d1"}""",
            Write(new LiveCommand.Append(LiveAppend.Commentary, "Done.", "d1")));
        Assert.Equal("""{"type":"session.instructions.append","content":"Be brief.","delegation_id":null}""",
            Write(new LiveCommand.Append(LiveAppend.Instructions, "Be brief.")));
    }

    [Fact]
    public void Audio_that_is_repeated_is_a_command_that_no_bound_drops() => Assert.Equal(
        """{"type":"session.input_audio.append","audio":"AQACAA=="}""", Write(new ModelCommand.AppendInput(new byte[] { 1, 0, 2, 0 })));

    [Fact]
    public void What_the_protocol_has_not_is_not_written()
    {
        var buffer = new ArrayBufferWriter<byte>();
        Assert.False(LiveCommandWriter.TryWrite(buffer, new ModelCommand.CancelResponse(), "m"));
        Assert.False(LiveCommandWriter.TryWrite(buffer, new ModelCommand.TruncateItem("x", 0, 1), "m"));
    }

    [Theory]
    [InlineData("https://api.openai.com/v1", "wss://api.openai.com/v1/live/sessions")]
    [InlineData("https://res.openai.azure.com/openai/v1/", "wss://res.openai.azure.com/openai/v1/live/sessions")]
    [InlineData("http://127.0.0.1:5080/rehearsal/v1", "ws://127.0.0.1:5080/rehearsal/v1/live/sessions")]
    public void The_address_has_no_query_of_its_own(string baseUrl, string address) =>
        Assert.Equal(address, LiveConnection.Address(new ModelEndpoint { BaseUrl = new Uri(baseUrl) }).AbsoluteUri);

    [Fact]
    public void Events_are_read_with_all_that_is_used_of_them()
    {
        Assert.Equal(new LiveEvent.SessionStarted("live_1", TimeSpan.FromSeconds(7200)), Read(
            """{"type":"session.started","event_id":"e","session":{"id":"live_1","expires_at":1700007200,"model":"gpt-live-1","status":"active"}}"""));
        Assert.Equal(new LiveEvent.InputHeard(" yes", 200, 400),
            Read("""{"type":"session.input_transcript.delta","delta":" yes","start_ms":200,"end_ms":400}"""));
        Assert.Equal(new LiveEvent.OutputSpoken("No", 0, 200),
            Read("""{"type":"session.output_transcript.delta","delta":"No","start_ms":0,"end_ms":200}"""));
        Assert.Equal(new LiveEvent.Delegated("d1", true), Read("""{"type":"session.delegation.created","offset_ms":5,"delegation":{"id":"d1","type":"delegation","target":"client"}}"""));
        Assert.Equal(new LiveEvent.UsageUpdated(15, 0.25), Read("""{"type":"session.usage.updated","usage":{"seconds":15,"context_window":{"usage_ratio":0.25}}}"""));
        Assert.Equal(new LiveEvent.UsageUpdated(15, 0.25), Read("""{"type":"session.usage.updated","usage":{"seconds":15,"context_window":{"usage_ratio":0.25}}}"""));
        Assert.Equal(new LiveEvent.SessionClosed("expired", 31),
            Read("""{"type":"session.closed","reason":"expired","usage":{"seconds":31}}"""));
        Assert.Equal(new LiveEvent.Appended(LiveAppend.Thinking, 800, 1000),
            Read("""{"type":"session.thinking.appended","start_ms":800,"end_ms":1000}"""));
        Assert.Equal(
            new ModelEvent.FunctionArgumentsDone("d1", "fc_1", "call_1", "f", "{}"),
            Read("""{"type":"response.event","delegation_id":"d1","event":{"type":"response.output_item.done","item":{"type":"function_call","id":"fc_1","call_id":"call_1","name":"f","arguments":"{}"}}}"""));
        var done = Assert.IsType<ModelEvent.ResponseDone>(Read(
            """{"type":"response.event","delegation_id":"d1","event":{"type":"response.completed","response":{"id":"r","output":[],"usage":{"input_tokens":90,"input_tokens_details":{"cached_tokens":10},"output_tokens":7}}}}"""));
        Assert.Equal(("d1", "completed", 90, 10, 7), (done.ResponseId, done.Status, done.Usage.InputText, done.Usage.CachedText,
            done.Usage.OutputText));
        Assert.Equal(new ModelEvent.Error("invalid_request_error", null, "no", null, "c1"),
            Read("""{"type":"error","error":{"type":"invalid_request_error","code":null,"message":"no","client_event_id":"c1"}}"""));
    }

    [Theory]
    [InlineData("""{"type":"session.input_transcript.delta","delta":" yes"}""")]
    [InlineData("""{"type":"session.started","session":{}}""")]
    [InlineData("""{"type":"session.output_audio.delta","delta":""}""")]
    [InlineData("""{"type":"session.output_audio.delta","delta":"*"}""")]
    [InlineData("""{"type":"session.usage.updated","usage":{"seconds":-1}}""")]
    [InlineData("""[]""")]
    [InlineData("""{"type":"session.""")]
    public void What_is_no_event_is_malformed(string json) => Assert.IsType<ModelEvent.Malformed>(Read(json));

    [Fact]
    public void Silence_costs_nothing_and_a_single_sample_is_sound()
    {
        var reader = new LiveEventReader(TimeProvider.System);
        var silence = Message(new short[2400]);
        var first = Assert.IsType<ModelEvent.AudioDelta>(reader.Read(silence));
        Assert.True(first.IsSilent);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            Assert.Same(first, reader.Read(silence));
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        var pcm = new short[2400];
        pcm[^1] = -1;
        var sound = Assert.IsType<ModelEvent.AudioDelta>(reader.Read(Message(pcm)));
        Assert.False(sound.IsSilent);
        Assert.Equal(4800, sound.Pcm.Length);
    }

    [Fact]
    public void Where_no_audio_comes_silence_keeps_the_timeline_going()
    {
        var time = new FakeTimeProvider();
        var sent = 0;
        var filler = new SilenceFiller(time, pcm =>
        {
            sent += pcm.Length / 24;
            return true;
        });
        time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(0, sent);
        filler.Start();
        for (var i = 0; i < 50; i++)
        {
            filler.TryAppend(new short[480]);
            time.Advance(TimeSpan.FromMilliseconds(20));
        }

        Assert.Equal(1000, sent);
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.InRange(sent, 10_600, 11_000);
        filler.Stop();
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.InRange(sent, 10_600, 11_000);
    }

    private static byte[] Message(short[] pcm) => Encoding.UTF8.GetBytes(
        $$"""{"type":"session.output_audio.delta","delta":"{{Convert.ToBase64String(System.Runtime.InteropServices.MemoryMarshal.AsBytes(pcm.AsSpan()))}}"}""");

    private static ModelEvent Read(string json) =>
        new LiveEventReader(new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(1_700_000_000))).Read(Encoding.UTF8.GetBytes(json));

    private static string Write(ModelCommand command)
    {
        var buffer = new ArrayBufferWriter<byte>();
        Assert.True(LiveCommandWriter.TryWrite(buffer, command, "gpt-live-1"));
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
