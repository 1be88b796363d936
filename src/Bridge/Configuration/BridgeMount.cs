namespace Bridge.Configuration;

/// <summary>Where this Bridge lives: alone in the process, or inside another application; and where it is mapped.</summary>
/// <param name="inApplication">
/// True when the process, its web server, its sign-in and its shutdown belong to another application.
/// </param>
internal sealed class BridgeMount(bool inApplication)
{
    private bool _added;
    private bool _mapped;

    /// <summary>True inside another application.</summary>
    public bool InApplication => inApplication;

    /// <summary>
    /// True when the web server takes connections of this machine alone. False inside an application: its addresses are not known here.
    /// </summary>
    public bool Loopback { get; private set; }

    /// <summary>Notes that the services are registered.</summary>
    /// <exception cref="InvalidOperationException">They were registered before.</exception>
    public void Add(bool loopback)
    {
        if (_added)
        {
            throw new InvalidOperationException("AddBridge was called twice; an application has one Bridge, for all its roles.");
        }

        _added = true;
        Loopback = loopback;
    }

    /// <summary>Notes that the Bridge is mapped.</summary>
    /// <exception cref="InvalidOperationException">It was mapped before.</exception>
    public void Map()
    {
        if (_mapped)
        {
            throw new InvalidOperationException("MapBridge was called twice; a Bridge is served under one path.");
        }

        _mapped = true;
    }
}
