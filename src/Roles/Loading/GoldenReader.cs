using Bridge.Roles.Documents;
using Bridge.Roles.Golden;
using Bridge.Roles.Validation;
using Bridge.Roles.Yaml;

namespace Bridge.Roles.Loading;

/// <summary>Reads <c>tests/*.yaml</c>.</summary>
internal static class GoldenReader
{
    private const string Folder = "tests/";
    private static readonly GoldenDocumentValidator Validator = new();

    public static IReadOnlyList<GoldenConversation> Load(string rolesFolder, Role role, ICollection<RoleError> errors)
    {
        var files = FolderReader.Read(Path.Combine(rolesFolder, role.Folder), role.Folder + "/", LimitOf);
        foreach (var error in files.Errors)
        {
            errors.Add(error);
        }

        var conversations = new List<GoldenConversation>();
        foreach (var path in files.Below(Folder))
        {
            var problems = new List<RoleError>();
            var conversation = Read($"{role.Folder}/{path}", files.ByPath[path], role, problems);
            problems.ForEach(errors.Add);
            if (conversation is not null && problems.Count == 0)
            {
                conversations.Add(conversation);
            }
        }

        return conversations;
    }

    private static int LimitOf(string path) =>
        path == Folder || (path.StartsWith(Folder, StringComparison.Ordinal) && Path.GetExtension(path) is ".yaml" or ".yml")
            ? FileBounds.TextBytes
            : 0;

    private static GoldenConversation? Read(string file, byte[] bytes, Role role, List<RoleError> errors)
    {
        if (!YamlReader.TryRead(file, bytes, out var root, out var error))
        {
            errors.Add(error);
            return null;
        }

        var binder = new DocumentBinder(file, errors);
        if (DocumentCheck.Validate(file, binder.Bind<GoldenDocument>(root), binder, Validator, errors) is not { Turns: { } turns } document)
        {
            return null;
        }

        for (var i = 0; i < turns.Count; i++)
        {
            CheckCalls(file, turns[i], $"Turns[{i}].Expect.Calls", role, binder, errors);
        }

        if (document.Outcome is { } expected && role.Outcome is null)
        {
            errors.Add(new RoleError(
                file, expected.Line, expected.Column, $"outcome is expected, but the role has no {OutcomeFile.Name}."));
        }

        return new GoldenConversation
        {
            File = file,
            Name = document.Name ?? Path.GetFileNameWithoutExtension(file),
            Locale = document.Locale,
            Caller = document.Caller ?? [],
            Outcome = document.Outcome?.ToJson(),
            OutcomeLine = document.Outcome?.Line ?? 0,
            Turns = [.. turns.Select((turn, i) => Turn(turn, binder.PlaceOf($"Turns[{i}]")?.Line ?? 0))],
        };
    }

    private static void CheckCalls(
        string file, GoldenTurnDocument turn, string path, Role role, DocumentBinder binder, List<RoleError> errors)
    {
        var calls = turn.Expect?.Calls ?? [];
        for (var i = 0; i < calls.Count; i++)
        {
            var name = calls[i].Name ?? "";
            if (role.Tools.Any(tool => tool.Name == name
                || (tool.Target == ToolTarget.Mcp && name.StartsWith(tool.Name + "_", StringComparison.Ordinal))))
            {
                continue;
            }

            var at = $"{path}[{i}].Name";
            var place = binder.PlaceOf(at)!;
            var near = Suggestion.Nearest(name, role.Tools.Select(tool => tool.Name));
            errors.Add(
                new RoleError(
                    file,
                    place.Line,
                    place.Column,
                    $"{DocumentBinder.Spell(at)} is \"{name}\", which role.yaml does not declare"
                        + (near is null ? "." : $"; did you mean \"{near}\"?")));
        }
    }

    private static GoldenTurn Turn(GoldenTurnDocument turn, int line)
    {
        var expect = turn.Expect ?? new GoldenExpectationDocument();
        var defaults = new GoldenTurn { Line = line };
        return defaults with
        {
            User = turn.User,
            Says = Texts(expect.Says),
            SaysNot = Texts(expect.SaysNot),
            Shows = Texts(expect.Shows),
            Calls = expect.Calls is null
                ? null
                :
                [
                    .. expect.Calls.Select(
                        call =>
                            new GoldenCall(
                                call.Name ?? "", call.Arguments?.ToJson() ?? JsonText.EmptyObject, call.Result?.ToJson() ?? default)),
                ],
            Silent = expect.Silent ?? false,
            Within = turn.WithinMs is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : defaults.Within,
        };
    }

    private static IReadOnlyList<string> Texts(YamlNode? node) => node switch
    {
        YamlScalar text => [text.Text],
        YamlSequence list => [.. list.Items.OfType<YamlScalar>().Select(item => item.Text)],
        _ => [],
    };
}
