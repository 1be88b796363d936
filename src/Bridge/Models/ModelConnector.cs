using Bridge.Configuration;
using Bridge.Realtime.Live;
using Bridge.Realtime.Model;
using Bridge.Realtime.OpenAi;
using Bridge.RehearsalHosting;
using Bridge.Roles;
using Microsoft.Extensions.Options;

namespace Bridge.Models;

/// <summary>Opens model sessions over WebSockets, with the Realtime service or the embedded rehearsal model.</summary>
internal sealed class ModelConnector(
    ModelDirectory models, RehearsalHost rehearsal, ModelHealth health, TextModelClient texts, IOptions<BridgeOptions> options,
        TimeProvider time,
    ILogger<ModelConnector> logger)
{
    private readonly OpenAiOptions _openAi = options.Value.OpenAi;
    private int _told;

    /// <inheritdoc cref="ModelSessionFactory"/>
    public async Task<IModelSession> OpenAsync(Role role, CancellationToken cancellation)
    {
        IModelSession session;
        try
        {
            session = models.IsLive(role)
                ? await LiveSession.ConnectAsync(Endpoint(role), TextModel(role), time, cancellation).ConfigureAwait(false)
                : await OpenAiModelSession.ConnectAsync(Endpoint(role), time, cancellation).ConfigureAwait(false);
        }
        catch (ModelSessionException)
        {
            health.Told(opened: false);
            throw;
        }

        health.Told(opened: true);
        if (session is OpenAiModelSession { Profile: var profile } && !models.IsRehearsal && Interlocked.Exchange(ref _told, 1) == 0)
        {
            Log.ServerProfile(logger, profile.Name);
        }

        return session;
    }

    // The rehearsal plays a role's script as its text model, too; elsewhere a text model has a name.
    private TextModel? TextModel(Role role)
    {
        var endpoint = Endpoint(role);
        var model = models.IsRehearsal ? endpoint.Model : models.TextModelOf(role);
        return model is null ? null : (request, cancellation) =>
            texts.AskAsync(endpoint, models.IsRehearsal ? model : request.Model ?? model, request, cancellation);
    }

    private ModelEndpoint Endpoint(Role role) => models.IsRehearsal
        ? rehearsal.Endpoint(role)
        : new ModelEndpoint
        {
            BaseUrl = new Uri(_openAi.BaseUrl),
            Key = _openAi.ApiKey!,
            Authentication = _openAi.UseApiKeyHeader ? ModelAuthentication.ApiKeyHeader : ModelAuthentication.Bearer,
            Model = role.Model.Name ?? _openAi.Model,
            Profile = ServerProfile.Find(_openAi.Profile)!,
            Headers = new Dictionary<string, string>(_openAi.Headers),
            Query = new Dictionary<string, string>(_openAi.Query),
        };
}
