namespace Bridge.Signaling;

/// <summary>A trickled candidate of the browser. An ICE-lite server needs none; it is checked and ignored.</summary>
/// <param name="CallId">From <see cref="JoinReply.CallId"/>.</param>
/// <param name="Candidate">The <c>candidate:</c> attribute; empty marks the end of candidates (RFC 8838 §13).</param>
/// <param name="Mid">Media section the candidate belongs to.</param>
public sealed record CandidateRequest(string CallId, string Candidate, string? Mid = null);
