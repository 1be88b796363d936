using System.Net;

namespace Bridge.Configuration;

/// <summary>Tells whether the HTTP server can be reached from other machines, by everything that may name its addresses.</summary>
internal static class Binding
{
    /// <summary>True when every address that the server binds to is a loopback one.</summary>
    public static bool IsLoopback(IConfiguration configuration, BridgeOptions options)
    {
        var urls = Urls(configuration).ToList();
        return urls.Count > 0 ? urls.TrueForAll(IsLoopbackUrl) : IsLoopbackName(options.Host);
    }

    /// <summary>True for <c>localhost</c>, names below it (RFC 6761 §6.3) and loopback addresses.</summary>
    public static bool IsLoopbackName(string name) =>
        name.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || name.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(name, out var address) && IPAddress.IsLoopback(address));

    private static IEnumerable<string> Urls(IConfiguration configuration)
    {
        const StringSplitOptions Trimmed = StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries;
        foreach (var url in (configuration["urls"] ?? "").Split(';', Trimmed))
        {
            yield return url;
        }

        foreach (var endpoint in configuration.GetSection("Kestrel:Endpoints").GetChildren())
        {
            yield return endpoint["Url"] ?? "*";
        }
    }

    // A wildcard (http://*:80, http://+:80) is no address, and so no loopback one.
    private static bool IsLoopbackUrl(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri) && IsLoopbackName(uri.IdnHost.Trim('[', ']'));
}
