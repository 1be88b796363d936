using System.Security.Claims;

namespace Bridge.Access;

/// <summary>How the application reads a caller from its claims.</summary>
/// <param name="Read">Gives the caller.</param>
internal sealed record CallerReading(Func<ClaimsPrincipal, Caller> Read);
