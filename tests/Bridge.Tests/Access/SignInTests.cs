using System.Net;
using Bridge.Calls;

namespace Bridge.Tests.Access;

/// <summary>The host's own pages behind an identity provider.</summary>
public sealed class SignInTests : IAsyncLifetime
{
    private SmallProvider _provider = null!;
    private RunningHost _host = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _provider = await SmallProvider.StartAsync();
        _host = await RunningHost.StartAsync(
            ("Access:Mode", "oidc"), ("Access:Oidc:Authority", _provider.Issuer), ("Access:Oidc:ClientId", "bridge"),
            ("Access:Oidc:ClientSecret", "a-secret-of-the-tests"), ("Access:Oidc:OperatorRole", "bridge-operators"));
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _provider.DisposeAsync();
    }

    [Fact]
    public async Task Somebody_who_has_not_signed_in_is_sent_to_the_provider_and_gets_no_call()
    {
        using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = _host.Address };
        foreach (var page in new[] { "/", "/call/demo", "/CALL/demo", "/roles/demo/page/index.js" })
        {
            using var answer = await http.GetAsync(page, Cancellation);
            Assert.Equal(HttpStatusCode.Found, answer.StatusCode);
            Assert.StartsWith(_provider.Issuer + "/authorize?", answer.Headers.Location!.ToString(), StringComparison.Ordinal);
        }

        using var roles = await http.GetAsync("/api/roles", Cancellation);
        Assert.Equal(HttpStatusCode.Unauthorized, roles.StatusCode);
        using var health = await http.GetAsync("/healthz/live", Cancellation);
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
        await using var hub = await HubClient.ConnectAsync(_host.Address, Cancellation);
        Assert.Contains("sign_in_needed:", (await hub.InvokeAsync("Join", new { role = "demo" }, Cancellation)).Error);
    }

    [Fact]
    public async Task Somebody_who_signs_in_gets_the_page_and_calls_by_the_name_of_the_provider()
    {
        using var http = SignedIn(out var cookies);
        using var page = await http.GetAsync("/api/roles", await SignInAsync(http));
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        using var calls = await http.GetAsync("/api/calls", Cancellation);
        Assert.Equal(HttpStatusCode.NotFound, calls.StatusCode);
        await using var hub = await HubClient.ConnectAsync(_host.Address, Cancellation, cookies: cookies);
        Assert.Null((await hub.InvokeAsync("Join", new { role = "demo" }, Cancellation)).Error);
        var caller = Assert.Single(_host.Get<CallRegistry>().Calls).Caller;
        Assert.Equal(("ada", true), (caller.Subject, caller.IsVerified));
    }

    [Fact]
    public async Task Somebody_whom_the_provider_gives_the_operators_role_reads_the_calls()
    {
        _provider.Roles = ["staff", "bridge-operators"];
        using var http = SignedIn(out _);
        using var calls = await http.GetAsync("/api/calls", await SignInAsync(http));
        Assert.Equal(HttpStatusCode.OK, calls.StatusCode);
    }

    private HttpClient SignedIn(out CookieContainer cookies)
    {
        cookies = new CookieContainer();
        return new HttpClient(new HttpClientHandler { CookieContainer = cookies }) { BaseAddress = _host.Address };
    }

    // The pages may not be built here; the way there and back is what counts.
    private static async Task<CancellationToken> SignInAsync(HttpClient http)
    {
        using var answer = await http.GetAsync("/", Cancellation);
        Assert.Equal("/", answer.RequestMessage!.RequestUri!.AbsolutePath);
        return Cancellation;
    }
}
