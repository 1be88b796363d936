using System.Text.Json;
using Bridge.Roles.Loading;

namespace Bridge.Roles.Golden;

/// <summary>A conversation that a role is expected to have: one file below its <c>tests/</c>.</summary>
public sealed record GoldenConversation
{
    /// <summary>The file below the roles folder, with forward slashes.</summary>
    public required string File { get; init; }

    /// <summary>The title of the conversation; the file's name when it has none.</summary>
    public required string Name { get; init; }

    /// <summary>The page's attributes of the caller.</summary>
    public IReadOnlyDictionary<string, string> Caller { get; init; } = new Dictionary<string, string>();

    /// <summary>The caller's locale; null for the role's language.</summary>
    public string? Locale { get; init; }

    /// <summary>The turns, at least one.</summary>
    public required IReadOnlyList<GoldenTurn> Turns { get; init; }

    /// <summary>The expected outcome, after the last turn; null: nothing, and the call is not ended.</summary>
    public JsonElement? Outcome { get; init; }

    /// <summary>Line of <see cref="Outcome"/> in the file.</summary>
    public int OutcomeLine { get; init; }

    /// <summary>Reads the conversations of a role; what is wrong in them is added to <paramref name="errors"/>.</summary>
    /// <param name="rolesFolder">The roles folder.</param>
    /// <param name="role">The role; its tools say what may be called.</param>
    /// <param name="errors">Where errors go.</param>
    public static IReadOnlyList<GoldenConversation> Load(string rolesFolder, Role role, ICollection<RoleError> errors)
    {
        ArgumentNullException.ThrowIfNull(role);
        ArgumentNullException.ThrowIfNull(errors);
        return GoldenReader.Load(rolesFolder, role, errors);
    }
}
