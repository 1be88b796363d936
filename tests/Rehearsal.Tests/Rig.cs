using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Bridge.Roles;

namespace Bridge.Rehearsal.Tests;

/// <summary>A rehearsal session in virtual time, with a client that sends what a test says and keeps what it gets.</summary>
internal sealed class Rig
{
    public static readonly DateTimeOffset Wall = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private readonly List<JsonObject> _events = [];
    private TimeSpan? _deadline;

    public Rig(RehearsalScript? script = null, RehearsalFaults? faults = null, TimeSpan? start = null, TimeSpan? cap = null)
    {
        Now = start ?? TimeSpan.FromDays(3) + TimeSpan.FromTicks(12345);
        Session = new RehearsalSession(
            "rehearsal/test", script ?? Scripts.Demo, EnergySpeech.Create(), faults ?? RehearsalFaults.None,
            cap ?? TimeSpan.FromMinutes(60), 42);
        Session.Open(Now, Wall);
        Drain();
    }

    public RehearsalSession Session { get; }

    public TimeSpan Now { get; private set; }

    /// <summary>Speech handed out for a line: by default 60 ms per character.</summary>
    public Func<string, short[]> Voice { get; set; } = text => Tone(text.Length * 60);

    public List<JsonObject> Events => _events;

    public List<(string Text, string Voice, double Speed)> Spoken { get; } = [];

    public RehearsalOutput? End { get; private set; }

    public List<byte[]> Raw { get; } = [];

    public static short[] Tone(int milliseconds, int amplitude = 8000)
    {
        var pcm = new short[milliseconds * 24];
        for (var i = 0; i < pcm.Length; i++)
        {
            pcm[i] = (short)(amplitude * Math.Sin(i * 0.06));
        }

        return pcm;
    }

    public static short[] Silence(int milliseconds) => new short[milliseconds * 24];

    public Rig Send(string json)
    {
        Session.Receive(Now, Encoding.UTF8.GetBytes(json));
        Drain();
        return this;
    }

    public Rig Update(string sessionFields) =>
        Send("{\"type\":\"session.update\",\"session\":{\"type\":\"realtime\"," + sessionFields + "}}");

    /// <summary>Sends audio in real time, 20 ms a message.</summary>
    public Rig Hear(short[] pcm)
    {
        for (var at = 0; at < pcm.Length; at += 480)
        {
            var frame = MemoryMarshal.AsBytes(pcm.AsSpan(at, Math.Min(480, pcm.Length - at)));
            Send($$"""{"type":"input_audio_buffer.append","audio":"{{Convert.ToBase64String(frame)}}"}""");
            Run(20);
        }

        return this;
    }

    /// <summary>The caller says something for a while and falls silent until the turn is over.</summary>
    public Rig Say(int milliseconds = 1000, int silence = 700) => Hear(Silence(300)).Hear(Tone(milliseconds)).Hear(Silence(silence));

    public Rig Write(string text) => Send(
        $$$"""{"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"input_text","text":{{{JsonSerializer.Serialize(text)}}}}]}}""");

    public Rig Respond() => Send("""{"type":"response.create"}""");

    /// <summary>Lets virtual time pass, stopping at every deadline of the session.</summary>
    public Rig Run(double milliseconds)
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

    public JsonObject Last(string type) => _events.Last(e => (string)e["type"]! == type);

    public IEnumerable<JsonObject> All(string type) => _events.Where(e => (string)e["type"]! == type);

    public IEnumerable<string> Types => _events.Select(e => (string)e["type"]!);

    public JsonObject Error() => (JsonObject)Last("error")["error"]!;

    /// <summary>Forgets the events seen so far.</summary>
    public Rig Forget()
    {
        _events.Clear();
        return this;
    }

    /// <summary>Asserts that no command was refused.</summary>
    public Rig Accepted()
    {
        Assert.DoesNotContain("error", Types);
        return this;
    }

    private void Drain()
    {
        _deadline = Session.Advance(Now);
        while (Session.TryTake(out var output))
        {
            switch (output)
            {
                case RehearsalOutput.Send send:
                    Raw.Add(send.Utf8.ToArray());
                    try
                    {
                        _events.Add((JsonObject)JsonNode.Parse(send.Utf8.Span)!);
                    }
                    catch (JsonException) when (Session.Faults.MalformedEvery is not null)
                    {
                        // Asked for; the raw bytes are kept.
                    }

                    break;
                case RehearsalOutput.Speak speak:
                    Spoken.Add((speak.Text, speak.Voice, speak.Speed));
                    Session.Spoken(Now, speak.Request, Voice(speak.Text));
                    _deadline = Session.Advance(Now);
                    break;
                default:
                    End = output;
                    break;
            }
        }
    }
}
