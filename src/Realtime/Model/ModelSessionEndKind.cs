namespace Bridge.Realtime.Model;

/// <summary>Causes of a session's end.</summary>
public enum ModelSessionEndKind
{
    /// <summary>We closed it.</summary>
    ClosedByUs,

    /// <summary>The service closed it (cap, drain, policy).</summary>
    ClosedByServer,

    /// <summary>The connection broke.</summary>
    Dropped,
}
