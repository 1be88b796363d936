using Bridge.Configuration;
using Bridge.RehearsalHosting;
using Bridge.Roles;
using Bridge.Signaling;
using Microsoft.Extensions.Options;

namespace Bridge.Models;

/// <summary>Which model answers: the Realtime service when there is a key, the rehearsal model otherwise.</summary>
internal sealed class ModelDirectory(IOptions<BridgeOptions> options)
{
    private readonly OpenAiOptions _openAi = options.Value.OpenAi;

    /// <summary>True when no key is configured.</summary>
    public bool IsRehearsal => string.IsNullOrEmpty(_openAi.ApiKey);

    /// <summary>The model's description on the page.</summary>
    public ModelInfo Describe(Role? role = null) =>
        IsRehearsal ? new ModelInfo("rehearsal", "rehearsal") : new ModelInfo("openai", role?.Model.Name ?? _openAi.Model);

    /// <summary>Name of the model that a role's sessions are opened with: two roles of another kind need another session.</summary>
    public string SessionKind(Role role) => IsRehearsal ? RehearsalVoices.ModelOf(role.Slug) : role.Model.Name ?? _openAi.Model;

    /// <summary>The first of a role's models, the cheaper one included, that has no price; null when all have, or the rehearsal model answers, which costs nothing.</summary>
    public string? Unpriced(Role role) =>
        IsRehearsal ? null
        : PriceOf(role) is null ? Describe(role).Name
        : role.Model.Economy is { } economy && !options.Value.Prices.ContainsKey(economy) ? economy
        : null;

    /// <summary>The price of a role's model; null when the operator named no price.</summary>
    public PriceOptions? PriceOf(Role role) => options.Value.Prices.TryGetValue(Describe(role).Name, out var price) ? price : null;
}
