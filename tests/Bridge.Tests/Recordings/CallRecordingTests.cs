using System.Diagnostics;
using Bridge.Configuration;
using Bridge.Limits;
using Bridge.Metrics;
using Bridge.Realtime.Model;
using Bridge.Realtime.Turns;
using Bridge.Recordings;
using Bridge.Records;
using Bridge.Tests.Stops;
using Bridge.Tests.Trail;
using Bridge.Timing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Bridge.Tests.Recordings;

/// <summary>When the sound of a call is kept, when it must not be, and what is left of it.</summary>
public sealed class CallRecordingTests : IDisposable
{
    private const string Id = "a1b2c3";
    private static readonly byte[] Frame = [0xF8, 0xFF, 0xFE];
    private readonly string _data = Directory.CreateTempSubdirectory("bridge-recordings-").FullName;
    private readonly FakeTimeProvider _time = new(DateTimeOffset.Parse("2026-11-30T08:00:00Z", null));
    private readonly HostClock _clock;
    private readonly BridgeOptions _options = new();
    private readonly BridgeMetrics _metrics = new();
    private readonly LineLog _log = new();
    private readonly ILoggerFactory _loggers;
    private readonly List<string> _states = [];
    private readonly MemoryBudget _memory;
    private uint _timestamp;

    public CallRecordingTests()
    {
        _options.Data = _data;
        _clock = new HostClock(_time, new CallbackGuard(NullLogger<CallbackGuard>.Instance));
        _memory = new MemoryBudget(Options.Create(_options));
        _loggers = _log.Factory(LogLevel.Information);
        Desk = NewDesk();
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private RecordingDesk Desk { get; }

    private string Folder => Path.Combine(_data, "files", Id);

    public void Dispose()
    {
        _metrics.Dispose();
        _loggers.Dispose();
        _log.Dispose();
        Directory.Delete(_data, recursive: true);
    }

    [Fact]
    public void Notes_that_were_erased_since_they_were_listed_are_no_recording() =>
        Assert.False(RecordingNotes.TryRead(Path.Combine(Path.GetTempPath(), Path.GetRandomFileName(), "recording.jsonl"), out _, out _));

    [Fact]
    public async Task A_call_is_recorded_once_its_page_says_that_it_shows_so()
    {
        var recording = Begin(AudioPolicy.Tracks);
        Assert.Equal("asked", recording.Greeted());
        Speak(recording, 50);
        Assert.False(Directory.Exists(Folder));

        var began = _clock.Elapsed;
        recording.Answer(accepted: true);
        await UntilAsync(() => Desk.Find(Id) is not null);
        Assert.Equal("on", Desk.Find(Id)![0].State);
        Speak(recording, 100);
        var length = (_clock.Elapsed - began).TotalSeconds;
        await recording.CloseAsync();
        Speak(recording, 100);

        Assert.Equal(["asked", "on"], _states);
        var part = Assert.Single(Desk.Find(Id)!);
        Assert.Equal(("complete", _time.Start + TimeSpan.FromSeconds(1)), (part.State, part.Started));
        Assert.Equal([("caller.opus", "caller"), ("agent.opus", "agent")], part.Tracks.Select(t => (t.Name, t.Side)));
        Assert.All(part.Tracks, t => Assert.Equal(length - 0.006, t.Seconds, 0.021));
        Assert.Equal(0, _memory.Held - MemoryBudget.PerCall);
        if (!OperatingSystem.IsWindows())
        {
            foreach (var file in Directory.GetFiles(Folder))
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            }
        }
    }

    [Fact]
    public async Task A_page_that_does_not_say_that_it_shows_so_is_not_recorded()
    {
        var recording = Begin(AudioPolicy.Tracks);
        recording.Greeted();
        Speak(recording, 100);
        await recording.CloseAsync();
        Assert.Null(Desk.Find(Id));
        Assert.False(Directory.Exists(Folder));
    }

    [Fact]
    public async Task A_person_who_declines_leaves_nothing_and_is_not_asked_again_not_even_after_a_crash()
    {
        var recording = Begin(AudioPolicy.Tracks);
        recording.Answer(accepted: true);
        Speak(recording, 100);
        await UntilAsync(() => Desk.Find(Id)?[0].Tracks.Any(t => t.Bytes > 0) == true);
        recording.Answer(accepted: false);
        await UntilAsync(() => Desk.Find(Id) is null);
        recording.Answer(accepted: true);
        Speak(recording, 100);
        await recording.CloseAsync();
        Assert.Null(Desk.Find(Id));
        Assert.Equal(["asked", "on", "declined"], _states);
        Assert.Equal(["declined.recording"], Directory.GetFiles(Folder).Select(Path.GetFileName));

        _states.Clear();
        var revived = Begin(AudioPolicy.Tracks, revived: true);
        Assert.Equal("declined", revived.Greeted());
        revived.Answer(accepted: true);
        await revived.CloseAsync();
        Assert.Empty(_states);
        Assert.Null(Desk.Find(Id));
    }

    [Fact]
    public async Task A_page_that_comes_back_says_anew_that_it_shows_so_and_the_files_go_on()
    {
        var recording = Begin(AudioPolicy.Tracks);
        recording.Answer(accepted: true);
        Speak(recording, 50);
        Assert.Equal("asked", recording.Greeted());
        Speak(recording, 50);
        recording.Answer(accepted: true);
        Speak(recording, 50);
        await recording.CloseAsync();
        var part = Assert.Single(Desk.Find(Id)!);
        Assert.All(part.Tracks, t => Assert.Equal(2.993, t.Seconds, 0.021));
        var sound = File.ReadAllBytes(Path.Combine(Folder, "caller.opus"));
        Assert.InRange(Count(sound, [.. Frame, 0x55]), 98, 100);
    }

    [Fact]
    public async Task Mixed_is_one_file_for_both()
    {
        var recording = Begin(AudioPolicy.Mixed);
        recording.Answer(accepted: true);
        Speak(recording, 100);
        await recording.CloseAsync();
        var track = Assert.Single(Assert.Single(Desk.Find(Id)!).Tracks);
        Assert.Equal(("mixed.opus", "mixed"), (track.Name, track.Side));
        Assert.Equal(1.993, track.Seconds, 0.021);
    }

    [Fact]
    public async Task What_the_role_or_the_host_does_not_want_is_not_recorded()
    {
        Assert.Equal("off", Begin(AudioPolicy.None).Greeted());
        _options.Records.Audio = "none";
        Assert.Equal("off", Begin(AudioPolicy.Tracks).Greeted());
        _options.Records.Audio = "mixed";
        var recording = Begin(AudioPolicy.Tracks);
        recording.Answer(accepted: true);
        await recording.CloseAsync();
        Assert.Equal("mixed", Desk.Find(Id)![0].Tracks[0].Side);
        _options.Records.Audio = "tracks";
        _options.Records.Transcript = "redacted";
        Assert.Equal("off", Begin(AudioPolicy.Tracks).Greeted());
    }

    [Fact]
    public async Task A_transfer_pauses_it_or_takes_it_away_where_words_are_left_out()
    {
        var recording = Begin(AudioPolicy.Tracks);
        recording.Answer(accepted: true);
        Speak(recording, 50);
        recording.Use(new RoleRecords());
        Assert.Equal("off", recording.Greeted());
        recording.Use(new RoleRecords { Audio = AudioPolicy.Tracks });
        recording.Answer(accepted: true);
        Assert.Equal(["asked", "on", "off", "asked", "on"], _states);
        await UntilAsync(() => Desk.Find(Id) is not null);

        recording.Use(new RoleRecords { Transcript = TranscriptPolicy.Redacted });
        await UntilAsync(() => !Directory.Exists(Folder));
        recording.Use(new RoleRecords { Audio = AudioPolicy.Tracks });
        recording.Answer(accepted: true);
        Speak(recording, 50);
        await recording.CloseAsync();
        Assert.Equal("off", _states[^1]);
        Assert.False(Directory.Exists(Folder));
    }

    [Fact]
    public async Task What_was_cut_off_unheard_is_marked_in_seconds()
    {
        var recording = Begin(AudioPolicy.Tracks);
        recording.Answer(accepted: true);
        Speak(recording, 100);
        recording.Look(new TurnInput.PlayoutCleared("item_1", 1_500));
        _time.Advance(TimeSpan.FromMilliseconds(300));
        recording.Look(new TurnCommand.SendToModel(1, new ModelCommand.TruncateItem("item_2", 0, 100)));
        recording.Look(new TurnCommand.SendToModel(1, new ModelCommand.TruncateItem("item_1", 0, 1_100)));
        recording.Look(new TurnCommand.SendToModel(1, new ModelCommand.TruncateItem("item_1", 0, 100)));
        await recording.CloseAsync();
        Assert.Equal([new AudioMark(1.6, 2, "item_1")], Desk.Find(Id)![0].Marks);
    }

    [Fact]
    public async Task What_a_dead_host_left_is_ended_and_the_call_goes_on_in_other_files()
    {
        var recording = Begin(AudioPolicy.Tracks);
        recording.Answer(accepted: true);
        Speak(recording, 200);
        var caller = Path.Combine(Folder, "caller.opus");
        await UntilAsync(() => Desk.Find(Id)?[0].Tracks is [{ Seconds: > 1 }, _]);

        // As the process dies: the folder as it is at this moment, a page torn.
        var copy = Directory.CreateDirectory(Path.Combine(_data, "copy")).FullName;
        foreach (var file in Directory.GetFiles(Folder))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }

        await recording.CloseAsync();
        Directory.Delete(Folder, recursive: true);
        Directory.Move(copy, Folder);
        await File.AppendAllBytesAsync(caller, [.. "OggS"u8, 0, 0, 1, 2, 3], Cancellation);
        Assert.Equal("on", Desk.Find(Id)![0].State);
        Desk.CloseLeft(Id);
        var before = Assert.Single(Desk.Find(Id)!);
        Assert.Equal("interrupted", before.State);
        Assert.All(before.Tracks, t => Assert.InRange(t.Seconds, 0.9, 4));

        var revived = Begin(AudioPolicy.Tracks, revived: true);
        revived.Answer(accepted: true);
        Speak(revived, 50);
        await revived.CloseAsync();
        Assert.Equal(["caller.opus", "caller-2.opus"], Desk.Find(Id)!.Select(p => p.Tracks[0].Name));
        Assert.Equal(["interrupted", "complete"], Desk.Find(Id)!.Select(p => p.State));
    }

    [Fact]
    public async Task A_full_disk_ends_the_recording_once_and_what_is_written_stays()
    {
        await using var disk = await SmallDisk.MountAsync(128);
        _options.Data = disk.Folder;
        var desk = NewDesk();
        Assert.True(_memory.TryOpen(verified: true, out var memory));
        var recording = new CallRecording(desk, Id, new RoleRecords { Audio = AudioPolicy.Tracks }, memory, revived: false, Tell);
        recording.Answer(accepted: true);
        for (var i = 0; i < 400 && !States().Contains("failed"); i++)
        {
            Speak(recording, 50, 400);
            await Task.Delay(2, Cancellation);
        }

        await UntilAsync(() => desk.Find(Id)?[0].State == "failed");
        Speak(recording, 50, 400);
        await recording.CloseAsync();
        memory.Dispose();
        var part = Assert.Single(desk.Find(Id)!);
        Assert.Equal("its file could not be written", part.Why);
        Assert.All(part.Tracks, t => Assert.InRange(t.Seconds, 0.5, 60));
        Assert.Equal(["asked", "on", "failed"], States());
        Assert.Single(_log.Of(Id), l => l.Level == LogLevel.Error);
    }

    [Fact]
    public async Task A_recording_that_is_as_large_as_it_may_be_ends_whole_and_says_so_once()
    {
        const long Bound = 200_000;
        var desk = NewDesk(Bound);
        Assert.True(_memory.TryOpen(verified: true, out var memory));
        var recording = new CallRecording(desk, Id, new RoleRecords { Audio = AudioPolicy.Tracks }, memory, revived: false, Tell);
        recording.Answer(accepted: true);
        await UntilAsync(() =>
        {
            Speak(recording, 25, 400);
            return States().Contains("failed");
        });
        await UntilAsync(() => desk.Find(Id)![0].State == "failed");
        var size = desk.Find(Id)![0].Tracks.Sum(t => t.Bytes);
        Speak(recording, 200, 400);
        await recording.CloseAsync();
        var part = Assert.Single(desk.Find(Id)!);
        Assert.Equal("its files were as large as they may be", part.Why);

        // What was on its way when the bound was reached is in them: at most both rings.
        Assert.InRange(size, Bound, Bound + (3 * RecordingRing.Size));
        Assert.Equal(size, part.Tracks.Sum(t => t.Bytes));
        Assert.All(part.Tracks, t => Assert.InRange(t.Seconds, 4, 20));
        Assert.Equal(part.Tracks[0].Seconds, part.Tracks[1].Seconds, 0.021);
        Assert.Equal(["asked", "on", "failed"], States());
        Assert.Single(_log.Of(Id), l => l.Level == LogLevel.Error);
        Assert.Equal(512L << 20, Desk.MaxBytes);
        memory.Dispose();
    }

    [Fact]
    public async Task Twelve_hours_of_silence_are_twelve_hours_long_and_ten_megabytes()
    {
        var recording = Begin(AudioPolicy.Tracks);
        recording.Answer(accepted: true);
        await UntilAsync(() => Desk.Find(Id) is not null);
        Speak(recording, 50);
        _time.Advance(TimeSpan.FromHours(12));
        Speak(recording, 50);
        await recording.CloseAsync();
        var part = Assert.Single(Desk.Find(Id)!);
        Assert.Equal("complete", part.State);
        Assert.All(part.Tracks, t => Assert.Equal((12 * 3_600) + 2, t.Seconds, 0.5));
        Assert.All(part.Tracks, t => Assert.InRange(t.Bytes, 1_000_000, 10_000_000));
    }

    [Fact]
    public void The_audio_path_allocates_nothing_and_what_finds_no_room_is_counted()
    {
        var recording = Begin(AudioPolicy.Tracks);
        recording.Answer(accepted: true);
        recording.Caller(7, 0, Frame);
        recording.Agent(0, Frame);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (uint i = 1; i < 1_000; i++)
        {
            recording.Caller(7, i * 960, Frame);
            recording.Agent(i * 960, Frame);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        var ring = new RecordingRing();
        var packet = new byte[RecordingRing.MaxPayload];
        var taken = 0;
        for (uint i = 0; i < 100; i++)
        {
            packet.AsSpan().Fill((byte)i);
            ring.Add(TimeSpan.FromTicks(i), i, i * 2, packet.AsSpan(0, (int)(i * 15)));
        }

        Assert.InRange(ring.Dropped, 1, 99);
        var buffer = new byte[RecordingRing.MaxPayload];
        while (ring.Take(buffer, out var at, out var source, out var timestamp) is >= 0 and var length)
        {
            Assert.Equal(((uint)at.Ticks, source * 2, (int)source * 15), (source, timestamp, length));
            Assert.All(buffer[..length], b => Assert.Equal((byte)source, b));
            taken++;
        }

        Assert.Equal(100, taken + ring.Dropped);
        ring.Add(default, 1, 1, new byte[RecordingRing.MaxPayload + 1]);
        Assert.Equal(-1, ring.Take(buffer, out _, out _, out _));
    }

    [Fact]
    public async Task A_ring_of_two_threads_loses_and_mixes_nothing()
    {
        var ring = new RecordingRing();
        const int Packets = 200_000;
        var adding = Task.Run(
            () =>
            {
                var packet = new byte[64];
                for (uint i = 0; i < Packets; i++)
                {
                    packet.AsSpan().Fill((byte)i);
                    var lost = ring.Dropped;
                    do
                    {
                        ring.Add(default, i, i, packet.AsSpan(0, (int)(i % 64)));
                    }
                    while (ring.Dropped > lost++);
                }
            },
            Cancellation);
        var buffer = new byte[RecordingRing.MaxPayload];
        for (uint next = 0; next < Packets;)
        {
            if (ring.Take(buffer, out _, out var source, out _) is >= 0 and var length)
            {
                Assert.Equal((next, (int)(next % 64)), (source, length));
                Assert.True(buffer.AsSpan(0, length).IndexOfAnyExcept((byte)next) < 0);
                next++;
            }
        }

        await adding;
    }

    [Fact]
    public void Only_Opus_is_kept()
    {
        var recording = Begin(AudioPolicy.Tracks);
        recording.Negotiated("PCMU");
        recording.Answer(accepted: true);
        Assert.Equal(["asked", "failed"], _states);
        Assert.False(Directory.Exists(Folder));
    }

    private RecordingDesk NewDesk(long? maxBytes = null)
    {
        var options = Options.Create(_options);
        var logger = _loggers.CreateLogger<RecordingDesk>();
        return maxBytes is { } most ? new(new CallFiles(options), _clock, _metrics, options, logger) { MaxBytes = most }
            : new(new CallFiles(options), _clock, _metrics, options, logger);
    }

    private CallRecording Begin(AudioPolicy audio, bool revived = false)
    {
        Assert.True(_memory.TryOpen(verified: true, out var memory));
        return new CallRecording(Desk, Id, new RoleRecords { Audio = audio }, memory, revived, Tell);
    }

    private void Tell(string state)
    {
        lock (_states)
        {
            _states.Add(state);
        }
    }

    private List<string> States()
    {
        lock (_states)
        {
            return [.. _states];
        }
    }

    private void Speak(CallRecording recording, int packets, int bytes = 4)
    {
        var packet = new byte[bytes];
        Frame.CopyTo(packet, 0);
        packet.AsSpan(3).Fill(0x55);
        for (var i = 0; i < packets; i++)
        {
            recording.Caller(7, _timestamp, packet);
            recording.Agent(_timestamp, packet);
            _timestamp += 960;
            _time.Advance(TimeSpan.FromMilliseconds(20));
        }
    }

    private static int Count(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> what)
    {
        var count = 0;
        for (var at = bytes.IndexOf(what); at >= 0; at = bytes.IndexOf(what))
        {
            count++;
            bytes = bytes[(at + what.Length)..];
        }

        return count;
    }

    // The writing task waits for virtual time.
    private async Task UntilAsync(Func<bool> condition)
    {
        var patience = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(patience.Elapsed < TimeSpan.FromSeconds(20), "It did not become so.");
            _time.Advance(TimeSpan.FromMilliseconds(1));
            await Task.Delay(1, Cancellation);
        }
    }
}
