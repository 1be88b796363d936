using System.Text;
using Acornima;
using Bridge.Roles;

namespace Bridge.Cli;

/// <summary>
/// Finds what keeps a browser from loading the scripts in a role's <c>page/</c>: a module with a syntax error registers no
/// tool, and a call goes on without them.
/// </summary>
internal static class PageModules
{
    private const int MaxMessage = 200;

    private static readonly ParserOptions Options = new() { EcmaVersion = EcmaVersion.Latest };

    /// <summary>One error for each script that can't be parsed. The main one is a module; the others may be classic scripts.</summary>
    public static IEnumerable<RoleError> Check(Role role)
    {
        if (role.Page is not { } page)
        {
            yield break;
        }

        foreach (var (name, file) in page.Files.OrderBy(file => file.Key, StringComparer.Ordinal))
        {
            if (Path.GetExtension(name).ToLowerInvariant() is not (".js" or ".mjs"))
            {
                continue;
            }

            var text = Encoding.UTF8.GetString(file.Content.Span).TrimStart('\uFEFF');
            var mistake = Parse(text, isModule: true);
            if (mistake is { } found && (name == page.Module || Parse(text, isModule: false) is not null))
            {
                yield return new RoleError(
                    $"{role.Folder}/page/{name}", found.Line, found.Column, $"The script can't be read: {found.Message}.");
            }
        }
    }

    private static (int Line, int Column, string Message)? Parse(string text, bool isModule)
    {
        try
        {
            var parser = new Parser(Options);
            _ = isModule ? (object)parser.ParseModule(text) : parser.ParseScript(text);
            return null;
        }
        catch (SyntaxErrorException mistake)
        {
            var said = mistake.Description.TrimEnd('.');
            return (mistake.LineNumber, mistake.Column + 1, said.Length > MaxMessage ? said[..MaxMessage] + "…" : said);
        }
        catch (InsufficientExecutionStackException)
        {
            // The parser looks at the stack before it goes deeper.
            return (0, 0, "its brackets are nested too deeply");
        }
    }
}
