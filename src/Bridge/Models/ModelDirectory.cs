using Bridge.Configuration;
using Bridge.Realtime.Model;
using Bridge.Realtime.OpenAi;
using Bridge.RehearsalHosting;
using Bridge.Roles;
using Bridge.Signaling;
using Microsoft.Extensions.Options;

namespace Bridge.Models;

/// <summary>Which model answers: the Realtime service when there is a key, the rehearsal model otherwise.</summary>
internal sealed class ModelDirectory(IOptions<BridgeOptions> options, RehearsalHost rehearsal, TimeProvider time)
{
    private readonly OpenAiOptions _openAi = options.Value.OpenAi;

    /// <summary>True when no key is configured.</summary>
    public bool IsRehearsal => string.IsNullOrEmpty(_openAi.ApiKey);

    /// <summary>What the page says of the model.</summary>
    public ModelInfo Describe(Role? role = null) =>
        IsRehearsal ? new ModelInfo("rehearsal", "rehearsal") : new ModelInfo("openai", role?.Model.Name ?? _openAi.Model);

    /// <summary>Name of the model that a role's sessions are opened with: two roles of another kind need another session.</summary>
    public string SessionKind(Role role) => IsRehearsal ? RehearsalVoices.ModelOf(role.Slug) : role.Model.Name ?? _openAi.Model;

    /// <summary>Opens a session for a role; throws <see cref="ModelSessionException"/>.</summary>
    public async Task<IModelSession> OpenAsync(Role role, CancellationToken cancellation) =>
        await OpenAiModelSession.ConnectAsync(Endpoint(role), time, cancellation).ConfigureAwait(false);

    private ModelEndpoint Endpoint(Role role) => IsRehearsal
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
