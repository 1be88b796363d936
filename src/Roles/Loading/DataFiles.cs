using System.Text.Json;
using Bridge.Roles.Yaml;

namespace Bridge.Roles.Loading;

/// <summary>Reads <c>data/</c> into one object with a member per file, named as the file without extension.</summary>
internal static class DataFiles
{
    private const string Folder = "data/";

    /// <summary>Reads them.</summary>
    /// <param name="files">The role's files.</param>
    /// <param name="folder">The role's folder as errors spell it.</param>
    /// <param name="errors">Where errors go.</param>
    /// <param name="broken">The names of files that are there and can't be read: nothing else is said about them.</param>
    public static JsonElement Load(RoleFiles files, string folder, List<RoleError> errors, out IReadOnlySet<string> broken)
    {
        var prefix = $"{folder}/{Folder}";
        var failed = errors.Where(error => error.File.StartsWith(prefix, StringComparison.Ordinal))
            .Select(error => Path.GetFileNameWithoutExtension(error.File)).ToHashSet(StringComparer.Ordinal);
        broken = failed;
        var byName = new SortedDictionary<string, Action<Utf8JsonWriter>>(StringComparer.Ordinal);
        foreach (var path in files.Below(Folder))
        {
            var file = $"{folder}/{path}";
            var name = Path.GetFileNameWithoutExtension(path);
            if (Read(file, files.ByPath[path], errors) is not { } value)
            {
                failed.Add(name);
                continue;
            }

            if (!byName.TryAdd(name, value))
            {
                errors.Add(
                    new RoleError(file, 0, 0, $"A second data file is named \"{name}\"; templates could not tell them apart, rename one."));
            }
        }

        return JsonText.Build(byName, static (json, byName) =>
        {
            json.WriteStartObject();
            foreach (var (name, write) in byName)
            {
                json.WritePropertyName(name);
                write(json);
            }

            json.WriteEndObject();
        });
    }

    private static Action<Utf8JsonWriter>? Read(string file, byte[] bytes, List<RoleError> errors)
    {
        if (!file.EndsWith(".json", StringComparison.Ordinal))
        {
            if (YamlReader.TryRead(file, bytes, out var root, out var error))
            {
                return root.WriteTo;
            }

            errors.Add(error);
            return null;
        }

        try
        {
            var utf8 = bytes.AsSpan(bytes.AsSpan().StartsWith("\uFEFF"u8) ? 3 : 0);
            return JsonElement.Parse(utf8, new JsonDocumentOptions { MaxDepth = YamlReader.MaxDepth }).WriteTo;
        }
        catch (JsonException refused)
        {
            errors.Add(
                new RoleError(
                    file,
                    (int)(refused.LineNumber ?? -1) + 1,
                    (int)(refused.BytePositionInLine ?? -1) + 1,
                    JsonTree.Mistake(refused)));
            return null;
        }
    }
}
