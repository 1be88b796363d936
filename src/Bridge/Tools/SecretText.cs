using System.Text.RegularExpressions;
using Bridge.Roles;

namespace Bridge.Tools;

/// <summary>Fills <c>${NAME}</c> with the host's secrets, each where it may go and nowhere else.</summary>
internal static partial class SecretText
{
    /// <summary>
    /// Fills a value for a tool of <paramref name="role"/> that is sent to <paramref name="target"/>, null for a program. False
    /// when a secret is missing, is bound to other roles or hosts, or would break a header; the problem names the secret alone.
    /// </summary>
    public static bool TryFill(string text, string role, Uri? target, ToolServices services, out string filled, out string? problem)
    {
        string? wrong = null;
        filled = Placeholder().Replace(text, match =>
        {
            var name = match.Groups[1].Value;
            var secret = services.Secret(name);
            wrong ??= secret is null ? $"the secret {name} is not set on this host" : secret.Refusal(name, role, target);
            return secret?.Value ?? "";
        });
        problem = wrong ?? (filled.AsSpan().IndexOfAny('\r', '\n', '\0') >= 0 ? "a value holds a line break" : null);
        if (problem is not null)
        {
            filled = "";
        }

        return problem is null;
    }

    /// <summary>
    /// Secrets that a role sends to the public internet although the operator bound them to no host: tool and name of each.
    /// </summary>
    public static IEnumerable<(string Tool, string Secret)> Unbound(Role role, ToolServices services)
    {
        foreach (var tool in role.Tools)
        {
            var (target, values) = tool switch
            {
                { Http: { } http } => (http.Url, http.Headers.Values),
                { Mcp: { Url: { } url } mcp } => (url, mcp.Secrets.Values),
                _ => ((Uri?)null, Enumerable.Empty<string>()),
            };
            foreach (var name in values.SelectMany(value => Placeholder().Matches(value)).Select(match => match.Groups[1].Value).Distinct())
            {
                if (target is { IsLoopback: false } && services.Secret(name) is { Hosts.Count: 0 })
                {
                    yield return (tool.Name, name);
                }
            }
        }
    }

    [GeneratedRegex(@"\$\{([A-Za-z0-9_]{1,64})\}")]
    private static partial Regex Placeholder();
}
