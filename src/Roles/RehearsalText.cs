using System.Text;
using System.Text.Json;

namespace Bridge.Roles;

/// <summary>Fills the placeholders of a rehearsal script's sentences.</summary>
public static class RehearsalText
{
    /// <summary>
    /// Replaces each <c>{{output.a.b.0}}</c> by that member of <paramref name="output"/> (text as it is, anything else as JSON,
    /// a missing member as nothing) and <c>{{output}}</c> by the whole.
    /// </summary>
    /// <param name="template">The sentence.</param>
    /// <param name="output">The last function call's result; null counts as missing.</param>
    public static string Fill(string template, JsonElement? output)
    {
        ArgumentNullException.ThrowIfNull(template);
        var filled = new StringBuilder(template.Length);
        var rest = template.AsSpan();
        while (true)
        {
            var open = rest.IndexOf("{{");
            var close = open < 0 ? -1 : rest[open..].IndexOf("}}");
            if (close < 0)
            {
                return filled.Append(rest).ToString();
            }

            filled.Append(rest[..open]);
            var path = rest.Slice(open + 2, close - 2).Trim();
            if (path is "output" || path.StartsWith("output."))
            {
                filled.Append(Read(output, path.Length > 7 ? path[7..].ToString() : ""));
            }
            else
            {
                filled.Append(rest.Slice(open, close + 2));
            }

            rest = rest[(open + close + 2)..];
        }
    }

    private static string Read(JsonElement? output, string path)
    {
        if (output is not { } at)
        {
            return "";
        }

        foreach (var part in path.Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            if (at.ValueKind == JsonValueKind.Object && at.TryGetProperty(part, out var member))
            {
                at = member;
            }
            else if (at.ValueKind == JsonValueKind.Array && int.TryParse(part, out var index) && (uint)index < (uint)at.GetArrayLength())
            {
                at = at[index];
            }
            else
            {
                return "";
            }
        }

        return at.ValueKind switch
        {
            JsonValueKind.String => at.GetString()!,
            JsonValueKind.Null or JsonValueKind.Undefined => "",
            _ => at.GetRawText(),
        };
    }
}
