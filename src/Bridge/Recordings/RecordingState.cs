namespace Bridge.Recordings;

/// <summary>Whether the sound of a call is kept; the page is told the name in lower case.</summary>
internal enum RecordingState
{
    /// <summary>It is not, and nobody asks for it.</summary>
    Off,

    /// <summary>The role wants it; the page has not said yet that it shows so.</summary>
    Asked,

    /// <summary>It is.</summary>
    On,

    /// <summary>The person does not want it: it is not kept, and nobody asks again.</summary>
    Declined,

    /// <summary>It could not be written any more; what was written stays.</summary>
    Failed,
}
