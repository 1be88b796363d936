namespace Bridge.Records;

/// <summary>One line of the deletion log: that something was erased, never what it said.</summary>
/// <param name="At">When.</param>
/// <param name="Kind"><c>call</c>, <c>caller</c> or <c>expired</c>.</param>
/// <param name="Subject">Id of the call; of a caller the SHA-256 of its subject in hexadecimal; null for expired ones.</param>
/// <param name="Calls">How many calls were erased.</param>
internal sealed record Deletion(DateTimeOffset At, string Kind, string? Subject, int Calls);
