using Bridge.Roles.Templates;
using Bridge.Roles.Yaml;

namespace Bridge.Roles.Loading;

/// <summary>The templates of <c>_shared/</c>, by name without extension.</summary>
internal sealed record SharedPartials(IReadOnlyDictionary<string, Template> ByName, string Revision, IReadOnlyList<RoleError> Errors)
{
    public const string Folder = "_shared";
    private const string Extension = ".instruct";

    public static SharedPartials Load(string rolesFolder)
    {
        var folder = Path.Combine(rolesFolder, Folder);
        var partials = new Dictionary<string, Template>(StringComparer.Ordinal);
        if (!Directory.Exists(folder))
        {
            return new SharedPartials(partials, "", []);
        }

        var files = FolderReader.Read(
            folder,
            Folder + "/",
            path => path.EndsWith(Extension, StringComparison.Ordinal) && !path.Contains('/') ? FileBounds.TextBytes : 0);
        var errors = new List<RoleError>(files.Errors);
        foreach (var (path, bytes) in files.ByPath)
        {
            var file = $"{Folder}/{path}";
            if (!Utf8Text.TryDecode(bytes, out var text))
            {
                errors.Add(new RoleError(file, 0, 0, "The file is not UTF-8 text; save it as UTF-8."));
            }
            else if (TemplateParser.Parse(file, text, errors) is { } template)
            {
                partials[path[..^Extension.Length]] = template;
            }
        }

        return new SharedPartials(partials, RoleRevision.Of(files), errors);
    }
}
