using System.Security.Cryptography;
using System.Text.Json;
using Bridge.Roles.Documents;

namespace Bridge.Roles.Loading;

/// <summary>Reads <c>page/</c>: the module, its style and pictures, and the data that the role lets out.</summary>
internal static class PageFiles
{
    private const string Folder = "page/";
    private const string Module = "index.js";
    private const string Style = "style.css";

    /// <summary>The media type of a file that a page may have; null for any other.</summary>
    public static string? TypeOf(string path) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".js" or ".mjs" => "text/javascript; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".json" => "application/json; charset=utf-8",
        ".svg" => "image/svg+xml",
        ".png" => "image/png",
        ".jpg" or ".jpeg" => "image/jpeg",
        ".webp" => "image/webp",
        ".avif" => "image/avif",
        ".woff2" => "font/woff2",
        _ => null,
    };

    public static RolePage? Load(
        RoleFiles files,
        string folder,
        RoleDocument role,
        DocumentBinder binder,
        JsonElement data,
        IReadOnlySet<string> brokenData,
        List<RoleError> errors)
    {
        var file = $"{folder}/role.yaml";
        var paths = files.Below(Folder).ToList();
        var publicData = PublicData(file, role.PageData ?? [], binder, data, brokenData, errors);
        var embedded = role.Page == "host";
        if (embedded && paths.Count > 0)
        {
            Report("Page", "is host, so the files in page/ are never used; remove them, or write `page: module`.");
        }
        else if (!embedded && !paths.Contains(Folder + Module) && !errors.Any(error => error.File == $"{folder}/{Folder}{Module}"))
        {
            var firstPageTool = (role.Tools ?? []).FindIndex(tool => tool.Target == "page");
            const string Right =
                "create it (docs/roles.md shows one), or write `page: host` when the page that embeds the call registers its functions "
                    + "itself.";
            if (paths.Count > 0)
            {
                errors.Add(new RoleError($"{folder}/{Folder}{Module}", 0, 0, $"The page has no module; {Right}"));
            }
            else if (role.Page == "module")
            {
                Report("Page", $"is module, but {Folder}{Module} is missing; {Right}");
            }
            else if (firstPageTool >= 0)
            {
                Report($"Tools[{firstPageTool}]", $"runs on the page, but {Folder}{Module} is missing; {Right}");
            }
        }

        if (paths.Count == 0 || errors.Count > 0)
        {
            return null;
        }

        return new RolePage
        {
            Files = paths.ToDictionary(
                path => path[Folder.Length..],
                path => new RolePageFile(TypeOf(path)!, files.ByPath[path], Tag(files.ByPath[path])),
                StringComparer.Ordinal),
            Module = Module,
            Style = paths.Contains(Folder + Style) ? Style : null,
            Data = publicData,
        };

        void Report(string path, string message)
        {
            var place = binder.PlaceOf(path);
            errors.Add(new RoleError(file, place?.Line ?? 0, place?.Column ?? 0, $"{DocumentBinder.Spell(path)} {message}"));
        }
    }

    private static JsonElement PublicData(
        string file, List<string> names, DocumentBinder binder, JsonElement data, IReadOnlySet<string> brokenData, List<RoleError> errors)
    {
        return JsonText.Build(names, (json, _) =>
        {
            json.WriteStartObject();
            for (var i = 0; i < names.Count; i++)
            {
                if (data.TryGetProperty(names[i], out var value))
                {
                    json.WritePropertyName(names[i]);
                    value.WriteTo(json);
                    continue;
                }

                if (brokenData.Contains(names[i]))
                {
                    continue;
                }

                var known = data.EnumerateObject().Select(member => member.Name).ToList();
                var near = Suggestion.Nearest(names[i], known);
                var place = binder.PlaceOf($"PageData[{i}]");
                errors.Add(new RoleError(file, place?.Line ?? 0, place?.Column ?? 0, $"page_data names \"{names[i]}\", but there is no "
                    + $"data/{names[i]}.yaml or .json"
                    + (near is not null ? $"; did you mean \"{near}\"?" : known.Count > 0 ? $"; there are {string.Join(", ", known)}."
                        : ".")));
            }

            json.WriteEndObject();
        });
    }

    private static string Tag(byte[] bytes) => $"\"{Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 12))}\"";
}
