namespace Bridge.Records;

/// <summary>A fact that the store will never take: it breaks a rule of the schema, or is larger than a row may be.</summary>
internal sealed class RecordRefusedException(string message, Exception? inner = null) : Exception(message, inner);
