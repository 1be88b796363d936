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
/// (RFC 9725 §4.2); <c>DELETE</c> ends it. <c>GET /lab/host</c>: memory and processor time of the process. Served with <c>--lab</c> alone.
/// </summary>
internal sealed class LabEndpoints(
    MediaEndpoint media, MediaEngine engine, MediaPeerFactory peers, PacketClock packets, AudioCodecs codecs, HostClock clock,
    IOptions<BridgeOptions> options) : IDisposable
{
    private const string Sdp = "application/sdp";

    private readonly ConcurrentDictionary<string, IDisposable> _peers = new(StringComparer.Ordinal);

    /// <summary>Maps the endpoints.</summary>
    public void Map(IEndpointRouteBuilder app)
    {
        app.MapPost("/lab/echo", PostAsync).WithSummary("A peer that returns audio and messages (WHIP style).");
        app.MapDelete("/lab/echo/{id}", Delete).WithSummary("Ends an echo peer.");
        app.MapGet("/lab/host", Measure)
            .WithSummary("What this process holds and has used; after a full collection unless told otherwise (collect=false).");
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

        return engine == MediaEngine.Own ? AnswerOwn(request, offer, path) : AnswerEngine(request, offer, path);
    }

    private IResult AnswerOwn(HttpRequest request, string offer, string? path)
    {
        var peer = EchoPeer.Create(media);
        if (!peer.TryAnswer(offer, out var answer, out var refusal))
        {
            peer.Dispose();
            return Results.Text(refusal, statusCode: StatusCodes.Status400BadRequest);
        }

        if (path is not "rtp")
        {
            peer.Path = new CallEcho(peer.Codec, peer.SendAudio, packets, codecs, clock);
        }

        return Begin(request, answer, peer, peer.Ended.Task, peer.Path);
    }

    private IResult AnswerEngine(HttpRequest request, string offer, string? path)
    {
        EngineEcho echo = new(peers, media.Trails.Of("echo"), clock.Guard);
        if (!echo.Peer.TryAnswer(offer, out var answer, out var refusal))
        {
            echo.Dispose();
            return Results.Text(refusal, statusCode: StatusCodes.Status400BadRequest);
        }

        if (path is not "rtp")
        {
            echo.Path = new CallEcho(
                echo.Codec, (packet, timestamp, marker) => echo.Peer.TrySendAudio(packet, timestamp, marker), packets, codecs, clock);
        }

        return Begin(request, answer, echo, echo.Ended.Task, echo.Path);
    }

    private Answered Begin(HttpRequest request, string answer, IDisposable peer, Task ended, CallEcho? echo)
    {
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(12));
        _peers[id] = peer;
        _ = ReleaseAsync(id, peer, ended, echo);
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

    /// <param name="collect">False leaves the garbage where it is, for a look that is not to disturb.</param>
    private HostFigures Measure(bool collect = true)
    {
        using var self = Process.GetCurrentProcess();

        // Before the collection, which is not the peers' doing.
        var used = self.TotalProcessorTime;
        var paused = GC.GetTotalPauseDuration();
        var allocated = GC.GetTotalAllocatedBytes();
        return new HostFigures(
            GC.GetTotalMemory(collect),
            self.WorkingSet64,
            used.TotalMilliseconds,
            self.Threads.Count,
            media.PeerCount,
            paused.TotalMilliseconds,
            allocated);
    }

    private async Task ReleaseAsync(string id, IDisposable peer, Task ended, CallEcho? echo)
    {
        await ended.ConfigureAwait(false);
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

    private sealed record HostFigures(
        long ManagedBytes, long ResidentBytes, double ProcessorMilliseconds, int Threads, int Peers, double PauseMilliseconds,
        long AllocatedBytes);

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
