using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using Bridge.Access;
using Bridge.Audio.Codecs;
using Bridge.Audio.Ogg;
using Bridge.Configuration;
using Bridge.Metrics;
using Bridge.Recordings;
using Bridge.Records;
using Bridge.Records.Sql;
using Bridge.Testing.Audio;
using Bridge.Tests.Calls;
using Bridge.Tests.Stops;
using Bridge.Tests.Trail;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Bridge.Tests.Recordings;

/// <summary>Recorded calls of the real host: it is killed, its disk is full, and their persons or their time want them gone.</summary>
public sealed class RecordingTroubleTests : IDisposable
{
    private const string Key = "operators-have-this-key-of-32-characters";
    private const string TicketKey = "a-key-of-the-tests-with-32-characters-or-more";
    private readonly string _data = Directory.CreateTempSubdirectory("bridge-trouble-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public RecordingTroubleTests()
    {
        var role = Directory.CreateDirectory(Path.Combine(Roles, "kept")).FullName;
        File.WriteAllText(Path.Combine(role, "role.yaml"), "name: Kept\ndescription: Its sound is kept.\nrecords: { audio: tracks }\n");
        File.WriteAllText(Path.Combine(role, "agent.instruct"), "Be brief.\n");
        var story = string.Concat(Enumerable.Repeat("and one more word of a long story ", 30));
        File.WriteAllText(Path.Combine(role, "rehearsal.yaml"), $"rules: []\notherwise: {story.Trim()}.\n");
    }

    private string Roles => Path.Combine(_data, "roles");

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task A_recording_whose_host_is_killed_plays_and_belongs_to_its_interrupted_call()
    {
        string call;
        double heard;
        await using (var first = Start())
        {
            await using var page = await RecordAsync(await first.AddressAsync(Cancellation));
            call = page.CallId;
            using var speaking = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
            var microphone = SpeakAsync(page, speaking.Token);
            await page.SayAsync("tell me", Cancellation);
            await page.Ear.MoreAsync(200, Cancellation);
            heard = page.Ear.Count / 50.0;
            await speaking.CancelAsync();
            await microphone;

            // Disposing kills it, as kill -9 does.
        }

        // As the dead process left them: whole pages, whatever stands behind the last one.
        var folder = Path.Combine(_data, "files", call);
        string[] names = ["caller.opus", "agent.opus"];
        foreach (var name in names)
        {
            Assert.InRange(Length(Path.Combine(folder, name)), heard - 3, heard + 60);
            Play(Path.Combine(folder, name));
        }

        await using var second = Start();
        using var http = new HttpClient { BaseAddress = await second.AddressAsync(Cancellation) };
        http.DefaultRequestHeaders.Authorization = new("Bearer", Key);
        JsonElement record;
        while ((record = JsonElement.Parse(await http.GetStringAsync("/api/calls/" + call, Cancellation)))
            .GetProperty("ended").ValueKind == JsonValueKind.Null)
        {
            await Task.Delay(50, Cancellation);
        }

        Assert.Equal("interrupted", record.GetProperty("reason").GetString());
        var part = Assert.Single(record.GetProperty("audio").EnumerateArray());
        Assert.Equal("interrupted", part.GetProperty("state").GetString());
        Assert.Equal(names, part.GetProperty("tracks").EnumerateArray().Select(t => t.GetProperty("name").GetString()));
        foreach (var track in part.GetProperty("tracks").EnumerateArray())
        {
            var name = track.GetProperty("name").GetString()!;
            Assert.InRange(track.GetProperty("seconds").GetDouble(), heard - 3, heard + 60);
            var fetched = Path.Combine(_data, name);
            var sound = await http.GetByteArrayAsync($"/api/calls/{call}/audio/{name}", Cancellation);
            await File.WriteAllBytesAsync(fetched, sound, Cancellation);
            Play(fetched);
            Inspect(fetched);
        }
    }

    [Fact]
    public async Task A_host_whose_disk_is_full_while_it_records_keeps_its_call_and_says_each_trouble_once()
    {
        await using var disk = await SmallDisk.MountAsync();
        await using var host = await RunningHost.StartAsync(
            ("Data", disk.Folder), ("Roles", Roles), ("Loopback", "true"), ("Access:OperatorKey", Key));
        var log = new LineLog();
        host.Get<ILoggerFactory>().AddProvider(log);
        await using var page = await RecordAsync(host.Address);
        using var speaking = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var microphone = SpeakAsync(page, speaking.Token);
        await page.SayAsync("tell me", Cancellation);
        await page.Ear.MoreAsync(100, Cancellation);
        disk.Fill();
        Assert.Equal("failed", (await page.UntilToldAsync("call/recording", Cancellation)).GetProperty("state").GetString());

        // The person hears on, and is answered.
        await page.Ear.MoreAsync(50, Cancellation);
        disk.Clear();
        await page.Ear.MoreAsync(50, Cancellation);
        await speaking.CancelAsync();
        await microphone;
        await page.HangUpAsync(Cancellation);
        CallRecord? record;
        while ((record = await host.Get<ICallStore>().FindAsync(page.CallId, Cancellation))?.Ended is null)
        {
            await Task.Delay(20, Cancellation);
        }

        Assert.Equal(("hangup", 0), (record.Reason, record.Missing));
        var part = Assert.Single(host.Get<RecordingDesk>().Find(page.CallId)!);
        Assert.Equal(("failed", "its file could not be written"), (part.State, part.Why));
        Assert.All(part.Tracks, t => Assert.InRange(t.Seconds, 0.5, 60));
        Assert.All(part.Tracks, t => Play(Path.Combine(disk.Folder, "files", page.CallId, t.Name)));
        Assert.Equal(1, Troubles("Bridge.Recordings"));
        Assert.InRange(Troubles("Bridge.Records"), 0, 2);

        int Troubles(string room) => log.Lines.Count(
            line => line.Category.StartsWith(room, StringComparison.Ordinal) && line.Level >= LogLevel.Warning);
    }

    [Fact]
    public async Task Sound_goes_with_the_calls_of_its_person_and_with_the_end_of_its_time()
    {
        await using var host = await RunningHost.StartAsync(
            ("Data", _data), ("Roles", Roles), ("Loopback", "true"), ("Access:OperatorKey", Key), ("Access:Mode", "ticket"),
            ("Access:Key", TicketKey));
        using var http = new HttpClient { BaseAddress = host.Address };
        http.DefaultRequestHeaders.Authorization = new("Bearer", Key);
        var (ada, bob) = (await RecordedAsync(host, "ada"), await RecordedAsync(host, "bob"));
        Assert.Equal([true, true], HaveSound(ada, bob));

        using var erased = await http.DeleteAsync("/api/callers/ada", Cancellation);
        Assert.Equal("""{"erased":1}""", await erased.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal([false, true], HaveSound(ada, bob));
        Assert.False(Directory.Exists(Path.Combine(_data, "files", ada)));

        // The same sweep that runs each hour, 29 and then 31 days from now, with 30 days as the host's limit.
        var options = Options.Create(new BridgeOptions { Data = _data, Records = new RecordOptions { Keep = "30d" } });
        foreach (var (days, kept) in new[] { (29, true), (31, false) })
        {
            await using var store = RecordRegistration.Open(options.Value, TimeProvider.System);
            using var metrics = new BridgeMetrics();
            var clock = Clocks.Virtual(new FakeTimeProvider(DateTimeOffset.UtcNow.AddDays(days)));
            await using var writer = new RecordWriter(store, 1 << 20, clock, metrics, NullLogger<RecordWriter>.Instance);
            await using var retention = new RecordRetention(
                writer, CallFiles.Below(_data), clock, options, NullLogger<RecordRetention>.Instance);
            await retention.SweepAsync();
            Assert.Equal([kept], HaveSound(bob));
        }

        Assert.False(Directory.Exists(Path.Combine(_data, "files", bob)));
        Assert.Equal(
            ["expired", "caller"],
            JsonElement.Parse(await http.GetStringAsync("/api/deletions", Cancellation)).EnumerateArray()
                .Select(d => d.GetProperty("kind").GetString()));
    }

    private IEnumerable<bool> HaveSound(params string[] calls) =>
        calls.Select(call => new[] { "caller.opus", "agent.opus", "recording.jsonl" }.All(
            name => File.Exists(Path.Combine(_data, "files", call, name))));

    private BridgeProgram Start() => BridgeProgram.Start(
        ["--port", "0", "--udp-port", "0", "--loopback", "--roles", Roles, "--data", _data],
        ("Bridge__Access__OperatorKey", Key), ("Bridge__GraceSeconds", "1"), ("Bridge__RehearsalVoice", "synthetic"));

    private static async Task<ProgramPage> RecordAsync(Uri host, string? ticket = null)
    {
        var page = await ProgramPage.CallAsync(host, "kept", Cancellation, ticket: ticket);
        await page.AskAsync("page/recording", new { accepted = true }, Cancellation);
        Assert.Equal("on", (await page.UntilToldAsync("call/recording", Cancellation)).GetProperty("state").GetString());
        return page;
    }

    private static async Task<string> RecordedAsync(RunningHost host, string person)
    {
        var ticket = TicketMint.Mint(new TicketRequest(person), TicketKey, null, DateTimeOffset.UtcNow).Ticket;
        await using var page = await RecordAsync(host.Address, ticket);
        await page.SayAsync("tell me", Cancellation);
        await page.Ear.MoreAsync(60, Cancellation);
        await page.HangUpAsync(Cancellation);
        while (host.Get<Bridge.Calls.CallRegistry>().IsAlive(page.CallId)
            || (await host.Get<ICallStore>().FindAsync(page.CallId, Cancellation))?.Ended is null)
        {
            await Task.Delay(20, Cancellation);
        }

        return page.CallId;
    }

    // A microphone in a quiet room: a packet each 20 ms, as the sender's clock has it.
    private static async Task SpeakAsync(ProgramPage page, CancellationToken cancellation)
    {
        using var frames = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        for (uint packet = 0; !cancellation.IsCancellationRequested; packet++)
        {
            page.Client.SendAudio([0xF8, 0xFF, 0xFE], packet * 960);
            try
            {
                await frames.WaitForNextTickAsync(cancellation);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private static double Length(string path)
    {
        using var file = File.OpenRead(path);
        return OggFile.Length(file).TotalSeconds;
    }

    /// <summary>Decodes every packet of every whole page; the agent's track has sound.</summary>
    private static void Play(string path)
    {
        var bytes = File.ReadAllBytes(path);
        using var codec = new OpusCodec();
        var pcm = new short[codec.SampleRate * 120 / 1_000];
        var (packets, loudest, samples) = (0, 0, 0L);
        foreach (var packet in OggPackets.Read(bytes).Skip(2))
        {
            var count = codec.Decode(packet, pcm);
            Assert.True(count > 0, $"Packet {packets} of {path} can't be decoded.");
            loudest = pcm.AsSpan(0, count).ToArray().Aggregate(loudest, (most, sample) => Math.Max(most, Math.Abs((int)sample)));
            (packets, samples) = (packets + 1, samples + count);
        }

        Assert.Equal(Length(path), samples / (double)codec.SampleRate, 0.1);
        if (Path.GetFileName(path) == "agent.opus")
        {
            Assert.True(loudest > 1_000, $"There is no sound in {path}.");
        }
    }

    // A program that nobody here wrote, where it is installed.
    private static void Inspect(string path)
    {
        try
        {
            using var process = Process.Start(
                new ProcessStartInfo("opusinfo", [path]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var errors = process.StandardError.ReadToEndAsync();
            var said = process.StandardOutput.ReadToEnd() + errors.GetAwaiter().GetResult();
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, said);
            Assert.DoesNotContain("WARNING", said, StringComparison.OrdinalIgnoreCase);
        }
        catch (Win32Exception)
        {
            TestContext.Current.TestOutputHelper?.WriteLine("opusinfo is not installed.");
        }
    }
}
