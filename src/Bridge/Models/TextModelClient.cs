using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Bridge.Configuration;
using Bridge.Realtime.Model;
using Bridge.Realtime.OpenAi;
using Microsoft.Extensions.Options;

namespace Bridge.Models;

/// <summary>
/// The text model over the Chat Completions or the Responses API of any compatible server. Its answer is hostile until read; a failure
/// is an answer without output, and its words hold no key and nothing of the conversation.
/// </summary>
internal sealed class TextModelClient(IOptions<BridgeOptions> options) : IDisposable
{
    private const int MaxAnswer = 1 << 20;

    // A stream repeats the request's tools in several events.
    private const int MaxStream = 4 * MaxAnswer;
    private const string EventStream = "text/event-stream";
    private readonly TextModelOptions _options = options.Value.TextModel;
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false })
    {
        Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = MaxAnswer,
    };

    private bool IsResponses => _options.Api == TextModelOptions.Responses;

    private string Path => IsResponses ? "/responses" : "/chat/completions";

    /// <summary>Asks the model of this name.</summary>
    /// <param name="endpoint">The voice model's: asked unless the operator named another base.</param>
    /// <param name="model">Its name.</param>
    /// <param name="request">The question.</param>
    /// <param name="cancellation">Nobody waits any more.</param>
    public async Task<TextAnswer> AskAsync(ModelEndpoint endpoint, string model, TextRequest request, CancellationToken cancellation)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timeout.CancelAfter(TimeSpan.FromSeconds(_options.TimeoutSeconds));
        try
        {
            using var message = Message(endpoint, model, request);
            using var response = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, timeout.Token)
                .ConfigureAwait(false);
            if (response is { IsSuccessStatusCode: true, Content.Headers.ContentType.MediaType: EventStream } && IsResponses)
            {
                return await StreamAsync(response, request.Progress, timeout.Token).ConfigureAwait(false);
            }

            await response.Content.LoadIntoBufferAsync(MaxAnswer, timeout.Token).ConfigureAwait(false);
            var body = await response.Content.ReadAsByteArrayAsync(timeout.Token).ConfigureAwait(false);
            return !response.IsSuccessStatusCode ? Failed(TextModelFailure.Of((int)response.StatusCode, body, model, Path))
                : IsResponses ? ReadWhole(body)
                : ChatAnswer.TryRead(body, out var answer) ? answer : Unreadable();
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return Failed($"the text model did not answer within {_options.TimeoutSeconds} s");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            return Failed("the text model's server can't be reached, or sent too much");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private static TextAnswer Failed(string why) => new([], default, why);

    private static TextAnswer Unreadable() => Failed("the text model's answer could not be read");

    private static async Task<TextAnswer> StreamAsync(
        HttpResponseMessage response, Action<string>? progress, CancellationToken cancellation)
    {
        var read = new ResponsesAnswer(progress);
        await using var body = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        await using var limited = new LimitedStream(body, MaxStream);
        var events = SseParser.Create(limited, (_, data) => data.ToArray());
        try
        {
            await foreach (var one in events.EnumerateAsync(cancellation).ConfigureAwait(false))
            {
                read.ReadEvent(one.Data);
                if (read.Answer is { } answer)
                {
                    return answer;
                }
            }
        }
        catch (JsonException)
        {
            return Unreadable();
        }

        return Failed("the text model's answer broke off");
    }

    private static TextAnswer ReadWhole(byte[] body)
    {
        var read = new ResponsesAnswer(progress: null);
        return read.TryReadWhole(body) ? read.Answer! : Unreadable();
    }

    private HttpRequestMessage Message(ModelEndpoint endpoint, string model, TextRequest request)
    {
        var own = _options.BaseUrl.Length > 0;
        var path = (own ? _options.BaseUrl : endpoint.BaseUrl.AbsoluteUri).TrimEnd('/') + Path;
        var query = own ? "" : string.Join('&', endpoint.Query.Select(pair =>
            Uri.EscapeDataString(pair.Key) + "=" + Uri.EscapeDataString(pair.Value)));
        var message = new HttpRequestMessage(HttpMethod.Post, query.Length > 0 ? path + "?" + query : path)
        {
            Content = new ByteArrayContent(IsResponses
                ? ResponsesRequest.Write(model, request)
                : ChatRequest.Write(model, request, isProviders: !own && endpoint.IsProviders)),
        };
        message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        var key = own ? _options.ApiKey : endpoint.Key;
        if (!string.IsNullOrEmpty(key))
        {
            if (!own && endpoint.Authentication == ModelAuthentication.ApiKeyHeader)
            {
                message.Headers.TryAddWithoutValidation("api-key", key);
            }
            else
            {
                message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
            }
        }

        if (!own)
        {
            foreach (var (name, value) in endpoint.Headers)
            {
                message.Headers.TryAddWithoutValidation(name, value);
            }
        }

        return message;
    }
}
