namespace Bridge.Calls;

/// <summary>One step between host and model, as the inspector lists it.</summary>
/// <param name="Name">The protocol's name, after an arrow for the direction.</param>
/// <param name="DurationMs">Milliseconds since the step that began it; null where nothing did.</param>
/// <param name="Detail">A word of the protocol, for instance the status of a response.</param>
internal readonly record struct ModelStep(string Name, double? DurationMs, string? Detail);
