using System.Collections.Concurrent;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Bridge.Audio.Playout;
using Bridge.Calls;
using Bridge.Configuration;
using Bridge.Signaling;
using Bridge.Timing;
using Bridge.Transport;
using Microsoft.Extensions.Options;

namespace Bridge.Lab;

/// <summary>
/// <c>POST /lab/echo</c>: an SDP offer in, an answer out, 201 with the peer's <c>Location</c>, as WHIP does it
/// (RFC 9725 §4.2); <c>DELETE</c> ends it. <c>GET /lab/host</c> tells what the process holds and has used. Served with <c>--lab</c> alone.
/// </summary>
internal sealed class LabEndpoints(
    MediaEndpoint media, PacketClock packets, AudioCodecs codecs, HostClock clock, IOptions<BridgeOptions> options) : IDisposable
{
    private const string Sdp = "application/sdp";

    private readonly ConcurrentDictionary<string, EchoPeer> _peers = new(StringComparer.Ordinal);

    /// <summary>Maps the endpoints.</summary>
    public void Map(IEndpointRouteBuilder app)
    {
        app.MapPost("/lab/echo", PostAsync).WithSummary("A peer that returns audio and messages (WHIP style).");
        app.MapDelete("/lab/echo/{id}", Delete).WithSummary("Ends an echo peer.");
        app.MapGet("/lab/host", Measure).WithSummary("What this process holds and has used, after a full collection.");
    }

    public void Dispose()
    {
        foreach (var peer in _peers.Values)
        {
            peer.Dispose();
        }
    }

    private async Task<IResult> PostAsync(HttpRequest request, string? path, CancellationToken cancellation)
    {
        if (request.ContentType is not { } type || !type.StartsWith(Sdp, StringComparison.OrdinalIgnoreCase))
        {
            return Results.Text($"The offer's content type has to be {Sdp}.", statusCode: StatusCodes.Status415UnsupportedMediaType);
        }

        if (path is not (null or "call" or "rtp"))
        {
            return Results.Text(
                "path is 'call' (through the audio path of a call) or 'rtp' (packets untouched).",
                statusCode: StatusCodes.Status400BadRequest);
        }

        if (_peers.Count >= options.Value.MaxCalls)
        {
            return Results.Text("As many peers as this host carries are in use.", statusCode: StatusCodes.Status503ServiceUnavailable);
        }

        var offer = await ReadAsync(request, cancellation).ConfigureAwait(false);
        if (offer is null)
        {
            return Results.Text($"An SDP has at most {SignalLimits.SdpBytes} bytes.", statusCode: StatusCodes.Status413PayloadTooLarge);
        }

        var peer = EchoPeer.Create(media);
        if (!peer.TryAnswer(offer, out var answer, out var refusal))
        {
            peer.Dispose();
            return Results.Text(refusal, statusCode: StatusCodes.Status400BadRequest);
        }

        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(12));
        _peers[id] = peer;
        CallEcho? echo = null;
        if (path is not "rtp")
        {
            peer.Path = echo = new CallEcho(peer, packets, codecs, clock);
        }

        _ = ReleaseAsync(id, peer, echo);
        return new Answered(answer, $"{request.PathBase}/lab/echo/{id}");
    }

    private IResult Delete(string id)
    {
        if (!_peers.TryGetValue(id, out var peer))
        {
            return Results.NotFound();
        }

        peer.Dispose();
        return Results.Ok();
    }

    private HostFigures Measure()
    {
        using var self = Process.GetCurrentProcess();

        // Before the collection, which is not the peers' doing.
        var used = self.TotalProcessorTime;
        return new HostFigures(
            GC.GetTotalMemory(forceFullCollection: true),
            self.WorkingSet64,
            used.TotalMilliseconds,
            self.Threads.Count,
            media.PeerCount);
    }

    private async Task ReleaseAsync(string id, EchoPeer peer, CallEcho? echo)
    {
        await peer.Ended.Task.ConfigureAwait(false);
        _peers.TryRemove(id, out _);
        peer.Dispose();
        echo?.Dispose();
    }

    private static async Task<string?> ReadAsync(HttpRequest request, CancellationToken cancellation)
    {
        var buffer = new byte[SignalLimits.SdpBytes + 1];
        var length = await request.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation)
            .ConfigureAwait(false);
        return length <= SignalLimits.SdpBytes ? Encoding.UTF8.GetString(buffer, 0, length) : null;
    }

    private sealed record HostFigures(long ManagedBytes, long ResidentBytes, double ProcessorMilliseconds, int Threads, int Peers);

    private sealed class Answered(string sdp, string location) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = StatusCodes.Status201Created;
            httpContext.Response.Headers.Location = location;
            httpContext.Response.ContentType = Sdp;
            return httpContext.Response.WriteAsync(sdp);
        }
    }
}
