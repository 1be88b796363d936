using System.Net.WebSockets;

namespace Bridge.Realtime.Rehearsal;

/// <summary>
/// The rehearsal model behind WebSockets that the host has accepted (subprotocol <c>realtime</c> when offered):
/// a strict local stand-in for the OpenAI Realtime service.
/// </summary>
public sealed class RehearsalServer
{
    /// <summary>Creates the server.</summary>
    public RehearsalServer(RehearsalOptions options) => throw new NotImplementedException();

    /// <summary>Faults of all running and coming sessions.</summary>
    public RehearsalFaults Faults { get; set; }

    /// <summary>Number of running sessions.</summary>
    public int Sessions { get; }

    /// <summary>
    /// Runs one session until the client closes, the session ends or <paramref name="cancellationToken"/> fires
    /// (then the client gets a close frame, 1001). Never throws because of what the client does.
    /// </summary>
    /// <param name="socket">An open WebSocket; not disposed here.</param>
    /// <param name="model">The <c>model</c> query parameter.</param>
    /// <param name="cancellationToken">Host shutdown.</param>
    public Task RunAsync(WebSocket socket, string model, CancellationToken cancellationToken) =>
        throw new NotImplementedException();
}
