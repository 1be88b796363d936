namespace Bridge.Roles.Settings;

/// <summary>How much of a conversation's words is kept; the later value is the stricter one.</summary>
public enum TranscriptPolicy
{
    /// <summary>Every word.</summary>
    Yes,

    /// <summary>Addresses, telephone and card numbers are replaced before anything is written.</summary>
    Redacted,

    /// <summary>No words: times, usage and notes alone.</summary>
    No,
}
