using System.Globalization;
using System.Runtime.Versioning;
using Bridge.Records;
using Bridge.Records.Sql;
using Microsoft.Data.Sqlite;

namespace Bridge.Tests.Records;

/// <summary>The store in one file.</summary>
public sealed class SqliteStoreTests : CallStoreTests
{
    private readonly string _folder = Directory.CreateTempSubdirectory("bridge-records-").FullName;

    private string File => Path.Combine(_folder, "data", "records.db");

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Its_files_are_its_users_alone()
    {
        await WriteAsync(Begun("a1"));
        var files = Directory.GetFiles(Path.GetDirectoryName(File)!);
        Assert.True(files.Length > 1, "The write-ahead log is there while the file is open.");
        if (!OperatingSystem.IsWindows())
        {
            Assert.All(files, IsItsUsersAlone);
        }
    }

    [UnsupportedOSPlatform("windows")]
    private static void IsItsUsersAlone(string file) =>
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(file));

    [Fact]
    public async Task Erased_words_are_in_no_file_any_more()
    {
        await WholeAsync("a1", "anna", "quetschkommode");
        await WholeAsync("b1", "bernd", "zwiebelkuchen");
        Assert.True(Holds("quetschkommode"));
        await Store.EraseAsync(new Erasure.OfCaller("anna"), DateTimeOffset.UnixEpoch, Cancellation);
        Assert.False(Holds("quetschkommode"));
        Assert.True(Holds("zwiebelkuchen"));
    }

    [Fact]
    public async Task A_reader_that_keeps_the_log_holds_no_erasure_up_and_the_next_one_empties_it()
    {
        await WholeAsync("a1", "anna", "quetschkommode");
        await using (var reader = new SqliteConnection($"Data Source={File};Pooling=False"))
        {
            await reader.OpenAsync(Cancellation);
            await using var reading = reader.BeginTransaction(deferred: true);
            await using var look = new SqliteCommand("select count(*) from calls", reader, reading);
            Assert.Equal(1L, await look.ExecuteScalarAsync(Cancellation));
            Assert.Equal(["a1"], await Store.EraseAsync(new Erasure.OfCaller("anna"), DateTimeOffset.UnixEpoch, Cancellation));
            Assert.Null(await Store.FindAsync("a1", Cancellation));
            Assert.True(Holds("quetschkommode"), "The reader sees the call as it was.");
        }

        // As the sweep of each hour does.
        var sweep = new Erasure.Expired(DateTimeOffset.UnixEpoch, null);
        Assert.Empty(await Store.EraseAsync(sweep, DateTimeOffset.UnixEpoch, Cancellation));
        Assert.False(Holds("quetschkommode"));
    }

    [Fact]
    public async Task A_text_takes_in_the_file_no_more_than_its_utf8_for_the_log_and_for_its_words()
    {
        var text = string.Concat(Enumerable.Repeat("日é<+'& ", 20_000));
        await WriteAsync(Begun("a1"), Said("a1", 0, "u1", text));
        var size = Directory.GetFiles(Path.GetDirectoryName(File)!).Sum(f => new FileInfo(f).Length);
        Assert.InRange(size, 0, (5 * System.Text.Encoding.UTF8.GetByteCount(text)) + 500_000);
        Assert.Contains(
            text[..1_000],
            (await Store.FindAsync("a1", Cancellation))!.Conversation!.Value.GetProperty("entries")[0].GetProperty("item")
                .GetProperty("text").GetString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_of_a_newer_program_is_refused_with_a_sentence()
    {
        await using (var connection = new SqliteConnection($"Data Source={File}"))
        {
            await connection.OpenAsync(Cancellation);
            await using var command = connection.CreateCommand();
            command.CommandText = "update schema_version set version = 1000";
            await command.ExecuteNonQueryAsync(Cancellation);
        }

        var refusal = await Assert.ThrowsAsync<IOException>(() => Store.OpenAsync(Cancellation));
        Assert.Equal(
            $"The records were written by a newer version of this program (schema 1000; this one knows {RecordSchema.Version}).",
            refusal.Message);
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_the_stores_trouble_and_no_defect()
    {
        var file = Path.Combine(_folder, "other.db");
        await System.IO.File.WriteAllTextAsync(file, new string('x', 10_000), Cancellation);
        await using var store = new SqlCallStore(new SqliteDialect(file), TimeProvider.System);
        await Assert.ThrowsAsync<IOException>(() => store.OpenAsync(Cancellation));
    }

    [Fact]
    public async Task A_word_of_thousands_of_lines_is_found_with_every_filter_and_page_by_page()
    {
        const int calls = 60;
        for (var i = 0; i < calls; i++)
        {
            var id = string.Create(CultureInfo.InvariantCulture, $"c{i:00}");
            var writes = new List<RecordWrite> { Begun(id, caller: i % 3 == 0 ? "anna" : "bernd") };
            for (var n = 0; n < 80; n++)
            {
                // Every call has the word, every second one another common word, every tenth a rare one.
                var (dish, rare) = (i % 2 == 0 ? "gyoza" : "soup", i % 10 == 0 ? i : 0);
                writes.Add(Said(
                    id, n, string.Create(CultureInfo.InvariantCulture, $"u{n}"),
                    string.Create(CultureInfo.InvariantCulture, $"sentence{n} {dish} uncommon{rare}")));
            }

            await WriteAsync([.. writes, Ended(id)]);
        }

        await FindsAsync("sentence", null, _ => true);
        await FindsAsync("sent", "anna", i => i % 3 == 0);
        await FindsAsync("sentence gyoza", null, i => i % 2 == 0);
        await FindsAsync("gyoza sentence", "anna", i => i % 6 == 0);
        await FindsAsync("sentence uncommon30", null, i => i == 30);
        await FindsAsync("gyoza soup", null, _ => false);
        await FindsAsync("entence", null, _ => false);

        async Task FindsAsync(string words, string? caller, Predicate<int> expected)
        {
            var found = new List<string>();
            IReadOnlyList<CallRecord> page;
            do
            {
                page = await Store.ListAsync(
                    new CallQuery
                    {
                        Words = words, Caller = caller, Most = 7, After = found.Count > 0 ? new CallPlace(Start, found[^1]) : null,
                    },
                    Cancellation);
                found.AddRange(page.Select(c => c.Id));
            }
            while (page.Count == 7);

            var wanted = Enumerable.Range(0, calls).Where(i => expected(i)).Reverse()
                .Select(i => string.Create(CultureInfo.InvariantCulture, $"c{i:00}"));
            Assert.Equal(wanted, found);
        }
    }

    private protected override Task<ICallStore> OpenAsync() =>
        Task.FromResult<ICallStore>(new SqlCallStore(new SqliteDialect(File), TimeProvider.System));

    private bool Holds(string word) => Directory.GetFiles(Path.GetDirectoryName(File)!)
        .Any(file => System.Text.Encoding.Latin1.GetString(Read(file)).Contains(word, StringComparison.OrdinalIgnoreCase));

    private static byte[] Read(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
