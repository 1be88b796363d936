using Route = Bridge.Rtc.Route;

namespace Bridge.Transport;

/// <summary>
/// The keys of one peer at the endpoint: the addresses that proved to be its, and its ICE fragments. Under the peer's gate.
/// </summary>
internal sealed class PeerAddresses(MediaEndpoint endpoint, HostedPeer peer)
{
    private const int MaxRoutes = 16;

    // ICE answers to its present fragment, and to the one before it until a restart is through.
    private const int LiveUfrags = 2;

    private readonly List<Route> _routes = [];
    private readonly List<string> _ufrags = [];

    /// <summary>Addresses that the endpoint gives to this peer, oldest first.</summary>
    public IReadOnlyList<Route> Routes => _routes;

    /// <summary>The fragments that ICE still accepts, the present one last.</summary>
    public IReadOnlyList<string> Ufrags => _ufrags;

    /// <summary>Takes an address that proved to be the peer's.</summary>
    public void Claim(Route from)
    {
        if (_routes.Contains(from))
        {
            return;
        }

        // Oldest first out: a peer that roams keeps its latest addresses, a hostile one can't collect them.
        if (_routes.Count == MaxRoutes)
        {
            endpoint.Unclaim(_routes[0], peer);
            _routes.RemoveAt(0);
        }

        if (endpoint.Claim(from, peer))
        {
            _routes.Add(from);
        }
    }

    /// <summary>Takes the fragment in force.</summary>
    public void Register(string ufrag)
    {
        if (_ufrags.Contains(ufrag))
        {
            return;
        }

        if (_ufrags.Count == LiveUfrags)
        {
            endpoint.Unregister(_ufrags[0], peer);
            _ufrags.RemoveAt(0);
        }

        _ufrags.Add(ufrag);
        endpoint.Register(ufrag, peer);
    }
}
