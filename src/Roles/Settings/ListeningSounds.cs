namespace Bridge.Roles.Settings;

/// <summary>
/// Sounds of a listener, in the spellings that transcription models give it. Sounds alone: a word like "yes" or
/// "okay" may be an answer, and is for a role to list.
/// </summary>
public static class ListeningSounds
{
    /// <summary>Those of all languages that are known here: a caller may speak another one than the role.</summary>
    public static IReadOnlyList<string> Default { get; } =
    [
        // English
        "mhm", "mm-hmm", "mm-hm", "mmhmm", "hmm", "hm", "mm", "mmm", "uh-huh", "uh huh", "aha", "uhuh",

        // German
        "m-hm", "hm-hm", "mh", "äh", "ähm", "ach so", "aha aha",

        // French
        "hum", "mmh", "euh", "hein", "ah",

        // Spanish, Italian, Portuguese
        "ajá", "ahã", "mh-mh", "eh",
    ];
}
