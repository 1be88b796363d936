using System.Text;
using Bridge.Realtime.Flight;

namespace Bridge.Fuzz.Targets;

/// <summary>The lines of a flight file, which are read, replayed and told as a story.</summary>
internal sealed class FlightTarget : FuzzTarget
{
    private const string Header =
        """{"flight":1,"call":"c","role":"r","""
        + """ "started":"2026-11-30T00:00:00+00:00","callTime":"00:00:00","options":{"speaksFirst":true},"log":null}""";
    private const string Begin =
        """{"at":10,"in":[{"$":"CallStarted"}],"out":[{"$":"OpenSession","session":1,"reason":"start"}]}""";
    private const string Opened =
        """{"at":20,"in":[{"$":"PageConnectionChanged","connected":true},"""
        + """{"$":"SessionOpened","session":1,"lifetime":"01:00:00"}],"out":[]}""";
    private const string Said =
        """{"at":30,"in":[{"$":"ModelEventReceived","session":1,"""
        + """ "event":{"$":"AudioDelta","responseId":"r","itemId":"i","contentIndex":0,"pcm":"0+0*960"}}],"""
        + """ "out":[{"$":"PlayAudio","track":"i","contentIndex":0,"pcm":"0+0*960"}]}""";
    private const string Typed =
        """{"at":40,"in":[{"$":"PageText","text":"hello"},"""
        + """{"$":"ToolCompleted","callId":"k","outputJson":"1","failed":false,"images":[]}],"out":[]}""";

    public override string Name => "flight";

    public override int ShortRun => 2_000;

    // A line as a document, its inputs and commands; and the machine's own answer to each input.
    public override long AllocationLimit => 8 * 1024 * 1024;

    public override IEnumerable<byte[]> Seeds() =>
        ((string[])[
            $"{Header}\n{Begin}\n{Opened}\n{Said}\n{Typed}\n{{\"end\":\"hangup\",\"complete\":true}}\n",
            $"{Header}\n{{\"lost\":12}}\n{Typed}\n{{\"end\":\"full\",\"complete\":false}}\n",
            $"{Header}\n{Begin}\n{Typed}\n",
            Header.Replace(":1,", ":2,", StringComparison.Ordinal) + "\n",
        ]).Select(Encoding.UTF8.GetBytes);

    public override int Run(ReadOnlySpan<byte> input)
    {
        if (!FlightReader.TryOpenLines(new MemoryStream(input.ToArray()), out var flight, out var refusal))
        {
            Require(refusal.Length > 0, "a refusal without a sentence");
            return refusal.GetHashCode(StringComparison.Ordinal);
        }

        using (flight)
        {
            var story = new FlightStory(TextWriter.Null);
            FlightReplay.TryBegin(flight, out var replay, out _);
            var steps = 0;
            while (flight.TryRead(out var step))
            {
                steps++;
                if (replay?.Take(step) is { } difference)
                {
                    Require(difference.ToString().Length > 0, "a difference without words");
                    replay = null;
                }

                story.Tell(step, replay?.Blockers);
            }

            story.Finish(flight);
            Require(flight.End is not null, "a file that has no end");
            return HashCode.Combine(flight.End, Math.Min(steps, 4), replay is null, flight.Lost > 0);
        }
    }
}
