using System.Text.Json;

namespace Bridge.Cluster.Nodes;

/// <summary>A call is to be made ready at the asked node.</summary>
/// <param name="CallId">The call; its snapshot has been written.</param>
/// <param name="Address">The address that its page comes from.</param>
/// <param name="Introduction">The page's <c>page/hello</c>.</param>
internal sealed record RelayedPrepare(string CallId, string? Address, JsonElement? Introduction);
