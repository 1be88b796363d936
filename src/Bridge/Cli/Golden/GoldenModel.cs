using Bridge.Realtime.OpenAi;
using Bridge.Roles;

namespace Bridge.Cli.Golden;

/// <summary>Where the sessions of golden conversations come from, and whose time they live in.</summary>
/// <param name="Name">For the report.</param>
/// <param name="Endpoint">The real model; null for the rehearsal model in virtual time.</param>
internal sealed record GoldenModel(string Name, ModelEndpoint? Endpoint)
{
    public static GoldenModel Rehearsal { get; } = new("the rehearsal model", null);

    public bool IsVirtual => Endpoint is null;

    public async Task<GoldenSession> OpenAsync(TimeSpan now, Role role, CancellationToken cancellation) =>
        Endpoint is null
            ? new VirtualSession(now, "rehearsal/" + role.Slug, role.Rehearsal)
            : new RealSession(await OpenAiModelSession.ConnectAsync(Endpoint, TimeProvider.System, cancellation).ConfigureAwait(false));
}
