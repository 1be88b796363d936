using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Bridge.Tests.Stops;

namespace Bridge.Tests.Recordings;

/// <summary>A recorded call of the real host: what operators get of it, and that it is gone once it is erased.</summary>
public sealed class AudioApiTests : IAsyncLifetime
{
    private const string Key = "operators-have-this-key-of-32-characters";
    private readonly string _data = Directory.CreateTempSubdirectory("bridge-audio-").FullName;
    private RunningHost _host = null!;
    private HttpClient _http = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var role = Directory.CreateDirectory(Path.Combine(_data, "roles", "kept")).FullName;
        await File.WriteAllTextAsync(
            Path.Combine(role, "role.yaml"), "name: Kept\ndescription: Its sound is kept.\nrecords: { audio: tracks }\n", Cancellation);
        await File.WriteAllTextAsync(Path.Combine(role, "agent.instruct"), "Be brief.\n", Cancellation);
        _host = await RunningHost.StartAsync(
            ("Data", _data), ("Roles", Path.Combine(_data, "roles")), ("Loopback", "true"), ("Access:OperatorKey", Key));
        _http = new HttpClient { BaseAddress = _host.Address, Timeout = TimeSpan.FromSeconds(20) };
        _http.DefaultRequestHeaders.Authorization = new("Bearer", Key);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _host.DisposeAsync();
        Directory.Delete(_data, recursive: true);
    }

    [Fact]
    public async Task A_recording_is_found_fetched_in_ranges_and_erased_with_its_call()
    {
        var id = await CallAsync(answer: true);
        var record = JsonDocument.Parse(await _http.GetStringAsync($"/api/calls/{id}", Cancellation)).RootElement;
        var part = Assert.Single(record.GetProperty("audio").EnumerateArray());
        Assert.Equal("complete", part.GetProperty("state").GetString());
        var tracks = part.GetProperty("tracks").EnumerateArray().ToList();
        Assert.Equal(["caller.opus", "agent.opus"], tracks.Select(t => t.GetProperty("name").GetString()));
        Assert.All(tracks, t => Assert.InRange(t.GetProperty("seconds").GetDouble(), 0.5, 60));
        var listed = await _http.GetStringAsync($"/api/calls/{id}/audio", Cancellation);
        Assert.Equal(1, JsonDocument.Parse(listed).RootElement.GetArrayLength());

        var path = $"/api/calls/{id}/audio/agent.opus";
        using var whole = await _http.GetAsync(path, Cancellation);
        Assert.Equal("audio/ogg; codecs=opus", whole.Content.Headers.ContentType!.ToString());
        Assert.Equal("bytes", whole.Headers.AcceptRanges.ToString());
        var bytes = await whole.Content.ReadAsByteArrayAsync(Cancellation);
        Assert.True(bytes.AsSpan().StartsWith("OggS"u8));
        var tag = whole.Headers.ETag!;

        using var middle = await RangeAsync(path, new RangeHeaderValue(10, 19), new RangeConditionHeaderValue(tag));
        Assert.Equal(HttpStatusCode.PartialContent, middle.StatusCode);
        Assert.Equal($"bytes 10-19/{bytes.Length}", middle.Content.Headers.ContentRange!.ToString());
        Assert.Equal(bytes[10..20], await middle.Content.ReadAsByteArrayAsync(Cancellation));
        using var last = await RangeAsync(path, new RangeHeaderValue(null, 5));
        Assert.Equal(bytes[^5..], await last.Content.ReadAsByteArrayAsync(Cancellation));
        var otherTag = new RangeConditionHeaderValue(new EntityTagHeaderValue("\"other\""));
        using var changed = await RangeAsync(path, new RangeHeaderValue(10, 19), otherTag);
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
        Assert.Equal(bytes, await changed.Content.ReadAsByteArrayAsync(Cancellation));
        using var beyond = await RangeAsync(path, new RangeHeaderValue(bytes.Length, null));
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, beyond.StatusCode);
        Assert.Equal($"bytes */{bytes.Length}", beyond.Content.Headers.ContentRange!.ToString());
        using var head = await _http.SendAsync(new HttpRequestMessage(HttpMethod.Head, path), Cancellation);
        Assert.Equal(bytes.Length, head.Content.Headers.ContentLength);

        foreach (var other in new[] { "recording.jsonl", "caller-2.opus", "..%2F..%2Frecords.db", "x" })
        {
            Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(_http, $"/api/calls/{id}/audio/{other}"));
        }

        using var stranger = new HttpClient { BaseAddress = _host.Address };
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(stranger, path));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(stranger, $"/api/calls/{id}/audio"));

        Assert.True(Directory.Exists(Path.Combine(_data, "files", id)));
        using var erased = await _http.DeleteAsync($"/api/calls/{id}", Cancellation);
        Assert.Equal(HttpStatusCode.NoContent, erased.StatusCode);
        Assert.False(Directory.Exists(Path.Combine(_data, "files", id)));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(_http, path));
        Assert.Contains(id, await _http.GetStringAsync("/api/deletions", Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_that_never_speaks_of_recording_is_not_recorded()
    {
        var id = await CallAsync(answer: null);
        Assert.False(Directory.Exists(Path.Combine(_data, "files", id)));
        Assert.DoesNotContain("\"audio\":", await _http.GetStringAsync($"/api/calls/{id}", Cancellation), StringComparison.Ordinal);
    }

    private async Task<string> CallAsync(bool? answer)
    {
        await using var page = await ProgramPage.CallAsync(_host.Address, "kept", Cancellation);
        if (answer is { } accepted)
        {
            await page.AskAsync("page/recording", new { accepted }, Cancellation);
            Assert.Equal("on", (await page.UntilToldAsync("call/recording", Cancellation)).GetProperty("state").GetString());
        }

        await page.SayAsync("hello", Cancellation);
        await page.Ear.MoreAsync(40, Cancellation);
        await page.HangUpAsync(Cancellation);
        var id = page.CallId;
        while (JsonDocument.Parse(await _http.GetStringAsync($"/api/calls/{id}", Cancellation)).RootElement.GetProperty("ended").ValueKind
            == JsonValueKind.Null || _host.Get<Bridge.Calls.CallRegistry>().IsAlive(id))
        {
            await Task.Delay(20, Cancellation);
        }

        return id;
    }

    private async Task<HttpResponseMessage> RangeAsync(string path, RangeHeaderValue range, RangeConditionHeaderValue? condition = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Range = range;
        request.Headers.IfRange = condition;
        return await _http.SendAsync(request, Cancellation);
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient http, string path)
    {
        using var answer = await http.GetAsync(path, Cancellation);
        return answer.StatusCode;
    }
}
