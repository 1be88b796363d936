using System.Net;
using System.Security.Claims;
using System.Text.Json;
using Bridge.Access;
using Bridge.Calls;
using Bridge.Configuration;
using Bridge.Hosting;
using Bridge.Tools;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Bridge.Tests.Hosting;

/// <summary>The Bridge inside an application that has a sign-in, JSON names and endpoints of its own.</summary>
public sealed class ApplicationTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Everything_is_below_its_path_and_nothing_beside_it()
    {
        await using var app = await StartAsync(("Access:Mode", "open"));
        using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(app.Urls.First()) };
        Assert.Equal("/voice/?a=b", (await http.GetAsync("/voice?a=b", Cancellation)).Headers.Location!.ToString());
        var page = await http.GetAsync("/voice/call/demo", Cancellation);
        Assert.Contains("../assets/", await page.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        Assert.True(page.Headers.Contains("Content-Security-Policy"));
        Assert.True((await http.GetAsync("/voice/sdk/voice-bridge.js", Cancellation)).IsSuccessStatusCode);
        var roles = await http.GetStringAsync("/voice/api/roles", Cancellation);
        Assert.Contains("\"slug\":\"demo\"", roles, StringComparison.Ordinal);
        var api = await http.GetStringAsync("/voice/openapi/v1.json", Cancellation);
        Assert.Contains("/voice", JsonElement.Parse(api).GetProperty("servers")[0].GetProperty("url").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("\"/mine\"", api, StringComparison.Ordinal);

        var mine = await http.GetAsync("/mine", Cancellation);
        Assert.Equal("""{"SomeName":"mine"}""", await mine.Content.ReadAsStringAsync(Cancellation));
        Assert.False(mine.Headers.Contains("Content-Security-Policy"));
        foreach (var path in new[] { "/api/roles", "/signal/negotiate", "/rehearsal/v1/realtime", "/voice/rehearsal/v1/realtime", "/" })
        {
            Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(path, Cancellation)).StatusCode);
        }
    }

    [Fact]
    public async Task The_defaults_of_the_application_stay_its_own()
    {
        await using var app = await StartAsync(("Access:Mode", "ticket"), ("Access:Key", "a-key-for-the-tickets-of-this-one-test"));
        var schemes = app.Services.GetRequiredService<IAuthenticationSchemeProvider>();
        Assert.Equal(CookieAuthenticationDefaults.AuthenticationScheme, (await schemes.GetDefaultAuthenticateSchemeAsync())!.Name);
        var cors = app.Services.GetRequiredService<IOptions<CorsOptions>>().Value;
        Assert.Null(cors.GetPolicy(cors.DefaultPolicyName));
        Assert.Null(app.Services.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions.PropertyNamingPolicy);
        Assert.Equal(32 * 1024, app.Services.GetRequiredService<IOptions<HubOptions>>().Value.MaximumReceiveMessageSize);
        Assert.DoesNotContain("Draining", app.Services.GetRequiredService<IHostLifetime>().GetType().Name, StringComparison.Ordinal);
        Assert.Same(Frozen, app.Services.GetRequiredService<TimeProvider>());
    }

    [Theory]
    [InlineData(null, HttpStatusCode.Unauthorized, "sign_in_needed")]
    [InlineData("guest", HttpStatusCode.Forbidden, "not_allowed")]
    [InlineData("member", HttpStatusCode.OK, null)]
    public async Task The_application_and_its_policy_say_who_may_call(string? person, HttpStatusCode data, string? refusal)
    {
        await using var app = await StartAsync(("Access:Policy", "members"), ("Access:OperatorPolicy", "members"));
        var address = new Uri(app.Urls.First());
        var cookies = new CookieContainer();
        using var keeper = new HttpClientHandler { CookieContainer = cookies, AllowAutoRedirect = false };
        using var http = new HttpClient(keeper) { BaseAddress = address };
        if (person is not null)
        {
            await http.GetAsync("/enter/" + person, Cancellation);
        }

        Assert.Equal(data, (await http.GetAsync("/voice/api/roles", Cancellation)).StatusCode);
        var calls = await http.GetAsync("/voice/api/calls", Cancellation);
        Assert.Equal(person == "member" ? HttpStatusCode.OK : HttpStatusCode.NotFound, calls.StatusCode);
        var opened = await http.GetAsync("/voice/call/demo", Cancellation);
        Assert.Equal(person == "member" ? HttpStatusCode.OK : HttpStatusCode.Found, opened.StatusCode);
        await using var hub = await HubClient.ConnectAsync(new Uri(address, "/voice/"), Cancellation, cookies: cookies);
        var reply = await hub.InvokeAsync("Join", new { role = "demo" }, Cancellation);
        if (refusal is null)
        {
            Assert.Equal("demo", reply.Result.GetProperty("role").GetProperty("slug").GetString());
            var call = Assert.Single(app.Services.GetRequiredService<CallRegistry>().Calls);
            Assert.Equal("member-at-work", call.Caller.Subject);
        }
        else
        {
            Assert.Contains(refusal + ":", reply.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Mistakes_are_told_at_the_start()
    {
        var builder = Builder();
        Told<InvalidOperationException>("AddBridge", () => WebApplication.CreateBuilder().Build().MapBridge());
        builder.Services.AddBridge(builder.Configuration);
        Told<InvalidOperationException>("twice", () => builder.Services.AddBridge(builder.Configuration));
        using var app = builder.Build();
        app.MapBridge("/voice");
        Told<InvalidOperationException>("twice", () => app.MapBridge("/again"));
        Told<ArgumentException>("section Bridge", () => new ServiceCollection().AddBridge(builder.Configuration.GetSection("Bridge")));
        (string, string, string)[] mistakes =
            [("Access:Mode", "oidc", "oidc"), ("PathBase", "/voice", "MapBridge"), ("MaxCalls", "0", "Max Calls"),
                ("TextModel:Api", "grpc", "chat, responses")];
        foreach (var (key, value, word) in mistakes)
        {
            var wrong = Builder((key, value));
            Told<HostStartException>(word, () => wrong.Services.AddBridge(wrong.Configuration));
        }
    }

    [Fact]
    public async Task An_application_that_stops_ends_its_calls_at_once()
    {
        await using var app = await StartAsync(("Access:Mode", "open"));
        await using var hub = await HubClient.ConnectAsync(new Uri(new Uri(app.Urls.First()), "/voice/"), Cancellation);
        await hub.InvokeAsync("Join", new { role = "demo" }, Cancellation);
        var call = Assert.Single(app.Services.GetRequiredService<CallRegistry>().Calls);
        await app.StopAsync(Cancellation);
        Assert.Equal(CallEnd.Shutdown, await call.Ended.WaitAsync(Cancellation));
    }

    [Fact]
    public async Task An_application_with_drain_seconds_takes_no_new_call_and_stops_when_the_running_one_is_over()
    {
        await using var app = await StartAsync(("Access:Mode", "open"), ("DrainSeconds", "3600"));
        await using var hub = await HubClient.ConnectAsync(new Uri(new Uri(app.Urls.First()), "/voice/"), Cancellation);
        var joined = await hub.InvokeAsync("Join", new { role = "demo" }, Cancellation);
        var registry = app.Services.GetRequiredService<CallRegistry>();
        var call = Assert.Single(registry.Calls);
        var stop = app.StopAsync(Cancellation);
        while (!registry.Draining)
        {
            await Task.Yield();
        }

        await using var other = await HubClient.ConnectAsync(new Uri(new Uri(app.Urls.First()), "/voice/"), Cancellation);
        var refused = await other.InvokeAsync("Join", new { role = "demo" }, Cancellation);
        Assert.Contains("shutting_down:", refused.Error, StringComparison.Ordinal);
        Assert.False(call.Ended.IsCompleted);
        Assert.False(stop.IsCompleted);
        await hub.InvokeAsync("Hangup", new { callId = joined.Result.GetProperty("callId").GetString() }, Cancellation);
        Assert.Equal(CallEnd.Hangup, await call.Ended.WaitAsync(Cancellation));
        await stop;
    }

    private static void Told<T>(string words, Action start)
        where T : Exception => Assert.Contains(words, Assert.Throws<T>(start).Message, StringComparison.Ordinal);

    private static readonly StillTime Frozen = new();

    private static WebApplicationBuilder Builder(params (string Key, string Value)[] settings)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = Repository.Root });
        builder.Logging.ClearProviders();
        builder.WebHost.UseSetting("urls", "http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Bridge:UdpPort"] = "0",
            ["Bridge:RehearsalVoice"] = "synthetic",
            ["Bridge:Data"] = Directory.CreateTempSubdirectory("bridge-data-").FullName,
        });
        builder.Configuration.AddInMemoryCollection(settings.Select(s => KeyValuePair.Create("Bridge:" + s.Key, (string?)s.Value)));
        return builder;
    }

    private static async Task<WebApplication> StartAsync(params (string Key, string Value)[] settings)
    {
        var builder = Builder(settings);
        builder.Services.AddSingleton<TimeProvider>(Frozen);
        builder.Services.AddAuthentication().AddCookie();
        builder.Services.AddAuthorization(all => all.AddPolicy("members", policy => policy.RequireClaim(ClaimTypes.Name, "member")));
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.PropertyNamingPolicy = null);
        builder.Services.AddSignalR()
            .AddJsonProtocol(json => json.PayloadSerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseUpper);
        builder.Services.AddBridge(builder.Configuration).UseCaller(user => new Caller { Subject = user.Identity!.Name + "-at-work" });
        var app = builder.Build();
        app.MapBridge("/voice");
        app.MapGet("/mine", () => new { SomeName = "mine" });
        app.MapGet("/enter/{name}", (string name, HttpContext context) => context.SignInAsync(new ClaimsPrincipal(
            new ClaimsIdentity([new Claim(ClaimTypes.Name, name)], CookieAuthenticationDefaults.AuthenticationScheme))));
        await app.StartAsync(Cancellation);
        return app;
    }

    /// <summary>The system's clock in a clock of the application's own.</summary>
    private sealed class StillTime : TimeProvider;
}
