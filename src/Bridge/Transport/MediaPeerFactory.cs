namespace Bridge.Transport;

/// <summary>Makes the peer of a call; another WebRTC library comes in here.</summary>
public delegate IMediaPeer MediaPeerFactory(IMediaPeerObserver observer);
