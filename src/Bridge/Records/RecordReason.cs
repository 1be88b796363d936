namespace Bridge.Records;

/// <summary>Ends of calls that the records themselves know.</summary>
internal static class RecordReason
{
    /// <summary>The host crashed while the call ran, and its page did not come back in time.</summary>
    public const string Interrupted = "interrupted";

    /// <summary>The call goes on at another node, whose record has all of it.</summary>
    public const string Moved = "moved";

    /// <summary>True for an end that nobody wanted: the host, the model's service or the path to the page failed.</summary>
    public static bool IsFailure(string reason) =>
        reason is Interrupted or "failed" or "connection_lost" or "model_failed" or "model_unavailable" or "model_refused_us"
            or "configuration_refused";
}
