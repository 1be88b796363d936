using Bridge.Configuration;
using Bridge.Realtime.Model;
using Bridge.Realtime.OpenAi;
using Bridge.RehearsalHosting;
using Bridge.Roles;
using Microsoft.Extensions.Options;

namespace Bridge.Models;

/// <summary>Opens model sessions over WebSockets, with the Realtime service or the embedded rehearsal model.</summary>
internal sealed class ModelConnector(ModelDirectory models, RehearsalHost rehearsal, IOptions<BridgeOptions> options, TimeProvider time)
{
    private readonly OpenAiOptions _openAi = options.Value.OpenAi;

    /// <inheritdoc cref="ModelSessionFactory"/>
    public async Task<IModelSession> OpenAsync(Role role, CancellationToken cancellation) =>
        await OpenAiModelSession.ConnectAsync(Endpoint(role), time, cancellation).ConfigureAwait(false);

    private ModelEndpoint Endpoint(Role role) => models.IsRehearsal
        ? rehearsal.Endpoint(role)
        : new ModelEndpoint
        {
            BaseUrl = new Uri(_openAi.BaseUrl),
            Key = _openAi.ApiKey!,
            Authentication = _openAi.UseApiKeyHeader ? ModelAuthentication.ApiKeyHeader : ModelAuthentication.Bearer,
            Model = role.Model.Name ?? _openAi.Model,
            Headers = new Dictionary<string, string>(_openAi.Headers),
            Query = new Dictionary<string, string>(_openAi.Query),
        };
}
