using System.Text;
using Bridge.Roles;
using Bridge.Roles.Golden;

namespace Bridge.Cli;

/// <summary><c>role check</c>: every error of every role, and advice that stops nobody.</summary>
internal static class RoleCheck
{
    /// <summary>Gives the exit code: 0 no errors, 1 errors, 2 no such folder or role.</summary>
    public static int Run(string? named, string rolesFolder, TextWriter output)
    {
        if (!RoleFolder.TryLoad(named, rolesFolder, out var roles, out var refusal))
        {
            output.WriteLine(refusal);
            return 2;
        }

        // The findings of one role depend on no other one: roles are spread over the cores, as for loading.
        var found = new Findings[roles.Entries.Count];
        Parallel.For(0, found.Length, i => found[i] = Check(roles.Root, roles.Entries[i]));
        var errors = new List<RoleError>(roles.Snapshot.Errors);
        foreach (var (entry, findings) in roles.Entries.Zip(found))
        {
            errors.AddRange(entry.Errors.Where(error => !errors.Contains(error)));
            errors.AddRange(findings.Errors);
        }

        var advice = found.SelectMany(findings => findings.Advice).ToList();
        errors.ForEach(error => output.WriteLine($"error   {roles.Place(error)}"));
        advice.ForEach(hint => output.WriteLine($"advice  {roles.Place(hint)}"));
        output.WriteLine(
            $"{roles.Entries.Count} {(roles.Entries.Count == 1 ? "role" : "roles")} checked, {errors.Count} "
                + $"{(errors.Count == 1 ? "error" : "errors")}; loaded in {roles.Took.TotalMilliseconds:F0} ms.");
        return errors.Count == 0 ? 0 : 1;
    }

    private static Findings Check(string root, RoleEntry entry)
    {
        if (entry is not { Errors.Count: 0, Role: { } role })
        {
            return new Findings([], []);
        }

        var errors = role.Tools.Select(tool => tool.Unusable).OfType<RoleError>().ToList();
        GoldenConversation.Load(root, role, errors);
        errors.AddRange(PageModules.Check(role));
        return new Findings(errors, [.. Advise(root, role)]);
    }

    private static IEnumerable<RoleError> Advise(string root, Role role)
    {
        if (PortableName.Objection(role.Folder[(role.Folder.LastIndexOf('/') + 1)..]) is { } objection)
        {
            yield return new RoleError(role.Folder, 0, 0, $"{objection}: nobody can check this folder out there; rename it.");
        }

        foreach (var secret in LiteralSecrets.Find(root, role))
        {
            yield return secret;
        }

        foreach (var idle in LiveAdvice.Of(role))
        {
            yield return new RoleError($"{role.Folder}/role.yaml", 0, 0, idle);
        }

        if (role.Rehearsal.Rules.Count == 0)
        {
            yield return new RoleError($"{role.Folder}/rehearsal.yaml", 0, 0, "Without a script the rehearsal model has little to say.");
        }

        if (!Directory.Exists(Path.Combine(root, role.Folder, "tests")))
        {
            yield return new RoleError(
                $"{role.Folder}/tests", 0, 0, "Without golden conversations nobody notices when an edit breaks the role.");
        }

        if (role.Page is { } page)
        {
            var modules = string.Concat(
                page.Files.Where(file => file.Key.EndsWith("js", StringComparison.Ordinal))
                    .Select(file => Encoding.UTF8.GetString(file.Value.Content.Span)));
            foreach (var tool in role.Tools.Where(tool => tool.Target == ToolTarget.Page))
            {
                // Only a hint: a module may put its names together.
                if (!modules.Contains($"'{tool.Name}'", StringComparison.Ordinal)
                    && !modules.Contains($"\"{tool.Name}\"", StringComparison.Ordinal)
                    && !modules.Contains($"`{tool.Name}`", StringComparison.Ordinal))
                {
                    yield return new RoleError(
                        $"{role.Folder}/page/{page.Module}",
                        0,
                        0,
                        $"The name \"{tool.Name}\" does not occur; api.registerTool should register it.");
                }
            }
        }
    }

    private sealed record Findings(List<RoleError> Errors, List<RoleError> Advice);
}
