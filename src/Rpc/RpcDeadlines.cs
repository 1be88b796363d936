namespace Bridge.Rpc;

/// <summary>How long a request may stay unacknowledged and unanswered. Counted while a port is attached and not paused.</summary>
/// <param name="Ack">Until the first sign of life.</param>
/// <param name="Response">Until the response.</param>
public readonly record struct RpcDeadlines(TimeSpan Ack, TimeSpan Response);
