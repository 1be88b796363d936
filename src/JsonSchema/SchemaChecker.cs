using System.Globalization;
using System.Text.Json;
using Bridge.JsonSchema.Patterns;

namespace Bridge.JsonSchema;

/// <summary>One check of one value.</summary>
internal sealed class SchemaChecker(SchemaRules rules)
{
    // A schema may multiply its branches at every level; this is far above any honest one.
    private const int MaxSteps = 100_000;

    private readonly SchemaFindings _findings = new(rules);
    private int _steps;
    private bool _patternTookTooLong;

    private bool IsFull => _findings.IsFull;

    public IReadOnlyList<SchemaError> Check(SchemaNode root, JsonElement value)
    {
        // Most values fit: the list is made when the first error is known to exist.
        if (Run(root, value, 0))
        {
            return [];
        }

        _steps = 0;
        _findings.Collect([]);
        Run(root, value, 0);
        return _findings.Errors!;
    }

    private bool Run(SchemaNode node, JsonElement value, int depth)
    {
        if (depth > Schema.MaxDepth || ++_steps > MaxSteps)
        {
            return _findings.Fail("limit");
        }

        if (node.Never)
        {
            return _findings.Fail("false");
        }

        var fits = node.Reference is null || Run(node.Reference, value, depth + 1);
        if (node.Types != SchemaTypes.None && !IsOf(node.Types, value))
        {
            // Everything else about it would only repeat this.
            return _findings.FailType(SchemaTypeNames.Of(node.Types), value);
        }

        if (node.Enum is not null && !Array.Exists(node.Enum, allowed => JsonElement.DeepEquals(allowed, value)))
        {
            fits = _findings.FailEnum(node.Enum, value);
        }

        if (node.Const is { } constant && !JsonElement.DeepEquals(constant, value))
        {
            fits = !IsFull && _findings.Fail("const", [constant.GetRawText()], value.GetRawText());
        }

        if (!fits && IsFull)
        {
            return false;
        }

        fits &= value.ValueKind switch
        {
            JsonValueKind.Object => CheckObject(node, value, depth),
            JsonValueKind.Array => CheckArray(node, value, depth),
            JsonValueKind.String => CheckString(node, value),
            JsonValueKind.Number => CheckNumber(node, value),
            _ => true,
        };
        return (fits || !IsFull) && CheckBranches(node, value, depth) && fits;
    }

    private bool CheckBranches(SchemaNode node, JsonElement value, int depth)
    {
        var fits = true;
        foreach (var part in node.AllOf ?? [])
        {
            fits &= Run(part, value, depth + 1);
        }

        if (node.AnyOf is not null && !Array.Exists(node.AnyOf, part => Try(part, value, depth)))
        {
            fits = Explain(node.AnyOf, value, depth);
        }

        if (node.OneOf is not null)
        {
            var matches = node.OneOf.Count(part => Try(part, value, depth));
            fits &= matches switch
            {
                0 => Explain(node.OneOf, value, depth),
                1 => true,
                _ => _findings.FailCount("oneOf", 1, matches),
            };
        }

        if (node.Not is not null && Try(node.Not, value, depth))
        {
            fits = _findings.Fail("not");
        }

        if (node.If is not null)
        {
            var next = Try(node.If, value, depth) ? node.Then : node.Else;
            fits &= next is null || Run(next, value, depth + 1);
        }

        return fits;
    }

    /// <summary>Checks without leaving errors behind.</summary>
    private bool Try(SchemaNode node, JsonElement value, int depth)
    {
        var kept = _findings.Collect(null);
        var fits = Run(node, value, depth + 1);
        _findings.Collect(kept);
        return fits;
    }

    /// <summary>No alternative fits: reports the errors that help most.</summary>
    private bool Explain(SchemaNode[] alternatives, JsonElement value, int depth) =>
        IsFull ? false
        : rules.AlternativesByConstants ? FailMeant(alternatives, value, depth)
        : FailClosest(alternatives, value, depth);

    // The errors of the alternative that has the fewest, and among those the one whose errors lie deepest.
    private bool FailClosest(SchemaNode[] alternatives, JsonElement value, int depth)
    {
        var kept = _findings.Collect(null);
        List<SchemaError>? best = null;
        foreach (var alternative in alternatives)
        {
            List<SchemaError> errors = [];
            _findings.Collect(errors);
            Run(alternative, value, depth + 1);
            if (best is null || errors.Count < best.Count || (errors.Count == best.Count && Depth(errors) > Depth(best)))
            {
                best = errors;
            }
        }

        _findings.Collect(kept);
        _findings.Add(best ?? []);
        return false;

        static int Depth(List<SchemaError> errors) => errors.Count == 0 ? 0 : errors.Max(error => error.Path.Count);
    }

    // The errors of the alternative that the value means by its constants; a constant that fits nowhere is itself the error.
    private bool FailMeant(SchemaNode[] alternatives, JsonElement value, int depth)
    {
        var leaves = Alternatives.Leaves(alternatives);
        var fitting = leaves.Where(leaf => Alternatives.TakesKind(leaf, value)).ToList();
        if (fitting.Count == 0)
        {
            return _findings.FailType(Alternatives.TypesOf(leaves), value);
        }

        if (fitting.Count > 1 && value.ValueKind == JsonValueKind.String && Alternatives.WordsOf(fitting) is { Length: > 0 } texts)
        {
            return _findings.FailEnum(texts, value);
        }

        var first = fitting[0];
        if (fitting.Count > 1 && value.ValueKind == JsonValueKind.Object)
        {
            foreach (var name in Alternatives.Discriminators)
            {
                var words = Alternatives.WordsOf(fitting, name);
                if (words.Length < 2)
                {
                    continue;
                }

                if (!value.TryGetProperty(name, out var given))
                {
                    return _findings.FailAt(name, "required", [], "");
                }

                if (given.ValueKind != JsonValueKind.String)
                {
                    return _findings.FailAt(name, "type", ["string"], SchemaTypeNames.Of(SchemaTypeNames.Of(given))[0]);
                }

                if (!Array.Exists(words, word => JsonElement.DeepEquals(word, given)))
                {
                    return _findings.FailEnumAt(name, words, given);
                }

                fitting.RemoveAll(leaf => !Alternatives.Allows(leaf, name, given));
            }
        }

        var before = _findings.Errors!.Count;
        Run(fitting.Count > 0 ? fitting[0] : first, value, depth + 1);
        return _findings.Errors.Count <= before && _findings.Fail("false");
    }

    private bool CheckObject(SchemaNode node, JsonElement value, int depth)
    {
        var count = 0;
        HashSet<string>? names = null;
        foreach (var member in value.EnumerateObject())
        {
            count++;
            if (!rules.RepeatedMembers && !(names ??= new(StringComparer.Ordinal)).Add(member.Name))
            {
                return _findings.FailAt(member.Name, "repeated", [], "");
            }
        }

        var fits = !rules.MissingFirst || CheckRequired();
        foreach (var member in value.EnumerateObject())
        {
            if (!fits && IsFull)
            {
                return false;
            }

            _findings.Enter(member.Name, 0);
            fits &= CheckMember(node, member, depth);
            _findings.Leave();
        }

        fits &= rules.MissingFirst || CheckRequired();
        foreach (var (name, needs) in node.DependentRequired ?? [])
        {
            foreach (var needed in Has(name) ? needs : [])
            {
                fits &= Has(needed) || _findings.FailAt(needed, "dependentRequired", [name], "");
            }
        }

        fits &= node.MinProperties is not { } least || count >= least || _findings.FailCount("minProperties", least, count);
        return fits & (node.MaxProperties is not { } most || count <= most || _findings.FailCount("maxProperties", most, count));

        bool CheckRequired()
        {
            var complete = true;
            foreach (var name in node.Required ?? [])
            {
                complete &= Has(name) || _findings.FailAt(name, "required", [], "");
                if (!complete && IsFull)
                {
                    return false;
                }
            }

            return complete;
        }

        bool Has(string name) => names?.Contains(name) ?? value.TryGetProperty(name, out _);
    }

    private bool CheckMember(SchemaNode node, JsonProperty member, int depth)
    {
        var fits = true;
        var known = false;
        if (node.Properties is not null && node.Properties.TryGetValue(member.Name, out var schema))
        {
            known = true;
            fits = IsTakenAsAbsent(node, member) || Run(schema, member.Value, depth + 1);
        }

        foreach (var (name, pattern) in node.PatternProperties ?? [])
        {
            if (IsMatch(name, member.Name))
            {
                known = true;
                fits &= Run(pattern, member.Value, depth + 1);
            }
        }

        if (!known && node.AdditionalProperties is { } additional)
        {
            fits &= !additional.Never ? Run(additional, member.Value, depth + 1)
                : _findings.FailUnknown(node.Properties?.Keys ?? Enumerable.Empty<string>());
        }

        if (node.PropertyNames is not null)
        {
            fits &= Run(node.PropertyNames, JsonSerializer.SerializeToElement(member.Name), depth + 1);
        }

        return fits;
    }

    private bool IsTakenAsAbsent(SchemaNode node, JsonProperty member) =>
        rules.NullForOptional && member.Value.ValueKind == JsonValueKind.Null && Array.IndexOf(node.Required ?? [], member.Name) < 0;

    private bool CheckArray(SchemaNode node, JsonElement value, int depth)
    {
        var length = value.GetArrayLength();
        var fits = node.MinItems is not { } least || length >= least || _findings.FailCount("minItems", least, length);
        if (node.MaxItems is { } most && length > most)
        {
            return _findings.FailCount("maxItems", most, length);
        }

        var index = 0;
        var contained = 0;
        foreach (var item in value.EnumerateArray())
        {
            if (!fits && IsFull)
            {
                return false;
            }

            var schema = index < node.PrefixItems?.Length ? node.PrefixItems[index] : node.Items;
            _findings.Enter(null, index++);
            fits &= schema is null || Run(schema, item, depth + 1);
            _findings.Leave();
            contained += node.Contains is not null && Try(node.Contains, item, depth) ? 1 : 0;
        }

        if (node.Contains is not null && (contained < (node.MinContains ?? 1) || contained > (node.MaxContains ?? int.MaxValue)))
        {
            fits = _findings.FailCount("contains", node.MinContains ?? 1, contained);
        }

        return fits & (!node.UniqueItems || IsUnique(value) || _findings.Fail("uniqueItems"));
    }

    private static bool IsUnique(JsonElement array)
    {
        var seen = new List<JsonElement>();
        foreach (var item in array.EnumerateArray())
        {
            if (seen.Count > 1_000 || seen.Exists(other => JsonElement.DeepEquals(other, item)))
            {
                return false;
            }

            seen.Add(item);
        }

        return true;
    }

    private bool CheckNumber(SchemaNode node, JsonElement value)
    {
        var number = value.TryGetDouble(out var parsed) ? parsed : double.NaN;
        var fits = double.IsFinite(number) || _findings.Fail("number");
        fits &= node.Minimum is not { } minimum || number >= minimum || _findings.FailNumber(node, "minimum", minimum, value);
        fits &= node.Maximum is not { } maximum || number <= maximum || _findings.FailNumber(node, "maximum", maximum, value);
        fits &= node.ExclusiveMinimum is not { } above || number > above || _findings.FailNumber(node, "exclusiveMinimum", above, value);
        fits &= node.ExclusiveMaximum is not { } below || number < below || _findings.FailNumber(node, "exclusiveMaximum", below, value);
        return fits & (node.MultipleOf is not { } step
            || (value.TryGetDecimal(out var exact) && exact % step == 0)
            || _findings.Fail("multipleOf", [step.ToString(CultureInfo.InvariantCulture)], value.GetRawText()));
    }

    private bool CheckString(SchemaNode node, JsonElement value)
    {
        if (node is { MinLength: null, MaxLength: null, Pattern: null, Format: null })
        {
            return true; // a string of 15 MB of audio stays where it is
        }

        var text = value.GetString()!;
        var fits = true;
        if (node.MinLength is not null || node.MaxLength is not null)
        {
            var length = text.EnumerateRunes().Count();
            fits &= node.MinLength is not { } least || length >= least || _findings.FailCount("minLength", least, length);
            fits &= node.MaxLength is not { } most || length <= most || _findings.FailCount("maxLength", most, length);
        }

        fits &= node.Pattern is null || IsMatch(node.Pattern, text) || _findings.Fail("pattern", [node.Pattern.Source], "");
        return fits & (node.Format is null || SchemaFormats.Has(node.Format, text) || _findings.Fail("format", [node.Format], ""));
    }

    private bool IsMatch(SchemaPattern pattern, string text)
    {
        if (_patternTookTooLong)
        {
            return false;
        }

        // Once is enough: a thousand strings would each take as long.
        _patternTookTooLong = !pattern.TryMatch(text, out var matches);
        return matches;
    }

    private static bool IsOf(SchemaTypes types, JsonElement value)
    {
        var type = SchemaTypeNames.Of(value);
        return (types & type) != 0 || (type == SchemaTypes.Integer && (types & SchemaTypes.Number) != 0);
    }
}
