using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Claims;
using System.Text.Json;
using Bridge.Signaling;

namespace Bridge.Access;

/// <summary>Reads a <see cref="Caller"/> out of claims whose signature was checked. A claim of a wrong type refuses the ticket.</summary>
internal static class CallerClaims
{
    /// <summary>The claims of a ticket beside those of RFC 7519.</summary>
    public const string Roles = "roles", Attributes = "attributes", Minutes = "minutes", Budget = "budget", Concurrent = "concurrent";

    private const int MaxSubject = 256;

    /// <summary>False when a claim can't be used; the fault names it.</summary>
    public static bool TryRead(ClaimsPrincipal user, [NotNullWhen(true)] out Caller? caller, [NotNullWhen(false)] out string? fault)
    {
        caller = null;
        fault = null;
        var subject = user.FindFirst("sub")?.Value;
        if (subject is not { Length: > 0 and <= MaxSubject })
        {
            fault = $"sub has to be a string of 1 to {MaxSubject} characters";
        }

        var attributes = ReadAttributes(user, ref fault);
        var minutes = Number(user, Minutes, ref fault);
        var budget = Number(user, Budget, ref fault);
        var concurrent = Number(user, Concurrent, ref fault);
        if (concurrent is { } calls && (calls < 1 || calls != decimal.Truncate(calls) || calls > int.MaxValue))
        {
            fault ??= "concurrent has to be a whole number of at least 1";
        }

        if (fault is not null)
        {
            return false;
        }

        var roles = user.FindAll(Roles).Select(claim => claim.Value).ToArray();
        caller = new Caller
        {
            Subject = subject,
            Roles = user.HasClaim(claim => claim.Type == Roles) ? roles : null,
            Attributes = attributes,
            Minutes = (double?)minutes,
            Budget = budget,
            Concurrent = (int?)concurrent,
            Expires = long.TryParse(user.FindFirst("exp")?.Value, CultureInfo.InvariantCulture, out var seconds)
                ? DateTimeOffset.FromUnixTimeSeconds(seconds)
                : null,
        };
        return true;
    }

    private static decimal? Number(ClaimsPrincipal user, string name, ref string? fault)
    {
        if (user.FindFirst(name)?.Value is not { } text)
        {
            return null;
        }

        if (!decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || number < 0 || number > 1_000_000)
        {
            fault ??= $"{name} has to be a number from 0 to 1,000,000";
        }

        return number;
    }

    private static Dictionary<string, string> ReadAttributes(ClaimsPrincipal user, ref string? fault)
    {
        var attributes = new Dictionary<string, string>(StringComparer.Ordinal);
        if (user.FindFirst(Attributes)?.Value is not { } text)
        {
            return attributes;
        }

        try
        {
            foreach (var (name, value) in JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(text) ?? [])
            {
                var word = value.ValueKind switch
                {
                    JsonValueKind.String => value.GetString()!,
                    JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
                    _ => null,
                };
                if (word is null || name.Length is 0 or > SignalLimits.AttributeName || word.Length > SignalLimits.AttributeValue
                    || attributes.Count >= SignalLimits.Attributes)
                {
                    fault ??= $"attributes has to be an object of at most {SignalLimits.Attributes} strings, numbers, true or false";
                    break;
                }

                attributes[name] = word;
            }
        }
        catch (JsonException)
        {
            fault ??= "attributes has to be an object";
        }

        return attributes;
    }
}
