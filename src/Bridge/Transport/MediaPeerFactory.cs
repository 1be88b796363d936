using Bridge.Trail;

namespace Bridge.Transport;

/// <summary>Makes the peer of a call; another WebRTC library comes in here.</summary>
/// <param name="observer">The call's.</param>
/// <param name="trail">Names the call, and takes the events of the connection.</param>
internal delegate IMediaPeer MediaPeerFactory(IMediaPeerObserver observer, CallTrail trail);
