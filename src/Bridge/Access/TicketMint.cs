using System.Text.Json;
using FluentValidation;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Bridge.Access;

/// <summary>Signs tickets with the operator's HS256 key, for teams without a JWT library.</summary>
internal static class TicketMint
{
    private const int DefaultSeconds = 600;

    /// <summary>A ticket and its end.</summary>
    /// <exception cref="ValidationException">The request asks for what no ticket may say.</exception>
    public static MintedTicket Mint(TicketRequest request, string key, string? audience, DateTimeOffset now)
    {
        new TicketRequestValidator().ValidateAndThrow(request);
        var expires = now.AddSeconds(request.ExpiresIn ?? DefaultSeconds);
        var claims = new Dictionary<string, object> { ["sub"] = request.Sub! };
        Add(CallerClaims.Roles, request.Roles?.ToArray());
        Add(CallerClaims.Attributes, request.Attributes is { } attributes ? JsonSerializer.SerializeToElement(attributes) : null);
        Add(CallerClaims.Minutes, request.Minutes);
        Add(CallerClaims.Budget, request.Budget);
        Add(CallerClaims.Concurrent, request.Concurrent);
        var descriptor = new SecurityTokenDescriptor
        {
            Claims = claims,
            Audience = audience,
            IssuedAt = now.UtcDateTime,
            NotBefore = now.UtcDateTime,
            Expires = expires.UtcDateTime,
            SigningCredentials = new SigningCredentials(TicketKeys.Symmetric(key), SecurityAlgorithms.HmacSha256),
        };
        return new MintedTicket(new JsonWebTokenHandler().CreateToken(descriptor), expires);

        void Add(string name, object? value)
        {
            if (value is not null)
            {
                claims[name] = value;
            }
        }
    }
}
