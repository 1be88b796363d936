namespace Bridge.Native.Timing;

/// <summary>How a thread stands with the system's scheduler.</summary>
internal enum Promptness
{
    /// <summary>Like every other thread.</summary>
    Ordinary,

    /// <summary>Before others when both want to run, but it may wait for one that is running.</summary>
    Preferred,

    /// <summary>Interrupts every ordinary thread at once.</summary>
    RealTime,
}
