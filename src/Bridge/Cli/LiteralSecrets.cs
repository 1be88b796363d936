using System.Text;
using System.Text.RegularExpressions;
using Bridge.Roles;

namespace Bridge.Cli;

/// <summary>
/// Notices keys that stand in a role's files as text. Everybody who reads the folder has them; those in page/ every browser gets.
/// </summary>
internal static partial class LiteralSecrets
{
    private const int MaxBytes = 2 * 1024 * 1024;

    private static readonly EnumerationOptions PlainFiles = new()
    {
        RecurseSubdirectories = true,
        MaxRecursionDepth = 3,
        AttributesToSkip = FileAttributes.ReparsePoint,
    };

    /// <summary>One piece of advice for each place. No piece repeats the secret.</summary>
    public static IEnumerable<RoleError> Find(string root, Role role)
    {
        var folder = Path.Combine(root, role.Folder);
        foreach (var file in Directory.EnumerateFiles(folder, "*", PlainFiles).Order(StringComparer.Ordinal))
        {
            var path = Path.GetRelativePath(folder, file).Replace(Path.DirectorySeparatorChar, '/');
            var isText = Path.GetExtension(path) is ".yaml" or ".yml" or ".json" or ".instruct" or ".js" or ".mjs";

            // A pipe says that it is empty; reading it would never end.
            if (!isText || new FileInfo(file).Length is 0 or > MaxBytes)
            {
                continue;
            }

            var lines = File.ReadAllLines(file, Encoding.UTF8);
            for (var i = 0; i < lines.Length; i++)
            {
                if (Column(lines[i], isRole: path == "role.yaml") is var column and > 0)
                {
                    yield return new RoleError($"{role.Folder}/{path}", i + 1, column, path.StartsWith("page/", StringComparison.Ordinal)
                        ? "This looks like a secret, and every browser gets this file; let a tool of the server use it."
                        : "This looks like a secret; write ${NAME} and give its value to the host as Bridge:Tools:Secrets:NAME.");
                }
            }
        }
    }

    // 1-based; 0 when there is none.
    private static int Column(string line, bool isRole)
    {
        if (KnownKey().Match(line) is { Success: true } key)
        {
            return key.Index + 1;
        }

        return isRole && Header().Match(line) is { Success: true } header
            && !header.Groups["value"].Value.Contains("${", StringComparison.Ordinal)
            ? header.Groups["value"].Index + 1
            : 0;
    }

    // Keys that their issuers gave a shape of their own.
    [GeneratedRegex(@"\b(sk-[A-Za-z0-9_-]{16,}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|xox[abprs]-[A-Za-z0-9-]{10,}|AKIA[A-Z0-9]{16}|AIza[A-Za-z0-9_-]{35}|eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}|-----BEGIN [A-Z ]*PRIVATE KEY-----)", RegexOptions.NonBacktracking)]
    private static partial Regex KnownKey();

    // A header of a web hook or of an MCP server that carries credentials, with a value.
    [GeneratedRegex(@"(?i)(authorization|cookie|[a-z-]*(api-?key|token|secret|password))[""']?\s*:\s*[""']?(?<value>(bearer|basic)\s+[^\s""'}]{4,}|[A-Za-z0-9+/=_.~-]{16,})", RegexOptions.NonBacktracking)]
    private static partial Regex Header();
}
