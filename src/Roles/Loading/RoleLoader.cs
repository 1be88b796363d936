using System.Text.Json;
using Bridge.Roles.Documents;
using Bridge.Roles.Templates;
using Bridge.Roles.Validation;
using Bridge.Roles.Yaml;

namespace Bridge.Roles.Loading;

/// <summary>Turns the files of one folder into a role, or into every error they hold.</summary>
internal sealed class RoleLoader
{
    private const int MaxErrors = 100;
    private const string HiddenEnding = ".txt";

    private static readonly string[] TopFiles = ["role.yaml", "agent.instruct", "recap.instruct", OutcomeFile.Name, "rehearsal.yaml"];
    private static readonly RoleDocumentValidator Validator = new();
    private static readonly RehearsalDocumentValidator RehearsalValidator = new();

    private static readonly RoleDocument Unwritten = new() { Tools = [new()], Voice = new(), Turn = new(), Limits = new(), Records = new(), Model = new() };
    private static readonly RehearsalDocument UnwrittenScript = new() { Rules = [new() { When = [""], Call = [new()] }] };

    private readonly string _folder;
    private readonly RoleFiles _files;
    private readonly List<RoleError> _errors;
    private readonly List<KeyValuePair<string, RoleError>> _transfers = [];

    private RoleLoader(string folder, RoleFiles files)
    {
        _folder = folder;
        _errors = [.. files.Errors];
        _files = WithoutHiddenEndings(files);
    }

    /// <summary>Sets the validators up, which the first role would wait for; costs nothing the second time.</summary>
    public static void Prepare()
    {
        Validator.Validate(Unwritten);
        RehearsalValidator.Validate(UnwrittenScript);
    }

    /// <summary>Reads the files of the folder that make up a role.</summary>
    public static RoleFiles Read(string rolesFolder, string folder) =>
        FolderReader.Read(Path.Combine(rolesFolder, folder), folder + "/", LimitOf);

    /// <summary>Loads a role from its files; never throws on what they hold.</summary>
    public static LoadedRole Load(string folder, RoleFiles files, SharedPartials shared, string revision)
    {
        var slug = RoleSlug.OfFolder(folder);
        var loader = new RoleLoader(folder, files);
        var role = loader.Build(slug, revision, shared);
        return new LoadedRole(folder, slug, revision, loader._errors.Count == 0 ? role : null, Foremost(folder, loader._errors), loader._transfers);
    }

    // A file of nothing but mistakes fills no log and no page.
    private static List<RoleError> Foremost(string folder, List<RoleError> errors) => errors.Count <= MaxErrors
        ? errors
        :
        [
            .. errors.Take(MaxErrors),
            new RoleError(folder, 0, 0, $"{errors.Count - MaxErrors:N0} more errors are not shown; correct these first."),
        ];

    private static int LimitOf(string path)
    {
        var extension = Path.GetExtension(path);
        if (extension == HiddenEnding)
        {
            return LimitOf(path[..^HiddenEnding.Length]);
        }

        if (path is "data/" or "page/" || (path.StartsWith("page/", StringComparison.Ordinal) && path.EndsWith('/')))
        {
            return 1;
        }

        if (path.StartsWith("page/", StringComparison.Ordinal))
        {
            return PageFiles.TypeOf(path) is null ? 0 : FileBounds.PageFileBytes;
        }

        if (path.StartsWith("data/", StringComparison.Ordinal))
        {
            return extension is ".yaml" or ".yml" or ".json" ? FileBounds.DataBytes : 0;
        }

        if (!path.Contains('/') && path.EndsWith(".schema.json", StringComparison.Ordinal))
        {
            return FileBounds.OutcomeBytes;
        }

        return !path.Contains('/') && extension is ".yaml" or ".yml" or ".instruct" ? FileBounds.TextBytes : 0;
    }

    // Windows hides the ending of role.yaml.txt, so that its author sees nothing wrong.
    private RoleFiles WithoutHiddenEndings(RoleFiles files)
    {
        var hidden = files.ByPath.Keys.Where(path => path.EndsWith(HiddenEnding, StringComparison.Ordinal)).ToList();
        foreach (var path in hidden)
        {
            var meant = path[..^HiddenEnding.Length];
            Fail(meant, files.Find(meant) is null
                ? $"The file is called {Path.GetFileName(path)} (Windows hides the ending); rename it to {Path.GetFileName(meant)}."
                : $"Beside it stands {Path.GetFileName(path)} (Windows hides the ending); remove one of them.");
        }

        return hidden.Count == 0 ? files : files with { ByPath = files.ByPath.Where(file => !hidden.Contains(file.Key)).ToDictionary(StringComparer.Ordinal) };
    }

    private Role? Build(string slug, string revision, SharedPartials shared)
    {
        foreach (var path in _files.ByPath.Keys.Where(path => !path.Contains('/') && !TopFiles.Contains(path)))
        {
            var near = Suggestion.Nearest(path, TopFiles);
            Fail(path, "A role has no file of this name; "
                + (near is null ? $"it may have {string.Join(", ", TopFiles)}." : $"did you mean {near}?"));
        }

        var data = DataFiles.Load(_files, _folder, _errors, out var brokenData);
        var binder = new DocumentBinder($"{_folder}/role.yaml", _errors);
        var document = ReadDocument("role.yaml", binder, Validator, required: true);
        var agent = ReadTemplate("agent.instruct", required: true);
        var recap = ReadTemplate("recap.instruct", required: false);
        if (document is null)
        {
            return null;
        }

        var tools = new ToolReader($"{_folder}/role.yaml", binder, _errors, _transfers).Read(document.Tools ?? []);
        var outcome = OutcomeFile.Read(_files, _folder, document.Records, binder, _errors);
        var rehearsal = ReadRehearsal(document, outcome);
        var page = PageFiles.Load(_files, _folder, document, binder, data, brokenData, _errors);
        if (agent is null || document.Name is null)
        {
            return null;
        }

        var language = document.Language ?? "en";
        var templates = new RoleTemplates(
            agent, recap, shared.ByName,
            JsonText.Build(document, (json, _) => WriteRole(json, slug, document, language)), JsonText.Build(tools, WriteTools),
            data, language);
        templates.Check(brokenData, _errors);
        AddSharedErrors(shared);
        if (_errors.Count > 0)
        {
            return null;
        }

        return new Role(templates)
        {
            Slug = slug,
            Folder = _folder,
            Revision = revision,
            Name = document.Name,
            Emoji = document.Emoji ?? "",
            Description = document.Description ?? "",
            Language = language,
            Visibility = document.Visibility == "private" || _folder.StartsWith("private/", StringComparison.Ordinal) ? RoleVisibility.Private : RoleVisibility.Public,
            Reload = document.Reload == "snapshot" ? ReloadPolicy.Snapshot : ReloadPolicy.Live,
            Greeting = document.Greeting ?? false,
            Images = document.Images ?? false,
            Dtmf = SettingsReader.Dtmf(document.Dtmf),
            Model = SettingsReader.Model(document.Model),
            Voice = SettingsReader.Voice(document.Voice, document.Model),
            Turn = SettingsReader.Turn(document.Turn),
            Limits = SettingsReader.Limits(document.Limits),
            Guard = SettingsReader.Guard(document.Guard),
            Records = SettingsReader.Records(document.Records),
            Words = SettingsReader.Words(document.Words, document.Language ?? "en"),
            Tools = tools,
            Page = page,
            Outcome = outcome,
            Rehearsal = rehearsal,
        };
    }

    private static void WriteRole(Utf8JsonWriter json, string slug, RoleDocument document, string language)
    {
        json.WriteStartObject();
        json.WriteString("slug", slug);
        json.WriteString("name", document.Name);
        json.WriteString("emoji", document.Emoji ?? "");
        json.WriteString("description", document.Description ?? "");
        json.WriteString("language", language);
        json.WriteEndObject();
    }

    private static void WriteTools(Utf8JsonWriter json, IReadOnlyList<ToolDeclaration> tools)
    {
        json.WriteStartArray();
        foreach (var tool in tools)
        {
            json.WriteStartObject();
            json.WriteString("name", tool.Name);
            json.WriteString("description", tool.Description);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private T? ReadDocument<T>(string path, DocumentBinder binder, FluentValidation.IValidator<T> validator, bool required)
        where T : class
    {
        if (_files.Find(path) is not { } bytes)
        {
            if (required && !_errors.Any(error => error.File == $"{_folder}/{path}"))
            {
                Fail(path, "The file is missing; `role new` shows what one looks like.");
            }

            return null;
        }

        if (!YamlReader.TryRead($"{_folder}/{path}", bytes, out var root, out var error))
        {
            _errors.Add(error);
            return null;
        }

        return DocumentCheck.Validate($"{_folder}/{path}", binder.Bind<T>(root), binder, validator, _errors);
    }

    private Template? ReadTemplate(string path, bool required)
    {
        if (_files.Find(path) is not { } bytes)
        {
            if (required && !_errors.Any(error => error.File == $"{_folder}/{path}"))
            {
                Fail(path, "The file is missing; write in it what the agent is and how it talks.");
            }

            return null;
        }

        if (!Utf8Text.TryDecode(bytes, out var text))
        {
            Fail(path, "The file is not UTF-8 text; save it as UTF-8.");
            return null;
        }

        if (string.IsNullOrWhiteSpace(text))
        {
            Fail(path, "The file is empty; write in it what the agent is and how it talks.");
            return null;
        }

        return TemplateParser.Parse($"{_folder}/{path}", text, _errors);
    }

    private RehearsalScript ReadRehearsal(RoleDocument role, RoleOutcome? outcome)
    {
        const string Path = "rehearsal.yaml";
        var file = $"{_folder}/{Path}";
        var binder = new DocumentBinder(file, _errors);
        var document = ReadDocument(Path, binder, RehearsalValidator, required: false);
        var script = document is null ? new RehearsalScript() : new RehearsalReader(file, binder, _errors).Read(document, role.Tools ?? []);
        return script with { Outcome = OutcomeFile.Rehearse(outcome, document?.Outcome, file, _errors) };
    }

    // A partial that doesn't parse is missing from the set; its own error says why.
    private void AddSharedErrors(SharedPartials shared)
    {
        foreach (var error in shared.Errors)
        {
            var missing = $"There is no partial \"{Path.GetFileNameWithoutExtension(error.File)}\";";
            if (_errors.RemoveAll(other => other.Message.StartsWith(missing, StringComparison.Ordinal)) > 0 || _errors.Any(other => other.File == error.File))
            {
                _errors.Add(error);
            }
        }
    }

    private void Fail(string path, string message) => _errors.Add(new RoleError($"{_folder}/{path}", 0, 0, message));
}
