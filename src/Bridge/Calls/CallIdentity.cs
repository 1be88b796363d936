using Bridge.Access;
using Bridge.Signaling;

namespace Bridge.Calls;

/// <summary>The constants of a call's life.</summary>
/// <param name="Id">Names the call, in hexadecimal.</param>
/// <param name="Model">Which model answers.</param>
/// <param name="Started">When it was joined.</param>
/// <param name="Caller">The person it is for, with what its ticket allows.</param>
internal sealed record CallIdentity(string Id, ModelInfo Model, DateTimeOffset Started, Caller Caller);
