using System.Text.RegularExpressions;

namespace Bridge.Tools;

/// <summary>Fills <c>${NAME}</c> with the host's secrets.</summary>
internal static partial class SecretText
{
    /// <summary>False when a secret is missing (its name is the problem) or would break a header.</summary>
    public static bool TryFill(string text, ToolServices services, out string filled, out string? problem)
    {
        string? missing = null;
        filled = Placeholder().Replace(text, match =>
        {
            var value = services.Secret(match.Groups[1].Value);
            missing ??= value is null ? match.Groups[1].Value : null;
            return value ?? "";
        });
        problem = missing is not null ? $"the secret {missing} is not set on this host"
            : filled.AsSpan().IndexOfAny('\r', '\n', '\0') >= 0 ? "a value holds a line break"
            : null;
        return problem is null;
    }

    [GeneratedRegex(@"\$\{([A-Za-z0-9_]{1,64})\}")]
    private static partial Regex Placeholder();
}
