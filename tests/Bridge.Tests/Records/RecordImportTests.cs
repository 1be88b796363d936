using System.Text.Json;
using Bridge.Realtime.Model;
using Bridge.Records;
using Bridge.Records.Sql;

namespace Bridge.Tests.Records;

/// <summary>Records of versions that kept files, and records as JSON Lines.</summary>
public sealed class RecordImportTests : IAsyncLifetime
{
    private const string Id = "0123456789abcdef";
    private readonly string _folder = Directory.CreateTempSubdirectory("bridge-import-").FullName;
    private SqlCallStore _store = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Day => Path.Combine(_folder, "calls", "2026-11-30");

    public async ValueTask InitializeAsync()
    {
        _store = new SqlCallStore(new SqliteDialect(Path.Combine(_folder, "records.db")), TimeProvider.System);
        await _store.OpenAsync(Cancellation);
        Directory.CreateDirectory(Day);
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_file_of_an_earlier_version_is_taken_over_whole_and_removed()
    {
        var log = JsonSerializer.Deserialize<JsonElement>(
            """{"version":1,"entries":[{"fact":"item","item":{"id":"u1","kind":"userMessage","text":"two gyoza please","imageUrl":"ID-1.png"}}]}""".Replace("ID", Id, StringComparison.Ordinal));
        await WriteAsync(new CallRecord(
            Id, "waiter", "some-model", DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddMinutes(1), "hangup", "A recap.",
            [new CallNote("n1", DateTimeOffset.UnixEpoch, "Order", "Two gyoza.", null)], new ModelUsage { OutputText = 3 }, 0.25m, log));
        await File.WriteAllBytesAsync(Path.Combine(Day, Id + "-1.png"), [1, 2, 3], Cancellation);

        Assert.Equal((1, 0), await new FileImport(_store).RunAsync(Path.Combine(_folder, "calls"), Cancellation));
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(_folder, "calls")));
        var record = (await _store.FindAsync(Id, Cancellation))!;
        Assert.Equal(("waiter", "hangup", "A recap.", 0.25m, 3), (record.Role, record.Reason, record.Recap, record.Cost, record.Usage.OutputText));
        Assert.Equal("Two gyoza.", Assert.Single(record.Notes).Text);
        Assert.Contains("two gyoza please", record.Conversation!.Value.GetRawText(), StringComparison.Ordinal);
        Assert.Equal([1, 2, 3], (await _store.FindImageAsync(Id, Id + "-1.png", Cancellation))!.Bytes);
        Assert.Single(await _store.ListAsync(new CallQuery { Words = "please" }, Cancellation));
    }

    [Fact]
    public async Task A_call_that_never_ended_is_taken_over_as_interrupted()
    {
        await WriteAsync(new CallRecord(Id, "waiter", "some-model", DateTimeOffset.UnixEpoch, null, null, null, [], default, null, null));
        Assert.Equal((1, 0), await new FileImport(_store).RunAsync(Path.Combine(_folder, "calls"), Cancellation));
        Assert.Equal("interrupted", (await _store.FindAsync(Id, Cancellation))!.Reason);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"id":"../x","role":"r","model":"m","notes":[]}""")]
    [InlineData("""{"id":"0123456789abcdef","role":"r","model":"m","notes":[null]}""")]
    public async Task A_file_that_is_no_record_stays(string text)
    {
        await File.WriteAllTextAsync(Path.Combine(Day, Id + ".json"), text, Cancellation);
        Assert.Equal((0, 1), await new FileImport(_store).RunAsync(Path.Combine(_folder, "calls"), Cancellation));
        Assert.True(File.Exists(Path.Combine(Day, Id + ".json")));
    }

    [Fact]
    public async Task What_is_exported_is_imported_again_as_it_was()
    {
        await WriteAsync(new CallRecord(
            Id, "waiter", "some-model", DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddMinutes(1), "hangup", null,
            [new CallNote("n1", DateTimeOffset.UnixEpoch, null, "Two\ngyoza.", null)], default, null, null));
        await new FileImport(_store).RunAsync(Path.Combine(_folder, "calls"), Cancellation);
        using var lines = new MemoryStream();
        var query = new CallQuery();
        Assert.Equal(1, await RecordExport.WriteAsync(_store, query, await _store.ListAsync(query, Cancellation), lines, Cancellation));
        var line = Assert.Single(System.Text.Encoding.UTF8.GetString(lines.ToArray()).TrimEnd('\n').Split('\n'));
        await _store.EraseAsync(new Erasure.OfCall(Id), DateTimeOffset.UnixEpoch, Cancellation);
        Assert.True(await _store.ImportAsync(JsonSerializer.Deserialize<CallRecord>(line, CallRecord.Json)!, [], Cancellation));
        Assert.False(await _store.ImportAsync(JsonSerializer.Deserialize<CallRecord>(line, CallRecord.Json)!, [], Cancellation));
        Assert.Equal(line, JsonSerializer.Serialize(await _store.FindAsync(Id, Cancellation), CallRecord.JsonLine));
    }

    private Task WriteAsync(CallRecord record) =>
        File.WriteAllTextAsync(Path.Combine(Day, record.Id + ".json"), JsonSerializer.Serialize(record, CallRecord.Json), Cancellation);
}
