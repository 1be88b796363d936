using System.Security.Claims;

namespace Bridge.Access;

/// <summary>The application's way from its claims to a caller.</summary>
/// <param name="Read">Gives the caller.</param>
internal sealed record CallerReading(Func<ClaimsPrincipal, Caller> Read);
