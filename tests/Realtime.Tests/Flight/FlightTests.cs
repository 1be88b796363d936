using System.Globalization;
using System.IO.Compression;
using System.Text;
using Bridge.Realtime.Flight;
using Bridge.Realtime.Model;
using Bridge.Realtime.Tests.Turns;
using Bridge.Realtime.Turns;

namespace Bridge.Realtime.Tests.Flight;

/// <summary>Calls that were recorded run again, byte for byte; and nothing else passes for that.</summary>
public class FlightTests(ITestOutputHelper output)
{
    private const int Walks = 1_000;

    [Fact]
    public void Random_walks_are_replayed_byte_for_byte()
    {
        var (steps, commands, audio) = (0, 0, 0L);
        for (var seed = 1UL; seed <= (Seeds.Long ? 100_000UL : Walks); seed++)
        {
            using var flight = Open(Walk(seed));
            var replay = Begin(flight);
            while (flight.TryRead(out var step))
            {
                audio += step.Commands.Count(c => c.Contains("\"$\":\"PlayAudio\"", StringComparison.Ordinal));
                var difference = replay.Take(step);
                Assert.True(difference is null, $"seed {seed}: {difference}");
            }

            Assert.Equal(FlightEnd.Complete, flight.End);
            steps += replay.Steps;
            commands += replay.Commands;
        }

        output.WriteLine($"{steps} steps, {commands} commands, {audio} of them audio");
        Assert.True(audio > Walks, $"only {audio} pieces of audio were played");
    }

    [Fact]
    public void A_changed_command_is_found_and_shown()
    {
        var found = 0;
        var lines = Lines(Walk(7));
        for (var i = 1; i < lines.Length - 1; i++)
        {
            var at = lines[i].IndexOf("\"out\":[{\"$\":\"ShowState\",\"state\":\"", StringComparison.Ordinal);
            if (at < 0)
            {
                continue;
            }

            var changed = lines.ToArray();
            changed[i] = lines[i].Replace("\"state\":\"", "\"state\":\"x", StringComparison.Ordinal);
            using var flight = Open(Zip(changed));
            var difference = FirstDifference(flight);
            Assert.NotNull(difference);
            Assert.Equal(i, difference.Step);
            Assert.Contains("\"state\":\"x", difference.ToString(), StringComparison.Ordinal);
            found++;
        }

        Assert.True(found > 0, "the walk shows no state");
    }

    [Fact]
    public void A_command_more_or_less_and_another_input_are_found()
    {
        var lines = Lines(Walk(7));
        var last = Array.FindLastIndex(lines, l => l.Contains("\"out\":[{", StringComparison.Ordinal));
        var fewer = lines.ToArray();
        fewer[last] = lines[last][..lines[last].IndexOf("\"out\":[", StringComparison.Ordinal)] + "\"out\":[]}";
        using var missing = Open(Zip(fewer));
        Assert.Null(FirstDifference(missing)!.Recorded);

        var more = lines.ToArray();
        more[last] = lines[last][..^2] + ",{\"$\":\"AnswerTurn\"}]}";
        using var added = Open(Zip(more));
        Assert.Null(FirstDifference(added)!.Replayed);

        using var unheard = Open(Zip([.. lines.Where((_, i) => i != 1)]));
        Assert.NotNull(FirstDifference(unheard));
    }

    [Fact]
    public void A_file_that_was_cut_anywhere_is_replayed_up_to_there()
    {
        using var memory = new MemoryStream();
        List<(long Length, int Steps)> flushed = [];
        using (var writer = new FlightWriter(memory))
        {
            writer.Write(Header);
            for (var i = 0; i < 40; i++)
            {
                writer.Write(new FlightStep(TimeSpan.FromMilliseconds(i), [], []));
                if (i % 5 == 4)
                {
                    writer.Flush();
                    flushed.Add((memory.Length, i + 1));
                }
            }
        }

        var bytes = memory.ToArray();
        for (var length = 0; length < bytes.Length; length++)
        {
            var written = flushed.LastOrDefault(f => f.Length <= length).Steps;
            using var cut = new MemoryStream(bytes, 0, length);
            if (!FlightReader.TryOpen(cut, out var flight, out var refusal))
            {
                Assert.Equal("It is no flight file.", refusal);
                Assert.Equal(0, written);
                continue;
            }

            using (flight)
            {
                var replay = Begin(flight);
                while (flight.TryRead(out var step))
                {
                    Assert.Null(replay.Take(step));
                }

                Assert.True(replay.Steps >= written, $"cut at {length}: {replay.Steps} of {written} steps");
                Assert.Equal(FlightEnd.Cut, flight.End);
            }
        }
    }

    [Fact]
    public void A_file_of_another_version_is_refused_in_a_sentence()
    {
        var lines = Lines(Walk(1));
        lines[0] = lines[0].Replace("\"flight\":1", "\"flight\":2", StringComparison.Ordinal);
        using var file = new MemoryStream(Zip(lines));
        Assert.False(FlightReader.TryOpen(file, out _, out var refusal));
        Assert.Equal("It is a flight file of version 2; this program reads version 1.", refusal);
    }

    [Fact]
    public void No_sample_of_audio_is_in_the_file()
    {
        var pcm = Enumerable.Range(0, 960).Select(i => (byte)(i * 7)).ToArray();
        using var memory = new MemoryStream();
        using (var writer = new FlightWriter(memory))
        {
            writer.Write(Header);
            writer.Write(new FlightStep(
                TimeSpan.Zero, [new TurnInput.ModelEventReceived(1, new ModelEvent.AudioDelta("r", "i", 0, pcm))],
                [new TurnCommand.PlayAudio("i", 0, pcm.AsMemory(96)), new TurnCommand.PlayAudio("i", 0, pcm.AsMemory(96, 48))]));
        }

        var step = Lines(memory.ToArray())[1];
        Assert.Contains("\"pcm\":\"0+0*960\"", step, StringComparison.Ordinal);
        Assert.Contains("\"pcm\":\"0+96*864\"", step, StringComparison.Ordinal);
        Assert.Contains("\"pcm\":\"0+96*48\"", step, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToBase64String(pcm.AsSpan(0, 24)), step, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_field_of_the_options_is_there_again()
    {
        var options = new TurnOptions
        {
            Version = 3,
            Session = new SessionSettings { TurnDetection = null, Instructions = "Be kind.", Tools = [], TextOnly = true },
            InterruptSpeaking = null,
            ListeningSounds = ["mhm"],
            Tools = new Dictionary<string, ToolPolicy>
            {
                ["k"] = new(new EarlyAnswer(GoesOn: true), ProgressToModel: true, AnswersTurn: false),
            },
            ThinkTime = TimeSpan.FromSeconds(7),
            ModelHearsKeys = false,
        };
        using var memory = new MemoryStream();
        using (var writer = new FlightWriter(memory))
        {
            writer.Write(Header with { Options = options });
        }

        using var flight = Open(memory.ToArray());
        var read = flight.Header.Options;
        Assert.Null(read.Session.TurnDetection);
        Assert.Null(read.InterruptSpeaking);
        Assert.Equal(["mhm"], read.ListeningSounds);
        Assert.Equal(options.Tools["k"], read.Tools["k"]);
        Assert.Equal(
            options with { Session = read.Session, ListeningSounds = read.ListeningSounds, Tools = read.Tools },
            read);
        Assert.Equal(options.Session with { Tools = read.Session.Tools }, read.Session);
    }

    [Fact]
    public void A_story_tells_the_call()
    {
        var text = new StringWriter(CultureInfo.InvariantCulture);
        for (var seed = 1UL; seed <= 400; seed++)
        {
            var story = new FlightStory(text);
            using var flight = Open(Walk(seed));
            var replay = Begin(flight);
            while (flight.TryRead(out var step))
            {
                replay.Take(step);
                story.Tell(step, replay.Blockers);
            }

            story.Finish(flight);
        }

        var told = text.ToString();
        Assert.DoesNotContain("can't be read", told, StringComparison.Ordinal);
        Assert.Contains("00:00.000  model   session 1 is opened: start", told, StringComparison.Ordinal);
        Assert.Contains("person  types: \"text 1\"", told, StringComparison.Ordinal);
        Assert.Contains("AGENT   ", told, StringComparison.Ordinal);
        Assert.Contains("the answer begins: ", told, StringComparison.Ordinal);
        Assert.Contains(" - unheard: ", told, StringComparison.Ordinal);
        Assert.Contains("waits   ", told, StringComparison.Ordinal);
        Assert.Contains("tool    ", told, StringComparison.Ordinal);
        Assert.EndsWith($"end     of the call: walked{Environment.NewLine}", told, StringComparison.Ordinal);
    }

    private static FlightHeader Header { get; } =
        new(FlightHeader.CurrentVersion, "c", "r", DateTimeOffset.UnixEpoch, default, new TurnOptions(), null);

    private static byte[] Walk(ulong seed)
    {
        using var memory = new MemoryStream();
        using (var writer = new FlightWriter(memory))
        {
            new CallWalk(seed, flight: writer).Run();
            writer.WriteEnd("walked", complete: true);
        }

        return memory.ToArray();
    }

    private static FlightReader Open(byte[] file)
    {
        Assert.True(FlightReader.TryOpen(new MemoryStream(file), out var flight, out var refusal), refusal);
        return flight;
    }

    private static FlightReplay Begin(FlightReader flight)
    {
        Assert.True(FlightReplay.TryBegin(flight, out var replay, out var refusal), refusal);
        return replay;
    }

    private static FlightDifference? FirstDifference(FlightReader flight)
    {
        var replay = Begin(flight);
        while (flight.TryRead(out var step))
        {
            if (replay.Take(step) is { } difference)
            {
                return difference;
            }
        }

        return null;
    }

    private static string[] Lines(byte[] file)
    {
        using var zip = new GZipStream(new MemoryStream(file), CompressionMode.Decompress);
        using var reader = new StreamReader(zip);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static byte[] Zip(string[] lines)
    {
        using var memory = new MemoryStream();
        using (var zip = new GZipStream(memory, CompressionLevel.Fastest, leaveOpen: true))
        {
            zip.Write(Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n"));
        }

        return memory.ToArray();
    }
}
