namespace Bridge.Tools;

/// <summary>Where a value does not fit its schema, and what would be right.</summary>
/// <param name="At">JSON pointer into the value (RFC 6901); empty for the whole.</param>
/// <param name="Problem">Goes on from the place: "must be a whole number".</param>
internal readonly record struct SchemaError(string At, string Problem);
