using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Bridge.Tools;

/// <summary>A tool's JSON Schema, ready to check arguments. docs/decisions/0020 says why it is ours.</summary>
internal sealed class ArgumentSchema
{
    /// <summary>How many schemas deep a value is checked, references included.</summary>
    public const int MaxDepth = 128;

    private const int MaxErrors = 8;

    // A schema may multiply its branches at every level; this is far above any honest one.
    private const int MaxSteps = 100_000;

    private readonly SchemaNode _root;

    private ArgumentSchema(SchemaNode root)
    {
        _root = root;
    }

    /// <summary>Reads a schema; an undefined element accepts everything.</summary>
    public static bool TryCompile(JsonElement schema, out ArgumentSchema compiled, out string? problem)
    {
        problem = null;
        try
        {
            compiled = new ArgumentSchema(schema.ValueKind == JsonValueKind.Undefined ? new SchemaNode() : SchemaCompiler.Compile(schema));
            return true;
        }
        catch (SchemaException exception)
        {
            compiled = null!;
            problem = exception.Message;
            return false;
        }
    }

    /// <summary>What is wrong with a value, at most eight things; empty when it fits.</summary>
    public IReadOnlyList<SchemaError> Check(JsonElement value)
    {
        var check = new Checker();
        check.Run(_root, value, "", 0);
        return check.Errors;
    }

    private sealed class Checker
    {
        private int _steps;
        private bool _patternTookTooLong;

        public List<SchemaError> Errors { get; private set; } = [];

        public bool Run(SchemaNode node, JsonElement value, string at, int depth)
        {
            if (depth > MaxDepth || ++_steps > MaxSteps)
            {
                return Fail(at, "can not be checked: the schema is too complex or refers to itself without end");
            }

            if (node.Never)
            {
                return Fail(at, "is not allowed here");
            }

            var fits = node.Reference is null || Run(node.Reference, value, at, depth + 1);
            if (node.Types != SchemaTypes.None && !IsOf(node.Types, value))
            {
                // Everything else about it would only repeat this.
                return Fail(at, $"must be {Name(node.Types)}, not {Name(TypeOf(value))}");
            }

            if (node.Enum is not null && !node.Enum.Any(allowed => JsonElement.DeepEquals(allowed, value)))
            {
                fits = Fail(at, $"must be one of {string.Join(", ", node.Enum.Take(20).Select(allowed => allowed.GetRawText()))}");
            }

            if (node.Const is { } constant && !JsonElement.DeepEquals(constant, value))
            {
                fits = Fail(at, $"must be {constant.GetRawText()}");
            }

            fits &= value.ValueKind switch
            {
                JsonValueKind.Object => CheckObject(node, value, at, depth),
                JsonValueKind.Array => CheckArray(node, value, at, depth),
                JsonValueKind.String => CheckString(node, value.GetString()!, at),
                JsonValueKind.Number => CheckNumber(node, value, at),
                _ => true,
            };
            return CheckBranches(node, value, at, depth) && fits;
        }

        private bool CheckBranches(SchemaNode node, JsonElement value, string at, int depth)
        {
            var fits = true;
            foreach (var part in node.AllOf ?? [])
            {
                fits &= Run(part, value, at, depth + 1);
            }

            if (node.AnyOf is not null && !node.AnyOf.Any(part => Try(part, value, depth)))
            {
                fits = FailBest(node.AnyOf, value, at, depth);
            }

            if (node.OneOf is not null)
            {
                var matches = node.OneOf.Count(part => Try(part, value, depth));
                fits &= matches switch
                {
                    0 => FailBest(node.OneOf, value, at, depth),
                    1 => true,
                    _ => Fail(at, $"fits {matches} alternatives where exactly one must fit"),
                };
            }

            if (node.Not is not null && Try(node.Not, value, depth))
            {
                fits = Fail(at, "is what the schema excludes");
            }

            if (node.If is not null)
            {
                var next = Try(node.If, value, depth) ? node.Then : node.Else;
                fits &= next is null || Run(next, value, at, depth + 1);
            }

            return fits;
        }

        /// <summary>Checks without leaving errors behind.</summary>
        private bool Try(SchemaNode node, JsonElement value, int depth)
        {
            var kept = Errors;
            Errors = [];
            var fits = Run(node, value, "", depth + 1);
            Errors = kept;
            return fits;
        }

        /// <summary>No alternative fits: the errors of the one that comes closest help most.</summary>
        private bool FailBest(SchemaNode[] alternatives, JsonElement value, string at, int depth)
        {
            var kept = Errors;
            List<SchemaError>? best = null;
            foreach (var alternative in alternatives)
            {
                Errors = [];
                Run(alternative, value, at, depth + 1);
                if (best is null || Errors.Count < best.Count || (Errors.Count == best.Count && Depth(Errors) > Depth(best)))
                {
                    best = Errors;
                }
            }

            Errors = kept;
            foreach (var error in best ?? [])
            {
                Fail(error.At, error.Problem);
            }

            return false;

            static int Depth(List<SchemaError> errors) => errors.Count == 0 ? 0 : errors.Max(error => error.At.Count(c => c == '/'));
        }

        private bool CheckObject(SchemaNode node, JsonElement value, string at, int depth)
        {
            var fits = true;
            var count = 0;
            HashSet<string>? names = null;
            foreach (var member in value.EnumerateObject())
            {
                if (!(names ??= new(StringComparer.Ordinal)).Add(member.Name))
                {
                    fits = Fail($"{at}/{member.Name}", "stands twice");
                    continue;
                }

                count++;
                fits &= CheckMember(node, member, $"{at}/{member.Name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}", depth);
            }

            foreach (var name in node.Required ?? [])
            {
                if (names?.Contains(name) != true)
                {
                    fits = Fail($"{at}/{name}", "is missing");
                }
            }

            foreach (var (name, needs) in node.DependentRequired ?? [])
            {
                foreach (var needed in needs.Where(needed => names?.Contains(name) == true && !names.Contains(needed)))
                {
                    fits = Fail($"{at}/{needed}", $"is missing; {name} needs it");
                }
            }

            return (count >= (node.MinProperties ?? 0) || Fail(at, $"must have at least {node.MinProperties} members"))
                & (count <= (node.MaxProperties ?? int.MaxValue) || Fail(at, $"must have at most {node.MaxProperties} members"))
                & fits;
        }

        private bool CheckMember(SchemaNode node, JsonProperty member, string at, int depth)
        {
            var fits = true;
            var known = false;
            if (node.Properties is not null && node.Properties.TryGetValue(member.Name, out var schema))
            {
                known = true;
                fits = Run(schema, member.Value, at, depth + 1);
            }

            foreach (var (name, pattern) in node.PatternProperties ?? [])
            {
                if (IsMatch(name, member.Name))
                {
                    known = true;
                    fits &= Run(pattern, member.Value, at, depth + 1);
                }
            }

            if (!known && node.AdditionalProperties is { } additional)
            {
                fits &= additional.Never
                    ? Fail(at, node.Properties is { Count: > 0 } ? $"is not known; known are {string.Join(", ", node.Properties.Keys.Take(20))}" : "is not known")
                    : Run(additional, member.Value, at, depth + 1);
            }

            if (node.PropertyNames is not null)
            {
                fits &= Run(node.PropertyNames, JsonSerializer.SerializeToElement(member.Name), at, depth + 1);
            }

            return fits;
        }

        private bool CheckArray(SchemaNode node, JsonElement value, string at, int depth)
        {
            var fits = true;
            var length = value.GetArrayLength();
            if (length < (node.MinItems ?? 0))
            {
                fits = Fail(at, $"must have at least {node.MinItems} items");
            }

            if (length > (node.MaxItems ?? int.MaxValue))
            {
                return Fail(at, $"must have at most {node.MaxItems} items");
            }

            var index = 0;
            var contained = 0;
            foreach (var item in value.EnumerateArray())
            {
                var schema = index < node.PrefixItems?.Length ? node.PrefixItems[index] : node.Items;
                fits &= schema is null || Run(schema, item, $"{at}/{index}", depth + 1);
                contained += node.Contains is not null && Try(node.Contains, item, depth) ? 1 : 0;
                index++;
            }

            if (node.Contains is not null && (contained < (node.MinContains ?? 1) || contained > (node.MaxContains ?? int.MaxValue)))
            {
                fits = Fail(at, $"holds {contained} items of the kind it must contain");
            }

            return fits & (!node.UniqueItems || IsUnique(value) || Fail(at, "must not hold an item twice"));
        }

        private static bool IsUnique(JsonElement array)
        {
            var seen = new List<JsonElement>();
            foreach (var item in array.EnumerateArray())
            {
                if (seen.Count > 1_000 || seen.Any(other => JsonElement.DeepEquals(other, item)))
                {
                    return false;
                }

                seen.Add(item);
            }

            return true;
        }

        private bool CheckNumber(SchemaNode node, JsonElement value, string at)
        {
            var number = value.TryGetDouble(out var parsed) ? parsed : double.NaN;
            var fits = !double.IsNaN(number) && !double.IsInfinity(number) || Fail(at, "is too large a number");
            fits &= node.Minimum is not { } minimum || number >= minimum || Fail(at, $"must be at least {Text(minimum)}");
            fits &= node.Maximum is not { } maximum || number <= maximum || Fail(at, $"must be at most {Text(maximum)}");
            fits &= node.ExclusiveMinimum is not { } above || number > above || Fail(at, $"must be more than {Text(above)}");
            fits &= node.ExclusiveMaximum is not { } below || number < below || Fail(at, $"must be less than {Text(below)}");
            return fits & (node.MultipleOf is not { } step || (value.TryGetDecimal(out var exact) && exact % step == 0) || Fail(at, $"must be a multiple of {step.ToString(CultureInfo.InvariantCulture)}"));

            static string Text(double limit) => limit.ToString("R", CultureInfo.InvariantCulture);
        }

        private bool CheckString(SchemaNode node, string text, string at)
        {
            var fits = true;
            if (node.MinLength is not null || node.MaxLength is not null)
            {
                var length = text.EnumerateRunes().Count();
                fits &= length >= (node.MinLength ?? 0) || Fail(at, $"must have at least {node.MinLength} characters");
                fits &= length <= (node.MaxLength ?? int.MaxValue) || Fail(at, $"must have at most {node.MaxLength} characters");
            }

            fits &= node.Pattern is null || IsMatch(node.Pattern, text) || Fail(at, $"must match {node.Pattern}");
            return fits & (node.Format is null || HasFormat(node.Format, text) || Fail(at, $"must be {(node.Format is "email" ? "an email address" : "a " + node.Format)}"));
        }

        private static bool HasFormat(string format, string text) => format switch
        {
            "date" => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
            "date-time" => text.Length > 18 && text[10] is 'T' or 't' && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
            "time" => text.Length >= 8 && text[2] == ':' && DateTimeOffset.TryParse("2000-01-01T" + text, CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
            "email" => text.Length <= 254 && text.IndexOf('@') is > 0 and var sign && sign < text.Length - 1 && !text.Any(char.IsWhiteSpace),
            "uri" => Uri.TryCreate(text, UriKind.Absolute, out _),
            "uuid" => Guid.TryParseExact(text, "D", out _),
            "ipv4" => IPAddress.TryParse(text, out var v4) && v4.AddressFamily == AddressFamily.InterNetwork && text.Count(c => c == '.') == 3,
            "ipv6" => IPAddress.TryParse(text, out var v6) && v6.AddressFamily == AddressFamily.InterNetworkV6,
            _ => true, // an annotation
        };

        private bool IsMatch(Regex pattern, string text)
        {
            try
            {
                return !_patternTookTooLong && pattern.IsMatch(text);
            }
            catch (RegexMatchTimeoutException)
            {
                // Once is enough: a thousand strings would each take as long.
                _patternTookTooLong = true;
                return false;
            }
        }

        private bool Fail(string at, string problem)
        {
            if (Errors.Count < MaxErrors)
            {
                Errors.Add(new SchemaError(at, problem));
            }

            return false;
        }

        private static bool IsOf(SchemaTypes types, JsonElement value)
        {
            var type = TypeOf(value);
            return (types & type) != 0 || (type == SchemaTypes.Integer && (types & SchemaTypes.Number) != 0);
        }

        private static SchemaTypes TypeOf(JsonElement value) => value.ValueKind switch
        {
            JsonValueKind.Object => SchemaTypes.Object,
            JsonValueKind.Array => SchemaTypes.Array,
            JsonValueKind.String => SchemaTypes.String,
            JsonValueKind.True or JsonValueKind.False => SchemaTypes.Boolean,
            JsonValueKind.Null => SchemaTypes.Null,
            _ => value.TryGetInt64(out _) || (value.TryGetDouble(out var number) && number == Math.Floor(number)) ? SchemaTypes.Integer : SchemaTypes.Number,
        };

        private static string Name(SchemaTypes types)
        {
            var names = new StringBuilder();
            foreach (var (type, name) in new[]
            {
                (SchemaTypes.Object, "an object"), (SchemaTypes.Array, "an array"), (SchemaTypes.String, "a string"), (SchemaTypes.Integer, "a whole number"),
                (SchemaTypes.Number, "a number"), (SchemaTypes.Boolean, "true or false"), (SchemaTypes.Null, "null"),
            })
            {
                if ((types & type) != 0)
                {
                    names.Append(names.Length == 0 ? "" : " or ").Append(name);
                }
            }

            return names.ToString();
        }
    }
}
