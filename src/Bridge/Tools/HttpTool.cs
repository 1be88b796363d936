using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Bridge.Tools;

/// <summary>A web hook: the arguments go out as a POST of JSON, the body that comes back is the result.</summary>
internal static class HttpTool
{
    private const int MaxRead = 1 << 20;
    private const int MaxErrorText = 500;
    private const int MaxBeginning = 8_192;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);

    public static async Task<ToolOutcome> RunAsync(ToolRun run, CancellationToken cancellation)
    {
        var name = run.Tool.Name;
        var settings = run.Tool.Http!;
        var client = run.Services.ClientFor(settings);
        var attempts = settings.Idempotent ? 1 + settings.Retries : 1;
        for (var attempt = 1; ; attempt++)
        {
            using var request = Request(run, out var problem);
            if (problem is not null)
            {
                run.Host.Problem("tool_secret", $"{name}: {problem}.");
                return ToolOutcome.Fail($"{name} is not set up rightly on this server.");
            }

            var pause = FirstPause * (1 << Math.Min(attempt - 1, 5));
            var begunBefore = run.Begun;
            string failure;
            try
            {
                // From here on only a failure to connect says that nothing was done.
                run.Begun = true;
                using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation)
                    .ConfigureAwait(false);
                if (!MayPass(response.StatusCode) || attempt >= attempts)
                {
                    return await ReadAsync(name, response, cancellation).ConfigureAwait(false);
                }

                failure = $"answered {(int)response.StatusCode}";
                pause = response.Headers.RetryAfter?.Delta is { } asked && asked > pause ? asked : pause;
            }
            catch (Exception exception) when (FindPrivate(exception) is { } refused)
            {
                run.Host.Problem("tool_address", $"{name}: {refused.Message}");
                return begunBefore
                    ? ToolOutcome.Unknown(name, refused.Message.TrimEnd('.'))
                    : ToolOutcome.Fail($"{name} can not be reached: {refused.Message}");
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException or SocketException)
            {
                failure = Describe(exception, out var neverSent);
                run.Begun = begunBefore || !neverSent;
                if (attempt >= attempts)
                {
                    return run.Begun ? ToolOutcome.Unknown(name, failure) : ToolOutcome.Fail($"{name} can not be reached: {failure}.");
                }
            }

            run.Report($"{name} {failure}; trying again", null);
            await Task.Delay(pause, run.Services.Time, cancellation).ConfigureAwait(false);
        }
    }

    private static HttpRequestMessage Request(ToolRun run, out string? problem)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, run.Tool.Http!.Url)
        {
            Content = new ByteArrayContent(Encoding.UTF8.GetBytes(run.Arguments.GetRawText()))
            {
                Headers = { ContentType = new MediaTypeHeaderValue("application/json") },
            },
        };
        request.Headers.Accept.ParseAdd("application/json");
        request.Headers.AcceptEncoding.ParseAdd("identity");
        request.Headers.TryAddWithoutValidation("Idempotency-Key", run.CallId);
        HookHeaders.TryAdd(request, run.Tool.Http, run.Bound.Role, run.Services, out problem);
        return request;
    }

    private static async Task<ToolOutcome> ReadAsync(string name, HttpResponseMessage response, CancellationToken cancellation)
    {
        var body = ArrayPool<byte>.Shared.Rent(MaxRead);
        try
        {
            var stream = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
            await using var _ = stream.ConfigureAwait(false);
            var length = await stream.ReadAtLeastAsync(body.AsMemory(0, MaxRead), MaxRead, throwOnEndOfStream: false, cancellation)
                .ConfigureAwait(false);
            return Outcome(name, response, body.AsSpan(0, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(body);
        }
    }

    private static ToolOutcome Outcome(string name, HttpResponseMessage response, ReadOnlySpan<byte> body)
    {
        var readable = HttpAnswer.TryText(response.Content.Headers, body, out var text, out var problem);
        if (!response.IsSuccessStatusCode)
        {
            var words = readable ? text!.Trim() : $"its body {problem}";
            words = words.Length > MaxErrorText ? words[..MaxErrorText] : words;
            return ToolOutcome.Fail(
                $"{name} answered {(int)response.StatusCode} {response.ReasonPhrase}{(words.Length > 0 ? ": " + words : "")}");
        }

        if (body.IsEmpty)
        {
            return ToolOutcome.Done(new { done = true });
        }

        if (!readable)
        {
            return ToolOutcome.Done(new { done = true, unread = $"The answer of {name} {problem}." });
        }

        if (body.Length >= MaxRead)
        {
            return ToolOutcome.Done(
                new
                {
                    cut = true,
                    message = $"The answer of {name} is 1 MB or longer. Only its beginning is here.",
                    beginning = text![..Math.Min(text!.Length, MaxBeginning)],
                });
        }

        return TryJson(text!, out var json) ? ToolOutcome.Done(json) : ToolOutcome.Done(new { text });
    }

    private static bool TryJson(string text, out JsonElement json)
    {
        try
        {
            json = JsonElement.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            json = default;
            return false;
        }
    }

    private static bool MayPass(HttpStatusCode status) => status is
        HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable
            or HttpStatusCode.GatewayTimeout;

    private static PrivateAddressException? FindPrivate(Exception? exception)
    {
        while (exception is not null and not PrivateAddressException)
        {
            exception = exception.InnerException;
        }

        return exception as PrivateAddressException;
    }

    // Never the exception's own text: it may hold the URL, and with it a key.
    private static string Describe(Exception exception, out bool neverSent)
    {
        neverSent = exception is HttpRequestException
        {
            HttpRequestError: HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError
                or HttpRequestError.ConnectionError,
        };
        return exception switch
        {
            HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => "its name is not known",
            HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => "its certificate is not accepted",
            HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } => "nothing answers there",
            _ => "the connection broke",
        };
    }
}
