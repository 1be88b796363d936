using System.Text.Json;

namespace Bridge.Access;

/// <summary>Body of <c>POST /api/tickets</c>, and what <c>bridge ticket</c> asks for. Members that are absent limit nothing.</summary>
/// <param name="Sub">The caller.</param>
/// <param name="Roles">Slugs of the roles it may talk to.</param>
/// <param name="Attributes">The caller's verified attributes.</param>
/// <param name="Minutes">Longest time of one call.</param>
/// <param name="Budget">Largest cost of one call, in US dollars.</param>
/// <param name="Concurrent">Calls at once.</param>
/// <param name="ExpiresIn">Seconds until the ticket ends; 600 when absent.</param>
internal sealed record TicketRequest(
    string? Sub,
    IReadOnlyList<string>? Roles = null,
    IReadOnlyDictionary<string, JsonElement>? Attributes = null,
    double? Minutes = null,
    decimal? Budget = null,
    int? Concurrent = null,
    int? ExpiresIn = null);
