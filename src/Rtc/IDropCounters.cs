namespace Bridge.Rtc;

/// <summary>The counters that belong to the reasons of drops.</summary>
internal interface IDropCounters
{
    /// <summary>Raises the counter of a reason.</summary>
    void Count(DropReason reason);
}
