using System.Net;
using System.Text;
using Bridge.Transport;

namespace Bridge.Tests;

/// <summary>The echo for anybody's client, by its HTTP side (after RFC 9725 §4.2). Its sound is tested by tests/Interop.</summary>
public sealed class LabEchoTests
{
    private static readonly HttpClient Http = new();
    private static readonly string Offer = File.ReadAllText(
        Path.Combine(Repository.Root, "tests", "Vectors", "sdp", "chromium-156-audio-data-offer.sdp"));

    [Fact]
    public async Task An_offer_is_answered_with_201_and_a_location_and_DELETE_there_ends_the_peer()
    {
        await using var host = await RunningHost.StartAsync(("Lab", "true"));
        var media = host.Get<MediaEndpoint>();
        using var answer = await PostAsync(host, Offer);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        Assert.Equal("application/sdp", answer.Content.Headers.ContentType!.MediaType);
        Assert.Contains(
            "webrtc-datachannel", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        var alive = media.PeerCount;
        using var ended = await Http.DeleteAsync(new Uri(host.Address, answer.Headers.Location!), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, ended.StatusCode);
        Assert.Equal(alive - 1, media.PeerCount);
        using var unknown = await Http.DeleteAsync(new Uri(host.Address, "/lab/echo/nobody"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
    }

    [Fact]
    public async Task What_is_no_offer_is_refused_with_a_sentence()
    {
        await using var host = await RunningHost.StartAsync(("Lab", "true"));
        await RefusesAsync(host, HttpStatusCode.UnsupportedMediaType, Offer, type: "text/plain");
        await RefusesAsync(host, HttpStatusCode.BadRequest, Offer, query: "?path=elsewhere");
        await RefusesAsync(host, HttpStatusCode.BadRequest, "v=0");
        await RefusesAsync(host, HttpStatusCode.BadRequest, Offer.Replace("a=ice-ufrag", "a=x", StringComparison.Ordinal));
        await RefusesAsync(host, HttpStatusCode.RequestEntityTooLarge, Offer + new string('a', 200_000));
    }

    [Fact]
    public async Task Without_the_switch_there_is_no_echo()
    {
        await using var host = await RunningHost.StartAsync();
        using var answer = await PostAsync(host, Offer);
        Assert.Contains(answer.StatusCode, new[] { HttpStatusCode.NotFound, HttpStatusCode.MethodNotAllowed });
    }

    private static async Task RefusesAsync(
        RunningHost host, HttpStatusCode status, string offer, string type = "application/sdp", string query = "")
    {
        using var answer = await PostAsync(host, offer, type, query);
        Assert.Equal(status, answer.StatusCode);
        Assert.EndsWith(".", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    private static async Task<HttpResponseMessage> PostAsync(
        RunningHost host, string offer, string type = "application/sdp", string query = "")
    {
        using StringContent content = new(offer, Encoding.UTF8);
        content.Headers.ContentType = new(type);
        return await Http.PostAsync(new Uri(host.Address, "/lab/echo" + query), content, TestContext.Current.CancellationToken);
    }
}
