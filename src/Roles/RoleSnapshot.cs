using System.Collections.Frozen;

namespace Bridge.Roles;

/// <summary>All roles at one moment; immutable, so that a call can keep what it started with.</summary>
public sealed class RoleSnapshot
{
    private readonly FrozenDictionary<string, RoleEntry> _bySlug;

    internal RoleSnapshot(long version, IReadOnlyList<RoleEntry> entries, IReadOnlyList<RoleError> errors)
    {
        Version = version;
        Entries = entries;
        Errors = errors;
        _bySlug = entries.ToFrozenDictionary(entry => entry.Slug, StringComparer.Ordinal);
    }

    /// <summary>Grows with every publication, from 1.</summary>
    public long Version { get; }

    /// <summary>Every folder, good and broken, by name of the folder.</summary>
    public IReadOnlyList<RoleEntry> Entries { get; }

    /// <summary>Errors that concern no single role: a shared partial, a folder that can't be read.</summary>
    public IReadOnlyList<RoleError> Errors { get; }

    /// <summary>The role of this slug, private ones too; null when there is none that ever was valid.</summary>
    public Role? Find(string slug) => _bySlug.TryGetValue(slug, out var entry) ? entry.Role : null;

    /// <summary>
    /// The role of this slug as callers without a ticket may find it: a private one only when it matches <paramref name="privateFilter"/>.
    /// </summary>
    public Role? Find(string slug, string? privateFilter) =>
        _bySlug.TryGetValue(slug, out var entry) && IsServed(entry, privateFilter) ? entry.Role : null;

    /// <summary>
    /// The roles of the gallery: everything public, and of the private roles those whose name or slug matches
    /// <paramref name="privateFilter"/> (<c>*</c> stands for anything, case ignored); null shows none of them.
    /// </summary>
    public IEnumerable<RoleEntry> Gallery(string? privateFilter = null) => Entries.Where(entry => IsServed(entry, privateFilter));

    internal bool Equals(IReadOnlyList<RoleEntry> entries, IReadOnlyList<RoleError> errors) =>
        Errors.SequenceEqual(errors)
        && Entries.Count == entries.Count
        && Entries.Zip(entries).All(pair =>
            pair.First.Slug == pair.Second.Slug && pair.First.Folder == pair.Second.Folder
            && ReferenceEquals(pair.First.Role, pair.Second.Role) && pair.First.Errors.SequenceEqual(pair.Second.Errors));

    private static bool IsServed(RoleEntry entry, string? privateFilter)
    {
        var isPrivate = entry.Role is { } role
            ? role.Visibility == RoleVisibility.Private
            : entry.Folder.StartsWith("private/", StringComparison.Ordinal);
        return !isPrivate || (privateFilter is not null && Matches(entry, privateFilter));
    }

    private static bool Matches(RoleEntry entry, string filter) =>
        System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(filter, entry.Slug)
        || (entry.Role is { } role && System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(filter, role.Name));
}
