using System.Security.Cryptography;
using System.Text;
using Bridge.Configuration;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Bridge.Access;

/// <summary>The keys that tickets are checked with, each with the algorithms it may be used for (RFC 8725 §3.1).</summary>
internal static class TicketKeys
{
    /// <summary>The operator's HS256 key.</summary>
    public static SymmetricSecurityKey Symmetric(string key)
    {
        var bytes = Encoding.UTF8.GetBytes(key);
        return new SymmetricSecurityKey(bytes) { KeyId = Convert.ToHexStringLower(SHA256.HashData(bytes))[..8] };
    }

    /// <summary>Algorithms of the keys that are configured, and no other.</summary>
    public static IEnumerable<string> Algorithms(AccessOptions options)
    {
        if (options.Key is { Length: > 0 })
        {
            yield return SecurityAlgorithms.HmacSha256;
        }

        if (options.Jwks is { Length: > 0 } || options.Authority is { Length: > 0 })
        {
            yield return SecurityAlgorithms.EcdsaSha256;
            yield return SecurityAlgorithms.RsaSha256;
        }
    }

    /// <summary>Public keys from a JWKS file or address; read again when a ticket names a key that is not among them.</summary>
    public static ConfigurationManager<OpenIdConnectConfiguration> FromJwks(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri) && (uri.Scheme is "https" or "http")
            ? new(address, new JwksRetriever(), new HttpDocumentRetriever { RequireHttps = !uri.IsLoopback })
            : new(address, new JwksRetriever(), new FileDocumentRetriever());

    private sealed class JwksRetriever : IConfigurationRetriever<OpenIdConnectConfiguration>
    {
        public async Task<OpenIdConnectConfiguration> GetConfigurationAsync(
            string address, IDocumentRetriever retriever, CancellationToken cancel)
        {
            var keys = new JsonWebKeySet(await retriever.GetDocumentAsync(address, cancel).ConfigureAwait(false));
            var configuration = new OpenIdConnectConfiguration { JsonWebKeySet = keys };
            foreach (var key in keys.GetSigningKeys().Where(key => key is not SymmetricSecurityKey))
            {
                configuration.SigningKeys.Add(key);
            }

            return configuration;
        }
    }
}
