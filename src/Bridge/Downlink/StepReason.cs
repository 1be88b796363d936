namespace Bridge.Downlink;

/// <summary>Why the downlink has the step it has.</summary>
internal enum StepReason
{
    /// <summary>Nothing has stood in its way.</summary>
    Full,

    /// <summary>Packets waited in a queue of the path.</summary>
    Queue,

    /// <summary>More than every third packet was lost, though none waited: the path drops what is too much.</summary>
    Loss,

    /// <summary>A probe found room for this step.</summary>
    Room,
}
