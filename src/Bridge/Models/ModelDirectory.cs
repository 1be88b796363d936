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

    /// <summary>The role's sessions are of a full-duplex model.</summary>
    public bool IsLive(Role role) => role.Model.IsLive || (role.Model.Name is null && !IsRehearsal && LiveModels.Is(_openAi.Model));

    /// <summary>Name of the model that does the work, and writes the texts, of a full-duplex model; null: there is none.</summary>
    public string? TextModelOf(Role role) => role.Model.Backend ?? (options.Value.TextModel.Model is { Length: > 0 } model ? model : null);

    /// <summary>The price of what a role used: of the text model's tokens that model's, else that of the role's model.</summary>
    /// <param name="role">The role that answers.</param>
    /// <param name="purpose">As in <c>RecordUsage</c>.</param>
    public PriceOptions? PriceOf(Role role, string purpose) =>
        !IsTextModels(role, purpose) ? PriceOf(role)
        : TextModelOf(role) is { } model && options.Value.Prices.TryGetValue(model, out var price) ? price : null;

    /// <summary>Name of the model that used something.</summary>
    public string NameOf(Role role, string purpose) =>
        IsTextModels(role, purpose) && TextModelOf(role) is { } model ? model : Describe(role).Name;

    /// <summary>The first of a role's models, the cheaper one included, that has no price; null when all have, or the rehearsal model answers, which costs nothing.</summary>
    public string? Unpriced(Role role) =>
        IsRehearsal ? null
        : PriceOf(role) is null ? Describe(role).Name
        : IsLive(role) && TextModelOf(role) is { } text && !options.Value.Prices.ContainsKey(text) ? text
        : role.Model.Economy is { } economy && !options.Value.Prices.ContainsKey(economy) ? economy
        : null;

    private bool IsTextModels(Role role, string purpose) => purpose is not "session" && IsLive(role);

    /// <summary>The price of a role's model; null when the operator named no price.</summary>
    public PriceOptions? PriceOf(Role role) => options.Value.Prices.TryGetValue(Describe(role).Name, out var price) ? price : null;
}
