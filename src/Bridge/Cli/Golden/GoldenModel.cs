using Bridge.Configuration;
using Bridge.Models;
using Bridge.Realtime.Live;
using Bridge.Realtime.Model;
using Bridge.Realtime.OpenAi;
using Bridge.Roles;
using Microsoft.Extensions.Options;

namespace Bridge.Cli.Golden;

/// <summary>Where the sessions of golden conversations come from, and the clock that they use.</summary>
/// <param name="Name">For the report.</param>
/// <param name="Endpoint">The real model; null for the rehearsal model in virtual time.</param>
internal sealed record GoldenModel(string Name, ModelEndpoint? Endpoint)
{
    public static GoldenModel Rehearsal { get; } = new("the rehearsal model", null);

    /// <summary>The text model beside a real full-duplex one; the role's <c>backend</c> takes the place of its name.</summary>
    public TextModelOptions Text { get; init; } = new();

    public bool IsVirtual => Endpoint is null;

    public async Task<GoldenSession> OpenAsync(TimeSpan now, Role role, CancellationToken cancellation) =>
        Endpoint is null
            ? role.Model.IsLive
                ? new VirtualLiveSession(now, "rehearsal/" + role.Slug, role.Rehearsal)
                : new VirtualSession(now, "rehearsal/" + role.Slug, role.Rehearsal)
            : role.Model.IsLive
            ? await OpenLiveAsync(Endpoint, role, cancellation).ConfigureAwait(false)
            : new RealSession(await OpenAiModelSession.ConnectAsync(Endpoint, TimeProvider.System, cancellation).ConfigureAwait(false));

    private async Task<GoldenSession> OpenLiveAsync(ModelEndpoint endpoint, Role role, CancellationToken cancellation)
    {
        var texts = new TextModelClient(Options.Create(new BridgeOptions { TextModel = Text }));
        TextModel? ask = (role.Model.Backend ?? Text.Model) is not { Length: > 0 } name ? null
            : (request, over) => texts.AskAsync(endpoint, request.Model ?? name, request, over);
        try
        {
            return new RealSession(
                await LiveSession.ConnectAsync(endpoint, ask, TimeProvider.System, cancellation).ConfigureAwait(false), texts);
        }
        catch
        {
            texts.Dispose();
            throw;
        }
    }
}
