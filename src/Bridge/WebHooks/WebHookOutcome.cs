namespace Bridge.WebHooks;

/// <summary>The outcome of an attempt to deliver an event.</summary>
internal enum WebHookOutcome
{
    /// <summary>A 2xx status: done.</summary>
    Delivered,

    /// <summary>Another status, a timeout, no connection: tried again.</summary>
    Failed,

    /// <summary>429, 502, 503, 504: tried again, and nothing else is sent for a moment.</summary>
    Busy,

    /// <summary>410: the receiver wants nothing more.</summary>
    Gone,
}
