using Bridge.Access;
using Bridge.Recordings;
using Bridge.Records;
using Microsoft.Net.Http.Headers;

namespace Bridge.Hosting;

/// <summary><c>/api/calls/{id}/audio</c>: the recordings of a call; for operators alone.</summary>
internal static class AudioApi
{
    /// <summary>RFC 7845 §9.</summary>
    private const string MediaType = "audio/ogg; codecs=opus";

    public static void MapAudio(this IEndpointRouteBuilder app, Operators operators)
    {
        app.MapGet("/api/calls/{id}/audio", ListAsync).AddEndpointFilter(operators.Require)
            .WithSummary("The recordings of a call, with marks of what was cut off unheard; for operators alone.");
        app.MapMethods("/api/calls/{id}/audio/{name}", [HttpMethods.Get, HttpMethods.Head], File).AddEndpointFilter(operators.Require)
            .WithSummary("A track of a recording, Ogg Opus, whole or in ranges; for operators alone.");
    }

    private static Task<IResult> ListAsync(string id, RecordingDesk desk) => RecordApi.FromStoreAsync(() =>
        Task.FromResult(desk.Find(id) is { } parts ? Results.Json(parts, CallRecord.Json) : Results.NotFound()));

    private static IResult File(string id, string name, RecordingDesk desk, HttpContext context)
    {
        if (desk.File(id, name) is not { } file)
        {
            return Results.NotFound();
        }

        FileStream stream;
        try
        {
            stream = file.Open(FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (IOException)
        {
            return Results.NotFound(); // it was erased meanwhile
        }

        // A voice is nothing for a cache on the way. The tag changes as long as the file grows.
        context.Response.Headers.CacheControl = "private, no-cache";
        var changed = file.LastWriteTimeUtc;
        return Results.Stream(
            stream, MediaType, fileDownloadName: null, changed,
            new EntityTagHeaderValue($"\"{stream.Length:x}-{changed.Ticks:x}\""), enableRangeProcessing: true);
    }
}
