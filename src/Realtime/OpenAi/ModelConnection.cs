using System.ClientModel;
using System.ClientModel.Primitives;
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

    /// <summary>The package adds a bearer token unless a policy says otherwise; this one adds nothing.</summary>
    private sealed class NoAuthorization : AuthenticationPolicy
    {
        public override void Process(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex) =>
            ProcessNext(message, pipeline, currentIndex);

        public override ValueTask ProcessAsync(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex) =>
            ProcessNextAsync(message, pipeline, currentIndex);
    }
}
