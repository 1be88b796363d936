using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using Bridge.Cli;
using Bridge.Configuration;
using Bridge.Flights;
using Bridge.Limits;
using Bridge.Metrics;
using Bridge.Realtime.Conversation;
using Bridge.Realtime.Flight;
using Bridge.Realtime.Turns;
using Bridge.Records;
using Bridge.Records.Sql;
using Bridge.Roles;
using Bridge.Timing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Bridge.Tests.Flights;

/// <summary>The flight files that a host keeps of its calls, for how long, and the content that it must not keep.</summary>
public sealed class CallFlightTests : IAsyncDisposable
{
    private const string Id = "a1b2c3";
    private readonly string _data = Directory.CreateTempSubdirectory("bridge-flights-").FullName;
    private readonly HostClock _clock = new(TimeProvider.System, new CallbackGuard(NullLogger<CallbackGuard>.Instance));
    private readonly BridgeOptions _options = new();
    private readonly TurnMachine _machine;
    private readonly List<TurnCommand> _commands = [];
    private TimeSpan _now;

    public CallFlightTests()
    {
        _options.Data = _data;
        _machine = new TurnMachine(new TurnOptions(), new ConversationLog());
    }

    private CallFiles Files => new(Options.Create(_options));

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_data, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_call_that_runs_is_on_the_disk_and_what_a_dead_host_left_replays()
    {
        var flight = Begin("on")!;
        Step(flight, new TurnInput.CallStarted());
        Step(flight, new TurnInput.PageConnectionChanged(true));
        await Eventually(() => Replay() is (0, var text) && text.Contains("2 steps", StringComparison.Ordinal)
            && text.Contains("there the file ends, before the call does", StringComparison.Ordinal));
        await flight.CloseAsync("hangup", kept: true);
        Assert.Contains("the file is whole", Replay().Output, StringComparison.Ordinal);

        // The call goes on after its host crashed: another file beside it.
        var next = Begin("on")!;
        Step(next, null);
        await next.CloseAsync("hangup", kept: true);
        Assert.Equal(2, Files.Find(Id, FlightFile.Name, FlightFile.Ending).Count);
    }

    [Fact]
    public async Task The_last_minutes_are_a_bounded_ring_and_a_short_call_is_whole()
    {
        var shortOne = Begin("last-minutes")!;
        Step(shortOne, new TurnInput.CallStarted());
        Assert.False(Directory.Exists(Path.Combine(_data, "files")));
        await shortOne.CloseAsync("hangup", kept: true);
        Assert.Equal(0, Replay().Exit);
        Files.Erase(Id);

        var ring = new FlightRing(Files, Header());
        for (var i = 0; i < 1_000; i++)
        {
            // Words that do not compress.
            var words = Convert.ToBase64String(RandomNumberGenerator.GetBytes(1_500));
            ring.Write(new FlightStep(TimeSpan.FromSeconds(i), [new TurnInput.PageText(words)], []));
            Assert.True(ring.Flush());
        }

        ring.End("hangup", complete: true);
        ring.Dispose();
        var file = Assert.Single(Files.Find(Id, FlightFile.Name, FlightFile.Ending));
        Assert.InRange(new FileInfo(file).Length, FlightRing.MaxBytes / 2, FlightRing.MaxBytes + 4_096);
        var (exit, said) = Replay();
        Assert.Equal(2, exit);
        Assert.Contains("steps were not kept, so the commands can't be compared", said, StringComparison.Ordinal);
        (exit, said) = Replay("--story");
        Assert.Equal(0, exit);
        Assert.EndsWith("end     of the call: hangup", said.TrimEnd(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("redacted")]
    [InlineData("no")]
    public async Task A_role_whose_words_are_not_kept_has_no_flight_and_a_transfer_to_it_takes_it_away(string transcript)
    {
        var records = new RoleRecords { Transcript = transcript == "no" ? TranscriptPolicy.No : TranscriptPolicy.Redacted };
        Assert.Null(Begin("on", records));
        Assert.Null(Begin("off"));
        _options.Records.Transcript = transcript;
        Assert.Null(Begin("on"));
        _options.Records.Transcript = "yes";

        var flight = Begin("on")!;
        Step(flight, new TurnInput.CallStarted());
        await Eventually(() => Files.Find(Id, FlightFile.Name, FlightFile.Ending).Count == 1);
        flight.Use(records);
        await Eventually(() => !Directory.Exists(Path.Combine(_data, "files", Id)));
        Step(flight, new TurnInput.PageText("hello"));
        await flight.CloseAsync("hangup", kept: true);
        Assert.False(Directory.Exists(Path.Combine(_data, "files", Id)));
    }

    [Fact]
    public async Task A_call_that_never_came_about_leaves_nothing()
    {
        var flight = Begin("on")!;
        Step(flight, new TurnInput.CallStarted());
        await flight.CloseAsync("connection_lost", kept: false);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_data, "files")));
    }

    [Fact]
    public async Task A_folder_that_can_not_be_written_ends_the_recording_and_not_the_call()
    {
        await File.WriteAllTextAsync(Path.Combine(_data, "files"), "no folder", TestContext.Current.CancellationToken);
        var flight = Begin("on")!;
        Step(flight, new TurnInput.CallStarted());
        await flight.CloseAsync("hangup", kept: true);
        Assert.Equal(2, Replay().Exit);
    }

    [Fact]
    public async Task Files_whose_call_is_erased_go_with_it_also_those_that_a_crash_left()
    {
        await using var store = RecordRegistration.Open(_options, TimeProvider.System);
        await store.OpenAsync(TestContext.Current.CancellationToken);
        using var metrics = new BridgeMetrics();
        await using var writer = new RecordWriter(store, 1 << 20, _clock, metrics, NullLogger<RecordWriter>.Instance);
        await using var retention = new RecordRetention(
            writer, Files, _clock, Options.Create(_options), NullLogger<RecordRetention>.Instance);
        foreach (var call in (string[])["kept1", "gone1", "young1"])
        {
            await Files.Create(call, "flight", ".jsonl.gz").DisposeAsync();
        }

        var now = DateTimeOffset.UtcNow;
        await writer.PostAsync(new RecordWrite.Begun("kept1", new CallOrigin("h", "r", "m", now, "anna", null, [])));
        foreach (var old in (string[])["kept1", "gone1"])
        {
            Directory.SetLastWriteTimeUtc(Path.Combine(_data, "files", old), now.UtcDateTime.AddHours(-2));
        }

        await retention.SweepAsync();
        Assert.Equal(
            ["kept1", "young1"],
            Directory.EnumerateDirectories(Path.Combine(_data, "files")).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal));
        await writer.PostAsync(new RecordWrite.Ended("kept1", new CallClosing("r", now, "hangup", null, 0, null)));
        Assert.Equal(1, await retention.EraseCallerAsync("anna"));
        Assert.False(Directory.Exists(Path.Combine(_data, "files", "kept1")));
    }

    [Fact]
    public void No_id_leads_out_of_the_folder()
    {
        foreach (var id in (string[])["", ".", "..", "../x", "a/b", "a\\b", new string('a', 65)])
        {
            Assert.Empty(Files.Find(id, "flight", ".jsonl.gz"));
            Assert.Throws<ArgumentException>(() => Files.Create(id, "flight", ".jsonl.gz"));
            Files.Erase(id);
        }

        Assert.True(Directory.Exists(_data));
    }

    private static FlightHeader Header() =>
        new(FlightHeader.CurrentVersion, Id, "guide", DateTimeOffset.UnixEpoch, default, new TurnOptions(), null);

    private static async Task Eventually(Func<bool> holds)
    {
        for (var i = 0; !holds(); i++)
        {
            Assert.True(i < 400, "It did not come about in 10 s.");
            await Task.Delay(25, TestContext.Current.CancellationToken);
        }
    }

    private CallFlight? Begin(string mode, RoleRecords? records = null)
    {
        _options.FlightRecorder = mode;
        var options = Options.Create(_options);
        var budget = new MemoryBudget(options);
        return CallFlight.Begin(
            new FlightDesk(Files, _clock, options, NullLogger<FlightDesk>.Instance), records ?? new RoleRecords(),
            new CallMemory(budget, 0, long.MaxValue), Header);
    }

    private void Step(CallFlight flight, TurnInput? input)
    {
        _commands.Clear();
        _now += TimeSpan.FromMilliseconds(20);
        if (input is not null)
        {
            _machine.Handle(_now, input, _commands);
        }

        _machine.Advance(_now, _commands);
        flight.Take(_now, null, input, _commands);
    }

    private (int Exit, string Output) Replay(params string[] more)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        var exit = BridgeCommand.Build((_, _) => Task.FromResult(0)).Parse(["replay", Id, "--data", _data, .. more])
            .Invoke(new InvocationConfiguration { Output = text, Error = text });
        return (exit, text.ToString());
    }
}
