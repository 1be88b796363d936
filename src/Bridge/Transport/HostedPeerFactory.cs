using Bridge.Rtc;

namespace Bridge.Transport;

/// <summary>Builds one kind of peer for a <see cref="MediaEndpoint"/>.</summary>
/// <param name="endpoint">Carries the peer's datagrams.</param>
/// <param name="rtc">The peer's protocol; the built peer disposes it.</param>
internal delegate TPeer HostedPeerFactory<out TPeer>(MediaEndpoint endpoint, RtcPeer rtc)
    where TPeer : HostedPeer;
