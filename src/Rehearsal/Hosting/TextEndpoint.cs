using Bridge.Rehearsal.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Bridge.Rehearsal.Hosting;

/// <summary>The text endpoints of a rehearsal server: Chat Completions and Responses, whole or streamed.</summary>
public static class TextEndpoint
{
    private const int MaxBytes = 4 * 1024 * 1024;

    /// <summary>Maps <c>POST /chat/completions</c> and <c>POST /responses</c> under <paramref name="basePath"/>.</summary>
    /// <param name="routes">Where to map them.</param>
    /// <param name="basePath">Path in the place of <c>/v1</c>.</param>
    /// <param name="server">The server that answers.</param>
    /// <param name="admits">Whether the request may in; a request that may not gets 401. By default
    /// <see cref="RehearsalEndpoint.BringsKey"/>.</param>
    public static void MapRehearsalText(
        this IEndpointRouteBuilder routes, string basePath, RehearsalServer server, Func<HttpContext, bool>? admits = null)
    {
        ArgumentNullException.ThrowIfNull(routes);
        ArgumentNullException.ThrowIfNull(server);
        admits ??= RehearsalEndpoint.BringsKey;
        routes.MapPost(basePath + "/chat/completions", context => AnswerAsync(context, admits, server, server.Chat));
        routes.MapPost(basePath + "/responses", context => AnswerAsync(context, admits, server, server.Respond));
    }

    private static async Task AnswerAsync(
        HttpContext context, Func<HttpContext, bool> admits, RehearsalServer server, Func<ReadOnlyMemory<byte>, TextAnswer> answer)
    {
        if (!admits(context) || server.Faults.HandshakeStatus is not null)
        {
            context.Response.StatusCode = admits(context) ? server.Faults.HandshakeStatus!.Value : StatusCodes.Status401Unauthorized;
            return;
        }

        var cancellation = context.RequestAborted;
        using var body = new MemoryStream();
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await context.Request.Body.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0)
        {
            body.Write(buffer, 0, read);
            if (body.Length > MaxBytes)
            {
                context.Response.StatusCode = StatusCodes.Status413PayloadTooLarge;
                return;
            }
        }

        if (server.Faults.ThinkSeconds is { } seconds)
        {
            await Task.Delay(TimeSpan.FromSeconds(seconds), server.Time, cancellation).ConfigureAwait(false);
        }

        var result = answer(body.ToArray());
        context.Response.StatusCode = result.Status;
        context.Response.ContentType = result.ContentType;
        context.Response.ContentLength = result.Body.Length;
        await context.Response.BodyWriter.WriteAsync(result.Body, cancellation).ConfigureAwait(false);
    }
}
