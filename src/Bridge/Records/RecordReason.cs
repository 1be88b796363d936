namespace Bridge.Records;

/// <summary>Ends of calls that the records themselves know.</summary>
internal static class RecordReason
{
    /// <summary>The host died while the call ran, and its page did not come back in time.</summary>
    public const string Interrupted = "interrupted";
}
