using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Bridge.Calls;
using Bridge.Transport;

namespace Bridge.Tests;

public sealed class SignalingTests : IAsyncLifetime
{
    private RunningHost _host = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _host = await RunningHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task An_unknown_role_is_refused_by_name()
    {
        await using var hub = await HubClient.ConnectAsync(_host.Address, Cancellation);
        var (_, error) = await hub.InvokeAsync("Join", new { role = "nobody" }, Cancellation);
        Assert.Contains("unknown_role: There is no role \"nobody\".", error);
    }

    [Fact]
    public async Task An_offer_before_Join_is_refused_and_the_hub_goes_on()
    {
        await using var hub = await HubClient.ConnectAsync(_host.Address, Cancellation);
        var (_, error) = await hub.InvokeAsync("Offer", new { callId = "none", sdp = "v=0" }, Cancellation);
        Assert.Contains("unknown_call: This connection has no such call; call Join first.", error);
        var (joined, none) = await hub.InvokeAsync("Join", new { role = "demo" }, Cancellation);
        Assert.Null(none);
        Assert.Equal("rehearsal", joined.GetProperty("model").GetProperty("kind").GetString());
    }

    [Theory]
    [InlineData("no sdp at all")]
    [InlineData("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n")]
    [InlineData("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n")]
    public async Task A_malformed_offer_is_refused_with_a_sentence_and_the_call_takes_a_good_one_after_it(string sdp)
    {
        await using var hub = await HubClient.ConnectAsync(_host.Address, Cancellation);
        var (joined, _) = await hub.InvokeAsync("Join", new { role = "demo" }, Cancellation);
        var callId = joined.GetProperty("callId").GetString();
        var (_, error) = await hub.InvokeAsync("Offer", new { callId, sdp }, Cancellation);
        Assert.Matches("invalid_sdp: .+\\.$", error);
        var good = await ChromiumOfferAsync();
        var (answer, none) = await hub.InvokeAsync("Offer", new { callId, sdp = good }, Cancellation);
        Assert.Null(none);
        var text = answer.GetProperty("sdp").GetString()!;
        Assert.Contains("a=ice-lite", text);
        Assert.Contains("a=setup:passive", text);
        Assert.Contains($" {_host.Get<MediaEndpoint>().Port} typ host", text);
    }

    [Fact]
    public async Task Start_joins_and_answers_in_one_message_and_the_call_takes_another_offer()
    {
        await using var hub = await HubClient.ConnectAsync(_host.Address, Cancellation);
        var start = new { join = new { role = "demo" }, sdp = await ChromiumOfferAsync() };
        var (started, none) = await hub.InvokeAsync("Start", start, Cancellation);
        Assert.Null(none);
        Assert.Contains("a=ice-lite", started.GetProperty("sdp").GetString());
        var join = started.GetProperty("join");
        Assert.False(join.GetProperty("resumed").GetBoolean());
        Assert.NotEmpty(join.GetProperty("resumeToken").GetString()!);
        var callId = join.GetProperty("callId").GetString();
        var (again, refused) = await hub.InvokeAsync("Offer", new { callId, sdp = await ChromiumOfferAsync() }, Cancellation);
        Assert.Null(refused);
        Assert.Contains("a=ice-lite", again.GetProperty("sdp").GetString());
    }

    [Fact]
    public async Task A_start_whose_offer_is_refused_leaves_no_call_behind()
    {
        await using var hub = await HubClient.ConnectAsync(_host.Address, Cancellation);
        var (_, error) = await hub.InvokeAsync("Start", new { join = new { role = "demo" }, sdp = "no sdp at all" }, Cancellation);
        Assert.Matches("invalid_sdp: .+\\.$", error);
        var ended = await hub.ExpectAsync("CallEnded", Cancellation);
        Assert.Equal("hangup", ended.GetProperty("reason").GetString());
        Assert.Empty(_host.Get<CallRegistry>().Calls);
    }

    [Theory]
    [InlineData("{\"join\":{\"role\":\"nobody\"},\"sdp\":\"v=0\"}", "unknown_role")]
    [InlineData("{\"join\":{\"role\":\"\"},\"sdp\":\"v=0\"}", "invalid_request")]
    [InlineData("{\"join\":{\"role\":\"demo\"},\"sdp\":\"\"}", "invalid_request")]
    [InlineData("{\"join\":{\"role\":\"demo\",\"attributes\":{\"a\":null}},\"sdp\":\"v=0\"}", "invalid_request")]
    [InlineData("{\"join\":{\"role\":\"demo\",\"resumeToken\":\"x\",\"resumeOnly\":true},\"sdp\":\"v=0\"}", "call_over")]
    [InlineData("{\"sdp\":\"v=0\"}", "invalid_request")]
    public async Task Start_is_held_to_the_rules_of_Join_and_Offer(string request, string code)
    {
        await using var hub = await HubClient.ConnectAsync(_host.Address, Cancellation);
        var (_, error) = await hub.InvokeAsync("Start", JsonDocument.Parse(request).RootElement, Cancellation);
        Assert.Contains(code + ": ", error);
        Assert.Empty(_host.Get<CallRegistry>().Calls);
    }

    [Fact]
    public async Task A_request_that_breaks_its_rule_is_refused_before_the_host_sees_it()
    {
        await using var hub = await HubClient.ConnectAsync(_host.Address, Cancellation);
        var (_, error) = await hub.InvokeAsync("Join", new { role = new string('x', 200) }, Cancellation);
        Assert.Contains("invalid_request:", error);
    }

    [Theory]
    [InlineData("en_US")]
    [InlineData("en-US@posix")]
    [InlineData("en-US-u-ca-gregory-nu-latn-hc-h23-co-phonebk-x")]
    [InlineData("")]
    public async Task A_locale_that_is_none_is_no_reason_to_refuse_a_call(string locale)
    {
        await using var hub = await HubClient.ConnectAsync(_host.Address, Cancellation);
        var (_, error) = await hub.InvokeAsync("Join", new { role = "demo", locale, timeZone = "no zone!" }, Cancellation);
        Assert.Null(error);
    }

    [Fact]
    public async Task An_attribute_that_is_too_long_is_named()
    {
        await using var hub = await HubClient.ConnectAsync(_host.Address, Cancellation);
        var (_, error) = await hub.InvokeAsync(
            "Join", new { role = "demo", attributes = new { name = "Ada", cart = new string('x', 1_100) } }, Cancellation);
        Assert.Contains("invalid_request: The attribute 'cart' has 1100 characters; its value may have 1024.", error);
    }

    [Fact]
    public async Task Somebody_elses_call_is_out_of_reach()
    {
        await using var mine = await HubClient.ConnectAsync(_host.Address, Cancellation);
        await using var other = await HubClient.ConnectAsync(_host.Address, Cancellation);
        var (joined, _) = await mine.InvokeAsync("Join", new { role = "demo" }, Cancellation);
        var callId = joined.GetProperty("callId").GetString();
        var (_, error) = await other.InvokeAsync("Hangup", new { callId }, Cancellation);
        Assert.Contains("unknown_call:", error);
    }

    [Theory]
    [InlineData("/signal/negotiate")]
    [InlineData("/SIGNAL/negotiate")]
    public async Task A_page_that_was_not_invited_is_refused_however_it_spells_the_hub(string path)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_host.Address, path + "?negotiateVersion=1"));
        request.Headers.Add("Origin", "https://evil.example");
        using var answer = await client.SendAsync(request, Cancellation);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Contains("--origin https://evil.example", await answer.Content.ReadAsStringAsync(Cancellation));
    }

    [Fact]
    public async Task A_tab_that_takes_the_call_over_is_announced_to_the_one_that_had_it()
    {
        await using var first = await HubClient.ConnectAsync(_host.Address, Cancellation);
        await using var copy = await HubClient.ConnectAsync(_host.Address, Cancellation);
        var (joined, _) = await first.InvokeAsync("Join", new { role = "demo" }, Cancellation);
        var (taken, error) = await copy.InvokeAsync(
            "Join", new { role = "demo", resumeToken = joined.GetProperty("resumeToken").GetString() }, Cancellation);
        Assert.Null(error);
        Assert.True(taken.GetProperty("resumed").GetBoolean());
        var notice = await first.ExpectAsync("CallEnded", Cancellation);
        Assert.Equal("replaced", notice.GetProperty("reason").GetString());
        Assert.Equal(joined.GetProperty("callId").GetString(), notice.GetProperty("callId").GetString());
        Assert.Equal(notice.GetProperty("callId").GetString(), Assert.Single(_host.Get<CallRegistry>().Calls).Id);
    }

    [Fact]
    public async Task Hangup_ends_the_call_and_tells_the_page()
    {
        await using var hub = await HubClient.ConnectAsync(_host.Address, Cancellation);
        var (joined, _) = await hub.InvokeAsync("Join", new { role = "demo" }, Cancellation);
        var callId = joined.GetProperty("callId").GetString();
        await hub.InvokeAsync("Hangup", new { callId }, Cancellation);
        var notice = await hub.ExpectAsync("CallEnded", Cancellation);
        Assert.Equal(callId, notice.GetProperty("callId").GetString());
        Assert.Equal("hangup", notice.GetProperty("reason").GetString());
        Assert.Empty(_host.Get<CallRegistry>().Calls);
    }

    [Fact]
    public async Task Noise_on_the_media_port_is_dropped_and_counted()
    {
        var media = _host.Get<MediaEndpoint>();
        var target = new IPEndPoint(media.Candidates[0].Address.ToIPAddress(), media.Port);
        using var socket = new Socket(target.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        var random = new Random(7);
        var noise = new byte[600];
        for (var i = 0; i < 500; i++)
        {
            random.NextBytes(noise);
            socket.SendTo(noise.AsSpan(0, 1 + random.Next(noise.Length - 1)), SocketFlags.None, target.Serialize());
        }

        while (media.Unclaimed.Total < 400)
        {
            Cancellation.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        await using var hub = await HubClient.ConnectAsync(_host.Address, Cancellation);
        var (_, error) = await hub.InvokeAsync("Join", new { role = "demo" }, Cancellation);
        Assert.Null(error);
    }

    private static Task<string> ChromiumOfferAsync() =>
        File.ReadAllTextAsync(Path.Combine(Repository.Root, "tests", "Vectors", "sdp", "chromium-156-audio-data-offer.sdp"), Cancellation);
}
