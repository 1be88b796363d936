using System.Net;
using System.Text.Json;
using Bridge.Realtime.Conversation;
using Bridge.Realtime.Model;
using Bridge.Records;
using Bridge.Tests.Stops;

namespace Bridge.Tests.Records;

/// <summary>Finding, exporting and erasing by HTTP, and what the command line exports and takes in again.</summary>
public sealed class RecordApiTests : IAsyncLifetime
{
    private const string Key = "operators-have-this-key-of-32-characters";
    private static readonly DateTimeOffset Begin = new(2026, 11, 1, 8, 0, 0, TimeSpan.Zero);

    private readonly string _data = Directory.CreateTempSubdirectory("bridge-records-").FullName;
    private RunningHost _host = null!;
    private HttpClient _http = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _host = await RunningHost.StartAsync(("Data", _data), ("Loopback", "true"), ("Access:OperatorKey", Key));
        _http = new HttpClient { BaseAddress = _host.Address, Timeout = TimeSpan.FromSeconds(20) };
        _http.DefaultRequestHeaders.Authorization = new("Bearer", Key);
        await KeepAsync("a1", 0, "waiter", "ada", "hangup", 0.10m, "Two gyoza please.");
        await KeepAsync("a2", 1, "waiter", "ada", "failed", 0.20m, "A table at the window.");
        await KeepAsync("b1", 2, "guide", "bob", "hangup", 0.30m, "Where is the museum?");
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _host.DisposeAsync();
        Directory.Delete(_data, recursive: true);
    }

    [Theory]
    [InlineData("GET", "/api/calls")]
    [InlineData("GET", "/api/calls/export")]
    [InlineData("GET", "/api/calls/a1")]
    [InlineData("GET", "/api/calls/a1/images/one")]
    [InlineData("GET", "/api/deletions")]
    [InlineData("DELETE", "/api/calls/a1")]
    [InlineData("DELETE", "/api/callers/ada")]
    public async Task Nobody_but_an_operator_reads_or_erases(string method, string path)
    {
        using var stranger = new HttpClient { BaseAddress = _host.Address };
        foreach (var presented in new[] { null, "Bearer " + Key[1..] })
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path);
            request.Headers.TryAddWithoutValidation("Authorization", presented);
            using var answer = await stranger.SendAsync(request, Cancellation);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
            Assert.Empty(await answer.Content.ReadAsStringAsync(Cancellation));
        }

        Assert.Equal(["b1", "a2", "a1"], await IdsAsync(""));
    }

    [Theory]
    [InlineData("", "b1 a2 a1")]
    [InlineData("?q=gyoza", "a1")]
    [InlineData("?q=GYO", "a1")]
    [InlineData("?q=nothing", "")]
    [InlineData("?role=waiter", "a2 a1")]
    [InlineData("?caller=bob", "b1")]
    [InlineData("?model=some-model", "b1 a2 a1")]
    [InlineData("?model=other", "")]
    [InlineData("?reason=failed", "a2")]
    [InlineData("?from=2026-11-01T08:00:30Z", "b1 a2")]
    [InlineData("?to=2026-11-01T08:01:30Z", "a2 a1")]
    [InlineData("?minCost=0.15&maxCost=0.25", "a2")]
    [InlineData("?role=waiter&q=table&caller=ada", "a2")]
    public async Task Calls_are_listed_and_exported_by_each_filter(string filter, string expected)
    {
        Assert.Equal(expected, string.Join(' ', await IdsAsync(filter)));
        using var answer = await _http.GetAsync("/api/calls/export" + filter, Cancellation);
        Assert.Equal("application/jsonl", answer.Content.Headers.ContentType!.MediaType);
        var lines = (await answer.Content.ReadAsStringAsync(Cancellation)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(expected, string.Join(' ', lines.Select(line => JsonSerializer.Deserialize<CallRecord>(line, CallRecord.Json)!.Id)));
        Assert.All(lines, line => Assert.NotNull(JsonSerializer.Deserialize<CallRecord>(line, CallRecord.Json)!.Conversation));
    }

    [Fact]
    public async Task Pages_of_a_list_follow_one_another_by_their_link()
    {
        var (next, seen) = ("/api/calls?most=2&role=waiter", new List<string>());
        while (next is not null)
        {
            using var answer = await _http.GetAsync(next, Cancellation);
            seen.AddRange(Ids(await answer.Content.ReadAsStringAsync(Cancellation)));
            next = answer.Headers.TryGetValues("Link", out var link) ? link.Single().Split('<', '>')[1] : null;
            Assert.True(seen.Count <= 2);
        }

        Assert.Equal(["a2", "a1"], seen);
    }

    [Theory]
    [InlineData("most=many")]
    [InlineData("from=yesterday")]
    [InlineData("minCost=cheap")]
    [InlineData("after=nowhere")]
    public async Task A_filter_that_is_none_is_refused_with_a_sentence(string query)
    {
        foreach (var path in new[] { "/api/calls?", "/api/calls/export?" })
        {
            using var answer = await _http.GetAsync(path + query, Cancellation);
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            Assert.Contains(query.Split('=')[0] + ":", await answer.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_call_and_a_caller_are_erased_once_and_the_deletion_log_says_so_without_content()
    {
        Assert.Equal(HttpStatusCode.NoContent, await DeleteAsync("/api/calls/b1"));
        Assert.Equal(HttpStatusCode.NotFound, await DeleteAsync("/api/calls/b1"));
        Assert.Equal(HttpStatusCode.NotFound, (await _http.GetAsync("/api/calls/b1", Cancellation)).StatusCode);
        using var erased = await _http.DeleteAsync("/api/callers/ada", Cancellation);
        Assert.Equal("""{"erased":2}""", await erased.Content.ReadAsStringAsync(Cancellation));
        Assert.Empty(await IdsAsync(""));
        Assert.Empty(await IdsAsync("?q=gyoza"));
        var log = await _http.GetStringAsync("/api/deletions", Cancellation);
        Assert.Equal(
            ["caller", "call"],
            JsonDocument.Parse(log).RootElement.EnumerateArray().Select(d => d.GetProperty("kind").GetString()));
        Assert.DoesNotContain("ada", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_that_runs_is_read_and_can_not_be_erased_nor_its_caller()
    {
        await using var page = await ProgramPage.CallAsync(_host.Address, "demo", Cancellation);
        await page.SayAsync("What is a role?", Cancellation);
        Assert.Equal(HttpStatusCode.Conflict, await DeleteAsync("/api/calls/" + page.CallId));
        while (!(await _http.GetStringAsync("/api/calls/" + page.CallId, Cancellation))
            .Contains("What is a role?", StringComparison.Ordinal))
        {
            await Task.Delay(20, Cancellation);
        }

        await page.HangUpAsync(Cancellation);
        while (await DeleteAsync("/api/calls/" + page.CallId) is var status && status != HttpStatusCode.NoContent)
        {
            // The page is told of the end before the call is released.
            Assert.Equal(HttpStatusCode.Conflict, status);
            await Task.Delay(20, Cancellation);
        }
    }

    [Fact]
    public async Task What_the_command_line_exports_beside_a_running_host_it_takes_into_an_empty_store()
    {
        var lines = await RunAsync(0, "records", "export", "--data", _data);
        var file = Path.Combine(_data, "calls.jsonl");
        await File.WriteAllTextAsync(file, lines + "\nno record\n", Cancellation);
        var other = Path.Combine(_data, "other");
        Assert.Contains(
            "3 calls were taken in; 1 could not be read.",
            await RunAsync(1, "records", "import", file, "--data", other),
            StringComparison.Ordinal);
        await File.WriteAllTextAsync(file, lines, Cancellation);
        Assert.Contains(
            "0 calls were taken in; 0 could not be read.",
            await RunAsync(0, "records", "import", file, "--data", other),
            StringComparison.Ordinal);
        Assert.Equal(lines, await RunAsync(0, "records", "export", "--data", other));
        Assert.Equal(3, lines.Split('\n').Length);
        Assert.Contains("There is no", await RunAsync(2, "records", "import", file + ".none", "--data", other),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_command_line_erases_calls_and_callers_with_their_files_beside_a_running_host()
    {
        foreach (var id in new[] { "a1", "a2", "b1", "c1" })
        {
            var folder = Directory.CreateDirectory(Path.Combine(_data, "files", id)).FullName;
            await File.WriteAllTextAsync(Path.Combine(folder, "caller.opus"), "sound", Cancellation);
        }

        Assert.Contains("Say which", await RunAsync(2, "records", "erase", "--data", _data), StringComparison.Ordinal);
        Assert.Contains(
            "There is no call 'c1' that is over.", await RunAsync(1, "records", "erase", "--call", "c1", "--data", _data),
            StringComparison.Ordinal);
        Assert.Equal(["b1", "a2", "a1"], await IdsAsync(""));
        Assert.Contains(
            "3 calls were erased.", await RunAsync(0, "records", "erase", "--call", "b1", "--caller", "ada", "--data", _data),
            StringComparison.Ordinal);
        Assert.Empty(await IdsAsync(""));
        Assert.Empty(await IdsAsync("?q=gyoza"));
        Assert.Equal(["c1"], Directory.GetDirectories(Path.Combine(_data, "files")).Select(Path.GetFileName));
        var log = await _http.GetStringAsync("/api/deletions", Cancellation);
        Assert.Equal(
            ["caller", "call"],
            JsonDocument.Parse(log).RootElement.EnumerateArray().Select(d => d.GetProperty("kind").GetString()));
        Assert.DoesNotContain("ada", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_command_line_does_not_erase_a_call_that_runs()
    {
        await using var page = await ProgramPage.CallAsync(_host.Address, "demo", Cancellation);
        while ((await _host.Get<ICallStore>().FindAsync(page.CallId, Cancellation)) is null)
        {
            await Task.Delay(20, Cancellation);
        }

        await RunAsync(1, "records", "erase", "--call", page.CallId, "--data", _data);
        Assert.NotNull(await _host.Get<ICallStore>().FindAsync(page.CallId, Cancellation));
        await page.HangUpAsync(Cancellation);
    }

    private static async Task<string> RunAsync(int code, params string[] arguments)
    {
        await using var program = BridgeProgram.Start(arguments);
        Assert.Equal(code, await program.ExitAsync(Cancellation));
        return program.Output;
    }

    private async Task<HttpStatusCode> DeleteAsync(string path)
    {
        using var answer = await _http.DeleteAsync(path, Cancellation);
        return answer.StatusCode;
    }

    private async Task<List<string>> IdsAsync(string filter) => Ids(await _http.GetStringAsync("/api/calls" + filter, Cancellation));

    private static List<string> Ids(string json) =>
        [.. JsonDocument.Parse(json).RootElement.EnumerateArray().Select(record => record.GetProperty("id").GetString()!)];

    private async Task KeepAsync(string id, int minute, string role, string caller, string reason, decimal cost, string said)
    {
        var log = new ConversationLog();
        log.Append(new ConversationEntry.ItemAdded(default, new ModelItem("u1", ModelItemKind.UserMessage) { Text = said }, null));
        var started = Begin.AddMinutes(minute);
        Assert.True(await _host.Get<ICallStore>().ImportAsync(
            new CallRecord(
                id, role, "some-model", started, started.AddSeconds(50), reason, null, [], default, cost,
                JsonSerializer.Deserialize<JsonElement>(log.ToJson())) { Caller = caller },
            [],
            Cancellation));
    }
}
