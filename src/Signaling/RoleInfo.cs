namespace Bridge.Signaling;

/// <summary>The public part of a role. Instructions never leave the server.</summary>
/// <param name="Slug">Stable name used in addresses.</param>
/// <param name="Name">Name shown to people.</param>
/// <param name="Emoji">One emoji, may be empty.</param>
/// <param name="HasPage">True when the role ships a page module at <c>/roles/{slug}/page/index.js</c>.</param>
/// <param name="Images">True when the caller may share a screen or a camera with the agent.</param>
public sealed record RoleInfo(string Slug, string Name, string Emoji, bool HasPage = false, bool Images = false)
{
    /// <summary>True when the agent listens while it speaks: nothing on the page silences it because somebody talks.</summary>
    public bool FullDuplex { get; init; }
}
