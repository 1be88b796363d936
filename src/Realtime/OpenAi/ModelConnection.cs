using System.ClientModel;
using System.ClientModel.Primitives;
using System.Globalization;
using System.Net.WebSockets;
using OpenAI.Realtime;

namespace Bridge.Realtime.OpenAi;

/// <summary>An endpoint's options in terms of the OpenAI package.</summary>
internal static class ModelConnection
{
    public static Task<RealtimeSessionClient> StartAsync(ModelEndpoint endpoint, CancellationToken cancellationToken)
    {
        var options = new RealtimeClientOptions { Endpoint = endpoint.BaseUrl };
        var bearer = endpoint.Authentication == ModelAuthentication.Bearer && endpoint.Key.Length > 0;
        var client = bearer
            ? new RealtimeClient(new ApiKeyCredential(endpoint.Key), options)
            : new RealtimeClient(new NoAuthorization(), options);
        var session = new RealtimeSessionClientOptions();
        if (endpoint.Authentication == ModelAuthentication.ApiKeyHeader)
        {
            session.Headers["api-key"] = endpoint.Key;
        }

        foreach (var (name, value) in endpoint.Headers)
        {
            session.Headers[name] = value;
        }

        if (endpoint.Query.Count > 0)
        {
            // A query of our own replaces the package's, the model included.
            session.QueryString = string.Join('&', endpoint.Query
                .Prepend(new KeyValuePair<string, string>("model", endpoint.Model))
                .Select(pair => Uri.EscapeDataString(pair.Key) + "=" + Uri.EscapeDataString(pair.Value)));
        }

        return client.StartConversationSessionAsync(endpoint.Model, session, cancellationToken);
    }

    /// <summary>HTTP status of a handshake that was refused; null when it failed otherwise.</summary>
    public static int? StatusOf(Exception failure)
    {
        // The package keeps the socket to itself, and .NET has the status in the message text alone.
        for (var cause = failure; cause is not null; cause = cause.InnerException)
        {
            if (cause is ClientResultException { Status: > 0 } answer)
            {
                return answer.Status;
            }

            var quote = cause is WebSocketException { WebSocketErrorCode: WebSocketError.NotAWebSocket }
                ? cause.Message.IndexOf('\'', StringComparison.Ordinal)
                : -1;
            if (quote >= 0 && quote + 4 < cause.Message.Length
                && int.TryParse(cause.Message.AsSpan(quote + 1, 3), CultureInfo.InvariantCulture, out var status))
            {
                return status;
            }
        }

        return null;
    }

    /// <summary>The package adds a bearer token unless a policy says otherwise; this one adds nothing.</summary>
    private sealed class NoAuthorization : AuthenticationPolicy
    {
        public override void Process(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex) =>
            ProcessNext(message, pipeline, currentIndex);

        public override ValueTask ProcessAsync(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex) =>
            ProcessNextAsync(message, pipeline, currentIndex);
    }
}
