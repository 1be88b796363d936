using System.Diagnostics.CodeAnalysis;
using System.Security.Claims;
using Bridge.Configuration;

namespace Bridge.Access;

/// <summary>The caller that stands for a person whom the application has authenticated.</summary>
internal sealed class ApplicationCallers(BridgeMount mount, CallerReading? reading = null)
{
    private const int MaxSubject = 256;

    /// <summary>True for the claims of a ticket, which are the Bridge's own words.</summary>
    public static bool IsOfTicket(ClaimsPrincipal user) => user.Identity?.AuthenticationType == TicketAuthentication.Scheme;

    /// <summary>False when the claims are not the application's, or name nobody.</summary>
    public bool TryRead(ClaimsPrincipal user, [NotNullWhen(true)] out Caller? caller)
    {
        caller = Owns(user) ? reading?.Read(user) ?? new Caller { Subject = SubjectOf(user) } : null;
        if (caller?.Subject is { Length: > 0 and <= MaxSubject })
        {
            return true;
        }

        caller = null;
        return false;
    }

    /// <summary>True when the application, and no ticket or sign-in of the Bridge, has authenticated this person.</summary>
    public bool Owns(ClaimsPrincipal user) => mount.InApplication && user.Identity?.IsAuthenticated == true && !IsOfTicket(user);

    private static string? SubjectOf(ClaimsPrincipal user) =>
        user.FindFirstValue(ClaimTypes.NameIdentifier) ?? user.FindFirstValue("sub") ?? user.Identity?.Name;
}
