using System.Net.WebSockets;
using Bridge.Realtime.Model;
using Bridge.Realtime.OpenAi;

namespace Bridge.Realtime.Live;

/// <summary>Opens the socket of a <see cref="LiveSession"/>: the endpoint's key, headers and query, and no query of its own.</summary>
internal static class LiveConnection
{
    /// <summary>The address: <c>live/sessions</c> below the endpoint's base.</summary>
    public static Uri Address(ModelEndpoint endpoint)
    {
        var builder = new UriBuilder(endpoint.BaseUrl)
        {
            Scheme = endpoint.BaseUrl.Scheme is "https" or "wss" ? "wss" : "ws",
            Port = endpoint.BaseUrl.IsDefaultPort ? -1 : endpoint.BaseUrl.Port,
            Path = endpoint.BaseUrl.AbsolutePath.TrimEnd('/') + "/live/sessions",
            Query = string.Join('&', endpoint.Query.Select(pair =>
                Uri.EscapeDataString(pair.Key) + "=" + Uri.EscapeDataString(pair.Value))),
        };
        return builder.Uri;
    }

    /// <summary>Connects.</summary>
    /// <exception cref="ModelSessionException">The service can't be reached, or refuses the handshake.</exception>
    public static async Task<ClientWebSocket> OpenAsync(ModelEndpoint endpoint, CancellationToken cancellationToken)
    {
        var socket = new ClientWebSocket();
        try
        {
            socket.Options.CollectHttpResponseDetails = true;
            if (endpoint.Key.Length > 0 && endpoint.Authentication == ModelAuthentication.ApiKeyHeader)
            {
                socket.Options.SetRequestHeader("api-key", endpoint.Key);
            }
            else if (endpoint.Key.Length > 0)
            {
                socket.Options.SetRequestHeader("Authorization", "Bearer " + endpoint.Key);
            }

            foreach (var (name, value) in endpoint.Headers)
            {
                socket.Options.SetRequestHeader(name, value);
            }

            await socket.ConnectAsync(Address(endpoint), cancellationToken).ConfigureAwait(false);
            return socket;
        }
        catch (Exception exception) when (exception is WebSocketException or HttpRequestException)
        {
            var status = (int)socket.HttpStatusCode;
            socket.Dispose();
            throw new ModelSessionException($"The model at {endpoint.BaseUrl} can't be reached: {exception.Message}", exception)
            {
                IsFinal = FinalErrors.ContainsStatus(status),
                IsBusy = status == 429,
            };
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
