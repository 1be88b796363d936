using System.Text.Json;

namespace Bridge.Roles;

/// <summary>The part of a role that the browser gets: the widget's module, its style and the data it asked for.</summary>
public sealed record RolePage
{
    /// <summary>The files below <c>page/</c> as they were when the role was published, by relative path with forward slashes.</summary>
    public required IReadOnlyDictionary<string, RolePageFile> Files { get; init; }

    /// <summary>The ES module's key in <see cref="Files"/>: <c>index.js</c>.</summary>
    public required string Module { get; init; }

    /// <summary>The style sheet's key in <see cref="Files"/>; null when there is none.</summary>
    public string? Style { get; init; }

    /// <summary>
    /// An object with one member per data file listed under <c>page_data:</c>; nothing else of <c>data/</c> leaves the host.
    /// </summary>
    public required JsonElement Data { get; init; }
}
