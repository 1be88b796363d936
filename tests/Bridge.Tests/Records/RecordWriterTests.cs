using System.Diagnostics;
using Bridge.Metrics;
using Bridge.Realtime.Conversation;
using Bridge.Realtime.Model;
using Bridge.Records;
using Bridge.Records.Sql;
using Bridge.Roles;
using Bridge.Tests.Calls;
using Bridge.Tests.Stops;
using Bridge.Timing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Bridge.Tests.Records;

/// <summary>The queue in front of the store, with a store that is slow, away, full, or refuses something.</summary>
public sealed class RecordWriterTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly BridgeMetrics _metrics = new();
    private readonly MemoryStore _store = new();
    private readonly RecordLines _log = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _metrics.Dispose();

    [Fact]
    public async Task Facts_are_written_in_their_order_and_a_wait_ends_with_the_commit()
    {
        await using var writer = Writer();
        Assert.True(writer.Post(Begun("a1")));
        for (var i = 0; i < 2_000; i++)
        {
            Assert.True(writer.Post(Said("a1", i, "word")));
        }

        await writer.PostAsync(Ended("a1")).WaitAsync(Cancellation);
        Assert.Equal(Enumerable.Range(0, 2_000), _store.Written.OfType<RecordWrite.Entry>().Select(e => e.Number));
        Assert.InRange(_store.Attempts, 4, 2_002);
        Assert.Empty(_log.Ids);
    }

    [Fact]
    public void Facts_that_nobody_waits_for_are_gathered_and_a_wait_is_not_held_up_by_them()
    {
        var queue = new RecordQueue(1 << 20);
        TimeSpan Taking(params RecordTask[] tasks)
        {
            Assert.All(tasks, task => Assert.True(queue.TryAdd(task)));
            var start = Stopwatch.GetTimestamp();
            Assert.Equal(tasks, queue.Take());
            Assert.All(tasks, queue.Done);
            Assert.Null(queue.Oldest);
            return Stopwatch.GetElapsedTime(start);
        }

        RecordTask Fact(bool awaited) => new(Said("a1", 0, "word"), TimeSpan.Zero, awaited);
        var gathering = TimeSpan.FromMilliseconds(25);
        Assert.All(Enumerable.Range(0, 5), _ => Assert.True(Taking(Fact(false), Fact(false)) >= gathering));
        // The machine may be busy at one moment, not at all of them.
        Assert.Contains(Enumerable.Range(0, 50), _ => Taking(Fact(false), Fact(awaited: true)) < gathering);
    }

    [Fact]
    public async Task A_store_that_stands_still_is_seen_after_two_seconds_said_once_and_loses_nothing()
    {
        var disk = new TaskCompletionSource();
        _store.Disk = disk.Task;
        await using var writer = Writer();
        var written = writer.PostAsync(Begun("a1"));
        Assert.False(writer.IsDegraded);
        for (var i = 0; i < 10; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            writer.Post(Said("a1", i, "word"));
        }

        Assert.True(writer.IsDegraded);
        Assert.False(await writer.IsWellAsync());
        Assert.Equal([RecordLines.Degraded], _log.Ids);
        disk.SetResult();
        await written.WaitAsync(Cancellation);
        await writer.PostAsync(Ended("a1")).WaitAsync(Cancellation);
        Assert.Equal(10, _store.Written.OfType<RecordWrite.Entry>().Count());
        Assert.Equal([RecordLines.Degraded, RecordLines.Well], _log.Ids);
        Assert.True(await writer.IsWellAsync());
    }

    [Fact]
    public async Task A_look_while_the_end_of_trouble_is_being_logged_does_not_begin_it_anew()
    {
        var disk = new TaskCompletionSource();
        _store.Disk = disk.Task;
        await using var writer = Writer();
        var seen = true;
        var looking = new Thread(() => seen = writer.IsDegraded);
        _log.Told = id =>
        {
            if (id == RecordLines.Well)
            {
                looking.Start();
                SpinWait.SpinUntil(() => !looking.IsAlive || looking.ThreadState.HasFlag(System.Threading.ThreadState.WaitSleepJoin));
            }
        };
        var written = writer.PostAsync(Begun("a1"));
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.True(writer.IsDegraded);
        disk.SetResult();
        await written.WaitAsync(Cancellation);
        looking.Join();
        Assert.False(seen);
        Assert.Equal([RecordLines.Degraded, RecordLines.Well], _log.Ids);
        Assert.True(await writer.IsWellAsync());
    }

    [Fact]
    public async Task What_gathered_meanwhile_is_written_before_the_trouble_is_over()
    {
        var disk = new TaskCompletionSource();
        _store.Disk = disk.Task;
        await using var writer = Writer();
        var attempts = _store.Attempts;
        var first = writer.PostAsync(Begun("a1"));
        while (_store.Attempts == attempts)
        {
            await Task.Yield(); // it is being written; the others gather behind it
        }

        for (var i = 0; i < 10; i++)
        {
            writer.Post(Said("a1", i, "word"));
        }

        _time.Advance(TimeSpan.FromSeconds(10));
        var entriesAtEnd = -1;
        _log.Told = id => entriesAtEnd = id == RecordLines.Well ? _store.Written.OfType<RecordWrite.Entry>().Count() : entriesAtEnd;
        Assert.True(writer.IsDegraded);
        disk.SetResult();
        await first.WaitAsync(Cancellation);
        await writer.PostAsync(Ended("a1")).WaitAsync(Cancellation);
        Assert.Equal(10, entriesAtEnd);
        Assert.Equal([RecordLines.Degraded, RecordLines.Well], _log.Ids);
    }

    [Fact]
    public async Task A_host_without_calls_is_well_again_by_itself()
    {
        await using var writer = Writer();
        await Assert.ThrowsAsync<IOException>(
            () => writer.RunAsync<int>((_, _) => throw new IOException("The server is away.")).WaitAsync(Cancellation));
        Assert.True(writer.IsDegraded);
        while (writer.IsDegraded)
        {
            // The job's failure is told before the writer has done with it: the first look may find it there.
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.Equal([RecordLines.Degraded, RecordLines.Well], _log.Ids);
    }

    [Fact]
    public async Task A_store_that_is_away_has_its_facts_tried_again_and_a_note_is_not_saved_then_or_later()
    {
        await using var writer = Writer();
        await writer.PostAsync(Begun("a1")).WaitAsync(Cancellation);
        _store.Failure = new IOException("No space left on device.");
        writer.Post(Said("a1", 0, "word"));
        var refused = await Assert.ThrowsAsync<IOException>(() => writer.SaveAsync(Note("a1", "n1"), Cancellation).WaitAsync(Cancellation));
        Assert.Equal("No space left on device.", refused.Message);
        Assert.True(writer.IsDegraded);
        await Assert.ThrowsAsync<IOException>(
            () => writer.RunAsync((store, _) => store.FindAsync("a1", Cancellation)).WaitAsync(Cancellation));

        _store.Failure = null;
        await writer.PostAsync(Ended("a1")).WaitAsync(Cancellation);
        Assert.Single(_store.Written.OfType<RecordWrite.Entry>());
        Assert.Empty(Assert.Single(_store.Saved).Notes);
        Assert.Equal([RecordLines.Degraded, RecordLines.Well], _log.Ids);
    }

    [Fact]
    public async Task A_note_that_is_not_waited_for_any_more_is_not_saved()
    {
        var disk = new TaskCompletionSource();
        await using var writer = Writer();
        await writer.PostAsync(Begun("a1")).WaitAsync(Cancellation);
        _store.Disk = disk.Task;
        var attempts = _store.Attempts;
        using var patience = new CancellationTokenSource();
        var first = writer.SaveAsync(Note("a1", "n1"), patience.Token);
        while (_store.Attempts == attempts)
        {
            await Task.Yield(); // the first note is being written, the second waits behind it
        }

        var second = writer.SaveAsync(Note("a1", "n2"), patience.Token);
        await patience.CancelAsync();
        await Assert.ThrowsAsync<IOException>(() => first.WaitAsync(Cancellation));
        await Assert.ThrowsAsync<IOException>(() => second.WaitAsync(Cancellation));
        disk.SetResult();
        await writer.PostAsync(Ended("a1")).WaitAsync(Cancellation);
        Assert.Empty(Assert.Single(_store.Saved).Notes);
    }

    [Fact]
    public async Task A_fact_that_the_store_refuses_costs_itself_alone()
    {
        var disk = new TaskCompletionSource();
        _store.Disk = disk.Task;
        _store.Refuses = write => write is RecordWrite.Entry { Number: 3 };
        await using var writer = Writer();
        writer.Post(Begun("a1"));
        for (var i = 0; i < 6; i++)
        {
            writer.Post(Said("a1", i, "word"));
        }

        disk.SetResult();
        await writer.PostAsync(Ended("a1")).WaitAsync(Cancellation);
        Assert.Equal([0, 1, 2, 4, 5], _store.Written.OfType<RecordWrite.Entry>().Select(e => e.Number));
        Assert.Equal([RecordLines.Refused], _log.Ids);
        Assert.DoesNotContain("word", _log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_finds_no_room_is_told_and_counted()
    {
        var disk = new TaskCompletionSource();
        _store.Disk = disk.Task;
        await using var writer = Writer(maxBytes: 10_000);
        var kept = 0;
        while (writer.Post(Said("a1", kept, new string('x', 100))))
        {
            kept++;
        }

        Assert.InRange(kept, 10, 50);
        Assert.True(writer.IsDegraded);
        await Assert.ThrowsAsync<IOException>(() => writer.PostAsync(Ended("a1")));
        await Assert.ThrowsAsync<IOException>(() => writer.SaveAsync(Note("a1", "n1"), Cancellation));
        disk.SetResult();
        while (writer.Waiting > 0 || writer.IsDegraded)
        {
            await Task.Yield();
        }

        Assert.Contains("3 facts were lost", _log.Text, StringComparison.Ordinal);
        Assert.Equal(kept, _store.Written.Count);
    }

    [Fact]
    public async Task A_host_that_stops_writes_what_waits()
    {
        await using (var writer = Writer())
        {
            writer.Post(Begun("a1"));
            writer.Post(Ended("a1"));
        }

        Assert.Equal("hangup", Assert.Single(_store.Saved).Reason);
    }

    [Fact]
    public async Task A_call_goes_on_and_is_heard_while_its_store_stands_still_and_is_whole_in_the_end()
    {
        using var calls = new VirtualCalls();
        calls.Roles.Add("demo", "greeting: true\n", "greeting: Good day to you, and welcome to this long sentence of a greeting.\n");
        var disk = new TaskCompletionSource();
        var (call, page) = await calls.OpenAsync("demo");
        calls.Store.Disk = disk.Task;
        await calls.UntilAsync(call, () => page.Heard.Count >= 50, TimeSpan.FromSeconds(10));
        await page.AskAsync(2, "page/text", new { text = "are you there?" });
        var heard = page.Heard.Count;
        await calls.PassAsync(call, TimeSpan.FromSeconds(10));
        Assert.True(calls.Writer.IsDegraded);
        Assert.True(page.Heard.Count > heard, "The agent answers while the store stands still.");
        disk.SetResult();
        await calls.EndAsync(call, call.DisposeAsync());
        Assert.True(
            ConversationLog.TryParse(
                System.Text.Encoding.UTF8.GetBytes(Assert.Single(calls.Store.Saved).Conversation!.Value.GetRawText()), out var log));
        Assert.Contains(log.Items, item => item.Text == "are you there?");
        Assert.Contains(log.Items, item => item.Kind == ModelItemKind.AgentMessage);
    }

    [Fact]
    public async Task A_full_disk_loses_nothing_once_there_is_room_again()
    {
        await using var disk = await SmallDisk.MountAsync();
        await using var store = new SqlCallStore(new SqliteDialect(Path.Combine(disk.Folder, "records.db")), TimeProvider.System);
        await store.OpenAsync(Cancellation);
        await using var writer = new RecordWriter(
            store, 64 << 20, new HostClock(TimeProvider.System, new CallbackGuard(NullLogger<CallbackGuard>.Instance)), _metrics, _log);
        await writer.PostAsync(Begun("a1")).WaitAsync(Cancellation);
        disk.Fill();
        for (var i = 0; i < 40; i++)
        {
            writer.Post(Said("a1", i, new string((char)('a' + (i % 26)), 4_000)));
        }

        await Assert.ThrowsAsync<IOException>(() => writer.SaveAsync(Note("a1", "n1"), Cancellation).WaitAsync(Cancellation));
        Assert.True(writer.IsDegraded);
        disk.Clear();
        await writer.PostAsync(Ended("a1")).WaitAsync(Cancellation);
        var record = await store.FindAsync("a1", Cancellation);
        Assert.Equal(40, record!.Conversation!.Value.GetProperty("entries").GetArrayLength());
        Assert.Empty(record.Notes);
        Assert.Equal([RecordLines.Degraded, RecordLines.Well], _log.Ids);
    }

    private RecordWriter Writer(long maxBytes = 16 << 20) =>
        new(_store, maxBytes, new HostClock(_time, new CallbackGuard(NullLogger<CallbackGuard>.Instance)), _metrics, _log);

    private static RecordWrite.Begun Begun(string id) =>
        new(id, new CallOrigin("host", "waiter", "some-model", DateTimeOffset.UnixEpoch, null, null, []));

    private static RecordWrite.Ended Ended(string id) =>
        new(id, new CallClosing("waiter", DateTimeOffset.UnixEpoch, "hangup", null, 0, null));

    private static RecordWrite.Note Note(string id, string note) =>
        new(id, new CallNote(note, DateTimeOffset.UnixEpoch, null, "Two gyoza.", null));

    private static RecordWrite.Entry Said(string id, int number, string text) =>
        new(
            id,
            number,
            new ConversationEntry.ItemAdded(default, new ModelItem($"u{number}", ModelItemKind.UserMessage) { Text = text }, null),
            TranscriptPolicy.Yes);
}
