namespace Bridge.Configuration;

/// <summary>One <c>RTCIceServer</c> that pages are given.</summary>
public sealed class IceServerOptions
{
    /// <summary>Addresses, for instance <c>turn:turn.example.org:3478</c>.</summary>
    public IList<string> Urls { get; set; } = [];

    /// <summary>User name of a TURN server.</summary>
    public string? Username { get; set; }

    /// <summary>Password of a TURN server.</summary>
    public string? Credential { get; set; }
}
