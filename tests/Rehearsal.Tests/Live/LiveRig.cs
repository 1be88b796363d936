using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Bridge.Rehearsal.Live;
using Bridge.Roles;

namespace Bridge.Rehearsal.Tests.Live;

/// <summary>A Live session in virtual time, with a client that sends what a test says and keeps what it gets.</summary>
internal sealed class LiveRig
{
    private readonly List<JsonObject> _events = [];
    private TimeSpan? _deadline;

    public LiveRig(RehearsalScript? script = null, RehearsalFaults? faults = null, ulong seed = 42)
    {
        Now = TimeSpan.FromDays(3) + TimeSpan.FromTicks(12345);
        Session = new LiveRehearsalSession(
            model => model == "gpt-foo" ? null : script ?? Scripts.Demo, EnergySpeech.Create(), faults ?? RehearsalFaults.None,
            TimeSpan.FromHours(2), seed);
        Session.Open(Now, Rig.Wall);
        Drain();
    }

    public LiveRehearsalSession Session { get; }

    public TimeSpan Now { get; private set; }

    public List<JsonObject> Events => _events;

    /// <summary>All of the model's audio, PCM16 at 24 kHz.</summary>
    public List<short> Output { get; } = [];

    public RehearsalOutput? End { get; private set; }

    public IEnumerable<string> Types => _events.Select(e => (string)e["type"]!);

    /// <summary>A running session: <c>session.started</c> was received.</summary>
    public static LiveRig Started(string fields = "", RehearsalScript? script = null, RehearsalFaults? faults = null, ulong seed = 42) =>
        new LiveRig(script, faults, seed).Start(fields).Run(1300);

    /// <summary>A running session with a Responses backend that has the demo's function.</summary>
    public static LiveRig WithBackend(RehearsalScript? script = null, RehearsalFaults? faults = null) => Started(
        """
        ,"delegation":{"type":"responses","responses":{"model":"gpt-5.5","tools":[
            {"type":"function","name":"show_recipe","parameters":{"type":"object","properties":{"name":{"type":"string"}}}}]}}
        """,
        script, faults);

    public LiveRig Start(string fields = "", string model = "rehearsal/test") => Send(
        "{\"type\":\"session.start\",\"event_id\":\"start\",\"session\":{\"model\":\"" + model + "\"" + fields + "}}");

    public LiveRig Send(string json) => Send(Encoding.UTF8.GetBytes(json));

    public LiveRig Send(byte[] utf8)
    {
        Session.Receive(Now, utf8);
        Drain();
        return this;
    }

    public LiveRig Append(string kind, string content, string? delegation = null, string id = "a1") => Send(
        JsonSerializer.Serialize(new { type = $"session.{kind}.append", event_id = id, content, delegation_id = delegation }));

    /// <summary>Sends audio in real time, 20 ms a message.</summary>
    public LiveRig Hear(short[] pcm)
    {
        for (var at = 0; at < pcm.Length; at += 480)
        {
            Audio(MemoryMarshal.AsBytes(pcm.AsSpan(at, Math.Min(480, pcm.Length - at))));
            Run(20);
        }

        return this;
    }

    public LiveRig Quiet(int milliseconds) => Hear(Rig.Silence(milliseconds));

    /// <summary>The person says something and falls silent until the turn is over.</summary>
    public LiveRig Say(int milliseconds = 1000, int silence = 1000) =>
        Quiet(300).Hear(Rig.Tone(milliseconds)).Quiet(silence);

    public LiveRig Audio(ReadOnlySpan<byte> bytes, string? id = null) => Send(
        "{\"type\":\"session.input_audio.append\"," + (id is null ? "" : $"\"event_id\":\"{id}\",")
        + $"\"audio\":\"{Convert.ToBase64String(bytes)}\"}}");

    /// <summary>Lets virtual time pass, stopping at every deadline of the session.</summary>
    public LiveRig Run(double milliseconds)
    {
        var until = Now + TimeSpan.FromMilliseconds(milliseconds);
        while (_deadline is { } due && due <= until && End is null)
        {
            Now = due > Now ? due : Now;
            Drain();
        }

        Now = until;
        Drain();
        return this;
    }

    public IEnumerable<JsonObject> All(string type) => _events.Where(e => (string)e["type"]! == type);

    public JsonObject Last(string type) => _events.Last(e => (string)e["type"]! == type);

    /// <summary>Nested events of the backend.</summary>
    public IEnumerable<JsonObject> Nested(string type) =>
        All("response.event").Select(e => (JsonObject)e["event"]!).Where(e => (string)e["type"]! == type);

    public string Said => Text("session.output_transcript.delta");

    public string Heard => Text("session.input_transcript.delta");

    /// <summary>The last error as <c>code | message | param | client_event_id</c>.</summary>
    public string Error()
    {
        var error = (JsonObject)Last("error")["error"]!;
        Assert.Equal("invalid_request_error", (string)error["type"]!);
        return string.Join(" | ", new[] { "code", "message", "param", "client_event_id" }
            .Select(name => (string?)error[name] ?? (error.ContainsKey(name) ? "null" : "-")));
    }

    public LiveRig Accepted()
    {
        Assert.DoesNotContain("error", Types);
        return this;
    }

    /// <summary>Forgets what came so far.</summary>
    public LiveRig Forget()
    {
        _events.Clear();
        Output.Clear();
        return this;
    }

    private string Text(string type) => string.Concat(All(type).Select(e => (string)e["delta"]!));

    private void Drain()
    {
        _deadline = Session.Advance(Now);
        while (Session.TryTake(out var output))
        {
            switch (output)
            {
                case RehearsalOutput.Send(var utf8):
                    var e = (JsonObject)JsonNode.Parse(utf8.Span)!;
                    _events.Add(e);
                    if ((string)e["type"]! == "session.output_audio.delta")
                    {
                        Output.AddRange(MemoryMarshal.Cast<byte, short>(Convert.FromBase64String((string)e["delta"]!)));
                    }

                    break;
                case RehearsalOutput.Speak(var request, var text, _, _):
                    // 60 ms a character.
                    Session.Spoken(Now, request, Rig.Tone(text.Length * 60));
                    _deadline = Session.Advance(Now);
                    break;
                default:
                    End = output;
                    break;
            }
        }
    }
}
