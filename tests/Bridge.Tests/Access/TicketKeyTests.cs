using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Bridge.Tests.Access;

/// <summary>Tickets that another server signs by RS256; its public keys come over HTTP, by discovery or from an address.</summary>
public sealed class TicketKeyTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Access:Authority", "", true)]
    [InlineData("Access:Jwks", "/keys", false)]
    public async Task A_ticket_signed_by_RS256_is_checked_with_the_key_that_its_issuer_serves(string option, string path, bool issuerCounts)
    {
        await using var provider = await SmallProvider.StartAsync();
        await using var host = await RunningHost.StartAsync(("Access:Mode", "ticket"), (option, provider.Issuer + path));
        Assert.Null(await RefusalAsync(host, provider.Ticket()));

        using var strange = RSA.Create(2048);
        Assert.Contains("ticket_invalid:", await RefusalAsync(host, provider.Ticket(key: strange)));
        Assert.Contains("ticket_expired:", await RefusalAsync(host, provider.Ticket(expires: DateTime.UtcNow.AddMinutes(-1))));
        var foreign = await RefusalAsync(host, provider.Ticket(issuer: "https://elsewhere.example"));
        Assert.Equal(issuerCounts, foreign?.Contains("ticket_invalid:", StringComparison.Ordinal) ?? false);

        // HS256 with a key that anybody can read (RFC 8725 §2.1), and no signature at all (§3.2).
        using var http = new HttpClient();
        var served = await http.GetByteArrayAsync(provider.Issuer + "/keys", Cancellation);
        var confused = new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = provider.Issuer,
            Claims = new Dictionary<string, object> { ["sub"] = "ada" },
            Expires = DateTime.UtcNow.AddMinutes(5),
            SigningCredentials = new SigningCredentials(new SymmetricSecurityKey(served) { KeyId = "one" }, SecurityAlgorithms.HmacSha256),
        });
        Assert.Contains("ticket_invalid:", await RefusalAsync(host, confused));
        var bare = $"{Base64UrlEncoder.Encode("{\"alg\":\"none\"}")}.{Base64UrlEncoder.Encode(Encoding.UTF8.GetBytes("{\"sub\":\"ada\",\"exp\":4102444800}"))}.";
        Assert.Contains("ticket_invalid:", await RefusalAsync(host, bare));
    }

    [Theory]
    [InlineData("Access:Authority", "", "ticket")]
    [InlineData("Access:Jwks", "/keys", "ticket")]
    [InlineData("Access:Jwks", "/keys", "open")]
    public async Task While_the_keys_can_not_be_had_a_ticket_opens_no_call_and_says_so(string option, string path, string mode)
    {
        string issuer;
        string ticket;
        await using (var provider = await SmallProvider.StartAsync())
        {
            issuer = provider.Issuer;
            ticket = provider.Ticket();
        }

        await using var host = await RunningHost.StartAsync(("Access:Mode", mode), (option, issuer + path));
        Assert.Contains("ticket_invalid:", await RefusalAsync(host, ticket));
    }

    private static async Task<string?> RefusalAsync(RunningHost host, string ticket)
    {
        await using var hub = await HubClient.ConnectAsync(host.Address, Cancellation, ticket);
        return (await hub.InvokeAsync("Join", new { role = "demo" }, Cancellation)).Error;
    }
}
