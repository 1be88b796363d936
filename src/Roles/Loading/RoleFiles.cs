namespace Bridge.Roles.Loading;

/// <summary>The bytes of one folder at one moment, by path with forward slashes, and what could not be read.</summary>
internal sealed record RoleFiles(IReadOnlyDictionary<string, byte[]> ByPath, IReadOnlyList<RoleError> Errors)
{
    public byte[]? Find(string path) => ByPath.GetValueOrDefault(path);

    public IEnumerable<string> Below(string folder) =>
        ByPath.Keys.Where(path => path.StartsWith(folder, StringComparison.Ordinal)).Order(StringComparer.Ordinal);
}
