using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Bridge.Access;
using Bridge.Roles;

namespace Bridge.Calls;

/// <summary>The facts of a call's person with which a host goes on after a crash; forgotten at the call's end.</summary>
/// <param name="Caller">The person, with what its ticket allows.</param>
/// <param name="Locale">BCP 47 tag of the page.</param>
/// <param name="TimeZone">IANA name.</param>
/// <param name="Attributes">The attributes that the page gave of the person.</param>
internal sealed record CallPassport(Caller Caller, string? Locale, string? TimeZone, IReadOnlyDictionary<string, string> Attributes)
{
    /// <summary>Writes it as JSON.</summary>
    public static string Write(Caller caller, RoleContext context) =>
        JsonSerializer.Serialize(new CallPassport(caller, context.Locale, context.TimeZone, context.Attributes));

    /// <summary>Reads <see cref="Write"/>; false when it is none.</summary>
    public static bool TryRead(string json, [NotNullWhen(true)] out CallPassport? passport)
    {
        try
        {
            passport = JsonSerializer.Deserialize<CallPassport>(json) is { Caller: not null, Attributes: not null } read ? read : null;
        }
        catch (JsonException)
        {
            passport = null;
        }

        return passport is not null;
    }

    /// <summary>The templates' view of the call.</summary>
    public RoleContext ContextAt(DateTimeOffset now) => Context(Caller, Locale, TimeZone, Attributes, now);

    /// <inheritdoc cref="ContextAt"/>
    public static RoleContext Context(
        Caller caller, string? locale, string? timeZone, IReadOnlyDictionary<string, string>? attributes, DateTimeOffset now) =>
        new()
    {
        Now = now,
        Locale = locale,
        TimeZone = timeZone,
        Attributes = attributes ?? new Dictionary<string, string>(),
        Verified = caller.IsVerified ? new Dictionary<string, string>(caller.Attributes) { ["sub"] = caller.Subject! } : null,
    };
}
