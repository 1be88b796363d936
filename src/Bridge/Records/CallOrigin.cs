namespace Bridge.Records;

/// <summary>The facts of a call at its beginning.</summary>
/// <param name="Owner">The host process that holds it; see <see cref="HostLease"/>.</param>
/// <param name="Role">Slug of its role.</param>
/// <param name="Model">Model that answers.</param>
/// <param name="Started">When it was joined.</param>
/// <param name="Caller">The person it is for; null when nobody vouched for one.</param>
/// <param name="Resume">
/// JSON that a host needs to go on with the call after a crash; null for a call that can't go on. Forgotten at its end.
/// </param>
/// <param name="Tokens">SHA-256 hashes of the tokens that lead back into it.</param>
internal sealed record CallOrigin(
    string Owner, string Role, string Model, DateTimeOffset Started, string? Caller, string? Resume, IReadOnlyList<string> Tokens);
