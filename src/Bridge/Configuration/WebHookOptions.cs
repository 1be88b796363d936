using System.Security.Cryptography;
using System.Text;

namespace Bridge.Configuration;

/// <summary>
/// One receiver of events, after the Standard Webhooks specification; configuration section <c>Bridge:WebHooks:N</c>.
/// docs/webhooks.md.
/// </summary>
public sealed class WebHookOptions
{
    /// <summary>Names of the events that can be asked for.</summary>
    internal static readonly IReadOnlyList<string> AllEvents = ["call.started", "call.ended", "note.saved", "budget.warning"];

    /// <summary>Where events are posted: an <c>https</c> address; <c>http</c> with <see cref="AllowPrivate"/> alone.</summary>
    public string Url { get; set; } = "";

    /// <summary>
    /// <c>whsec_</c> and 24 to 64 bytes in base64. Two divided by a space while the secret is exchanged: every event carries the signatures
    /// of both. It never reaches a log line.
    /// </summary>
    public string Secret { get; set; } = "";

    /// <summary>Events that are sent; empty for all.</summary>
    public IList<string> Events { get; set; } = [];

    /// <summary>Slugs of the roles whose calls are reported; empty for all.</summary>
    public IList<string> Roles { get; set; } = [];

    /// <summary>The receiver may be inside the network (private, loopback, link-local addresses).</summary>
    public bool AllowPrivate { get; set; }

    /// <summary>Names the receiver in the store: a hash, because addresses may hold keys.</summary>
    internal string Key => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Url)).AsSpan(0, 8));

    /// <summary>The keys of <see cref="Secret"/>; null when it is not of its form.</summary>
    internal IReadOnlyList<byte[]>? Keys()
    {
        const string prefix = "whsec_";
        var keys = new List<byte[]>();
        foreach (var secret in Secret.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var bytes = new byte[secret.Length];
            if (!secret.StartsWith(prefix, StringComparison.Ordinal)
                || !Convert.TryFromBase64String(secret[prefix.Length..], bytes, out var length) || length is < 24 or > 64)
            {
                return null;
            }

            keys.Add(bytes[..length]);
        }

        return keys.Count > 0 ? keys : null;
    }
}
