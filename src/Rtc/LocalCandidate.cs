namespace Bridge.Rtc;

/// <summary>An address at which the remote side may reach this peer; announced as a host candidate (RFC 8445 §5.1.1.1).</summary>
/// <param name="Address">The address as the remote side sees it: an interface address, or the configured public one of a 1:1 NAT.
/// Protocol TCP means passive (RFC 6544).</param>
/// <param name="Local">The host's index of the socket behind it, as in <see cref="Route.Local"/>.</param>
public readonly record struct LocalCandidate(TransportAddress Address, int Local);
