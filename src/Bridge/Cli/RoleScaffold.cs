using System.Globalization;
using System.Text;

namespace Bridge.Cli;

/// <summary><c>role new</c>: a small role that is complete: template, data, page tool, script and golden conversation.</summary>
internal static class RoleScaffold
{
    private const string Template = "Bridge.Cli.Scaffold.";
    private const int MaxNameLength = 60;

    /// <summary>Gives the exit code: 0 written, 2 refused.</summary>
    /// <param name="rolesFolder">Where the role's folder goes.</param>
    /// <param name="name">Name of the role and of its folder.</param>
    /// <param name="agree">Asks whether a missing roles folder is to be made; null when nobody can be asked.</param>
    /// <param name="output">Where sentences go.</param>
    public static int Run(string rolesFolder, string name, Func<string, bool>? agree, TextWriter output)
    {
        name = name.Trim();
        if (Refusal(rolesFolder, name, agree) is { } refusal)
        {
            output.WriteLine(refusal);
            return 2;
        }

        var (emoji, title) = Split(name);
        var folder = Path.Combine(rolesFolder, name);
        foreach (var resource in typeof(RoleScaffold).Assembly.GetManifestResourceNames().Where(resource =>
            resource.StartsWith(Template, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var stream = typeof(RoleScaffold).Assembly.GetManifestResourceStream(resource)!;
            using var reader = new StreamReader(stream, Encoding.UTF8);
            var file = Path.Combine(folder, resource[Template.Length..]);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(
                file,
                reader.ReadToEnd().Replace("__NAME__", title, StringComparison.Ordinal)
                    .Replace("__EMOJI__", emoji, StringComparison.Ordinal));
            output.WriteLine($"wrote   {Path.GetRelativePath(Environment.CurrentDirectory, file)}");
        }

        output.WriteLine(
            $"Edit agent.instruct, then: role check \"{folder}\" and role test \"{folder}\". A running server shows the role at once.");
        return 0;
    }

    private static string? Refusal(string rolesFolder, string name, Func<string, bool>? agree)
    {
        if (name.Length is 0 or > MaxNameLength || name[0] is '.' or '_' || name is "private")
        {
            return $"'{name}' can't name a role: 1 to {MaxNameLength} characters, no . or _ at the start, and not private.";
        }

        if (PortableName.Objection(name) is { } objection)
        {
            return $"'{name}' can't name a role: {objection}.";
        }

        if (!Directory.Exists(rolesFolder) && agree?.Invoke($"There is no folder '{Path.GetFullPath(rolesFolder)}'. Make it?") != true)
        {
            return $"--roles: there is no folder '{Path.GetFullPath(rolesFolder)}'; add --make to make it.";
        }

        return Path.Exists(Path.Combine(rolesFolder, name)) ? $"'{Path.Combine(rolesFolder, name)}' is there already." : null;
    }

    // "🍕 Pizza bar" is an emoji for the card and a name.
    private static (string Emoji, string Title) Split(string name)
    {
        var emoji = "";
        var title = new StringBuilder();
        var elements = StringInfo.GetTextElementEnumerator(name);
        while (elements.MoveNext())
        {
            var element = elements.GetTextElement();
            var isSymbol = Rune.GetRuneAt(element, 0) is var rune
                && Rune.GetUnicodeCategory(rune) is UnicodeCategory.OtherSymbol or UnicodeCategory.OtherNotAssigned;
            if (isSymbol)
            {
                emoji = emoji.Length == 0 ? element : emoji;
            }
            else
            {
                title.Append(element);
            }
        }

        var text = title.ToString().Trim();
        return (emoji.Length == 0 ? "💬" : emoji, text.Length == 0 ? name : text);
    }
}
