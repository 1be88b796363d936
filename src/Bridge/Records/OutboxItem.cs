namespace Bridge.Records;

/// <summary>An event on its way to a receiver. It names a fact; what is sent is read from the call's record.</summary>
/// <param name="Hook">Key of the receiver.</param>
/// <param name="Type">Name of the event.</param>
/// <param name="Call">The call.</param>
/// <param name="Subject">Which fact of the call: a note's id, a budget's word; empty for the beginning and the end.</param>
/// <param name="At">When it happened.</param>
/// <param name="Attempt">Counts the attempts to deliver it, from 1.</param>
internal sealed record OutboxItem(string Hook, string Type, string Call, string Subject, DateTimeOffset At, int Attempt);
