namespace Bridge.Rtc;

/// <summary>
/// The way between a peer and the remote side: who is at the far end, and which of the host's sockets is at the near one.
/// </summary>
/// <param name="Remote">The far end.</param>
/// <param name="Local">The host's own index of the socket (ICE base) a datagram came in on or must leave by. For TCP the host finds the
/// connection by <paramref name="Remote"/>.</param>
public readonly record struct Route(TransportAddress Remote, int Local);
