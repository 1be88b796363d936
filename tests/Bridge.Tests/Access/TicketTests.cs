using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using Bridge.Access;
using Bridge.Calls;
using Bridge.Cli;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Bridge.Tests.Access;

/// <summary>Callers with and without a ticket, against a whole host.</summary>
public sealed class TicketTests : IAsyncLifetime
{
    private const string Key = "a-key-of-the-tests-with-32-characters-or-more";
    private const string OperatorKey = "an-operator-of-the-tests-with-32-characters";

    private RunningHost _host = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _host = await RunningHost.StartAsync(
        ("Access:Mode", "ticket"), ("Access:Key", Key), ("Access:OperatorKey", OperatorKey));

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_caller_without_a_ticket_is_told_that_one_is_needed() =>
        Assert.Contains("ticket_missing: This host takes calls with a ticket alone.", await RefusalAsync(null));

    [Fact]
    public async Task A_ticket_that_has_expired_is_told_as_expired() =>
        Assert.Contains(
            "ticket_expired: The ticket has expired; get a new one.",
            await RefusalAsync(Ticket(issued: DateTimeOffset.UtcNow.AddHours(-1))));

    [Fact]
    public async Task A_ticket_for_another_role_opens_no_call() =>
        Assert.Contains("ticket_role: This ticket is not for the role \"demo\".", await RefusalAsync(Ticket(roles: ["listener"])));

    [Fact]
    public async Task A_ticket_that_nobody_here_signed_is_refused()
    {
        var good = Ticket().Split('.');
        var header = Base64UrlEncoder.Encode("""{"alg":"none","typ":"JWT"}""");
        string[] bad =
        [
            "no-jwt", good[0] + "." + good[1] + ".", header + "." + good[1] + ".", good[0] + "."
                + Base64UrlEncoder.Encode("""{"sub":"eve"}""") + "." + good[2],
            TicketMint.Mint(new TicketRequest("eve"), "another-key-with-thirty-two-characters!!", null, DateTimeOffset.UtcNow).Ticket,
            Signed(
                new SigningCredentials(
                    new SymmetricSecurityKey(System.Text.Encoding.UTF8.GetBytes(Key + Key)), SecurityAlgorithms.HmacSha512)),
        ];
        foreach (var ticket in bad)
        {
            Assert.Contains("ticket_invalid:", await RefusalAsync(ticket));
        }
    }

    [Theory]
    [InlineData("minutes", "\"many\"")]
    [InlineData("budget", "-1")]
    [InlineData("concurrent", "0")]
    [InlineData("concurrent", "1.5")]
    [InlineData("attributes", "[1]")]
    [InlineData("attributes", "{\"a\":{}}")]
    public async Task A_ticket_with_a_claim_of_a_wrong_type_is_refused_by_the_name_of_the_claim(string claim, string value)
    {
        var ticket = Signed(Credentials, claims: new() { ["sub"] = "ada", [claim] = JsonSerializer.Deserialize<JsonElement>(value) });
        Assert.Matches($"ticket_invalid: The ticket can't be used: {claim} ", await RefusalAsync(ticket));
    }

    [Fact]
    public async Task A_ticket_opens_a_call_whose_caller_is_what_the_ticket_says()
    {
        var attributes = new Dictionary<string, JsonElement>
        {
            ["plan"] = JsonSerializer.SerializeToElement("gold"),
            ["seats"] = JsonSerializer.SerializeToElement(4),
        };
        var ticket = TicketMint.Mint(
            new TicketRequest(
                "ada", ["demo"], attributes, Minutes: 5, Budget: 0.5m, Concurrent: 2), Key, null, DateTimeOffset.UtcNow).Ticket;
        await using var hub = await HubClient.ConnectAsync(_host.Address, Cancellation, ticket);
        var (_, error) = await hub.InvokeAsync(
            "Join", new { role = "demo", attributes = new { plan = "free", name = "Ada" } }, Cancellation);
        Assert.Null(error);
        var caller = Assert.Single(_host.Get<CallRegistry>().Calls).Caller;
        Assert.True(caller.IsVerified);
        Assert.Equal(("ada", 5.0, 0.5m, 2), (caller.Subject, caller.Minutes, caller.Budget, caller.Concurrent));
        Assert.Equal(new Dictionary<string, string> { ["plan"] = "gold", ["seats"] = "4" }, caller.Attributes);
    }

    [Fact]
    public async Task A_caller_holds_as_many_calls_as_its_ticket_says()
    {
        var ticket = TicketMint.Mint(new TicketRequest("bob", Concurrent: 2), Key, null, DateTimeOffset.UtcNow).Ticket;
        await using var hub = await HubClient.ConnectAsync(_host.Address, Cancellation, ticket);
        Assert.Null((await hub.InvokeAsync("Join", new { role = "demo" }, Cancellation)).Error);
        Assert.Null((await hub.InvokeAsync("Join", new { role = "demo" }, Cancellation)).Error);
        var (_, error) = await hub.InvokeAsync("Join", new { role = "demo" }, Cancellation);
        Assert.EndsWith("too_many: This caller holds as many calls as one caller may. (retryAfter: 15)", error);
    }

    [Fact]
    public async Task An_operator_mints_tickets_and_nobody_else_does()
    {
        using var http = new HttpClient { BaseAddress = _host.Address };
        using var stranger = await http.PostAsJsonAsync("/api/tickets", new { sub = "ada" }, Cancellation);
        Assert.Equal(HttpStatusCode.NotFound, stranger.StatusCode);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", OperatorKey);
        using var wrong = await http.PostAsJsonAsync("/api/tickets", new { sub = "", expiresIn = 0 }, Cancellation);
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        using var minted = await http.PostAsJsonAsync(
            "/api/tickets", new { sub = "ada", roles = new[] { "demo" }, attributes = new { plan = "gold" } }, Cancellation);
        var ticket = (await minted.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("ticket").GetString();
        await using var hub = await HubClient.ConnectAsync(_host.Address, Cancellation, ticket);
        Assert.Null((await hub.InvokeAsync("Join", new { role = "demo" }, Cancellation)).Error);
    }

    [Fact]
    public async Task The_command_line_prints_a_ticket_that_the_host_takes()
    {
        var output = new StringWriter();
        var parsed = TicketCommand.Build().Parse(["--sub", "ada", "--role", "demo", "--attribute", "plan=gold", "--minutes", "5"]);
        parsed.InvocationConfiguration.Output = output;
        Assert.Equal(0, TicketCommand.Run(parsed, new Configuration.AccessOptions { Key = Key }));
        await using var hub = await HubClient.ConnectAsync(_host.Address, Cancellation, output.ToString().Trim());
        Assert.Null((await hub.InvokeAsync("Join", new { role = "demo" }, Cancellation)).Error);
    }

    [Fact]
    public async Task A_ticket_signed_by_ES256_is_checked_with_the_public_key_of_a_JWKS_file()
    {
        using var pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var strange = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var key = new ECDsaSecurityKey(pair) { KeyId = "one" };
        var file = Path.Combine(Directory.CreateTempSubdirectory("bridge-jwks-").FullName, "jwks.json");
        var point = pair.ExportParameters(includePrivateParameters: false).Q;
        await File.WriteAllTextAsync(
            file,
            JsonSerializer.Serialize(
                new
                {
                    keys = new[]
                    {
                        new
                        {
                            kty = "EC",
                            crv = "P-256",
                            kid = "one",
                            x = Base64UrlEncoder.Encode(point.X),
                            y = Base64UrlEncoder.Encode(point.Y),
                        },
                    },
                }),
            Cancellation);
        await using var host = await RunningHost.StartAsync(("Access:Mode", "ticket"), ("Access:Jwks", file));
        var good = Signed(new SigningCredentials(key, SecurityAlgorithms.EcdsaSha256));
        var forged = Signed(new SigningCredentials(new ECDsaSecurityKey(strange) { KeyId = "one" }, SecurityAlgorithms.EcdsaSha256));

        // The public key is no secret: a ticket "signed" with its text by HS256 must not pass (RFC 8725 §2.1).
        var confused = Signed(
            new SigningCredentials(
                new SymmetricSecurityKey(await File.ReadAllBytesAsync(file, Cancellation)), SecurityAlgorithms.HmacSha256));
        Assert.Null(await RefusalAsync(good, host));
        Assert.Contains("ticket_invalid:", await RefusalAsync(forged, host));
        Assert.Contains("ticket_invalid:", await RefusalAsync(confused, host));
    }

    private static SigningCredentials Credentials => new(TicketKeys.Symmetric(Key), SecurityAlgorithms.HmacSha256);

    private static string Ticket(string[]? roles = null, DateTimeOffset? issued = null) =>
        TicketMint.Mint(new TicketRequest("ada", roles), Key, null, issued ?? DateTimeOffset.UtcNow).Ticket;

    private static string Signed(SigningCredentials credentials, Dictionary<string, object>? claims = null) =>
        new JsonWebTokenHandler().CreateToken(
        new SecurityTokenDescriptor
        {
            Claims = claims ?? new() { ["sub"] = "ada" }, Expires = DateTime.UtcNow.AddMinutes(5), SigningCredentials = credentials,
        });

    private async Task<string?> RefusalAsync(string? ticket, RunningHost? host = null)
    {
        await using var hub = await HubClient.ConnectAsync((host ?? _host).Address, Cancellation, ticket);
        return (await hub.InvokeAsync("Join", new { role = "demo" }, Cancellation)).Error;
    }
}
