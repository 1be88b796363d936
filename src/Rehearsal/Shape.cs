using System.Globalization;
using System.Text.Json;

namespace Bridge.Rehearsal;

/// <summary>
/// A compiled piece of the published schema that says what is wrong with a value as the service would. Stricter than
/// the schema in one way (a field no object names is an error), looser in one (null is fine on an optional field).
/// </summary>
internal abstract class Shape
{
    /// <summary>Null when <paramref name="value"/> fits; <paramref name="path"/> names it in the error.</summary>
    public abstract ServiceError? Check(JsonElement value, ShapePath path);

    /// <summary>True when the value's JSON kind is one this shape can take at all.</summary>
    public abstract bool TakesKind(JsonValueKind kind);

    /// <summary>True when a constant of this shape says that the value is another: a cheap no, before any sentence is made.</summary>
    protected virtual bool Contradicts(JsonElement value) => !TakesKind(value.ValueKind);

    protected abstract string Expected { get; }

    public static string Describe(Shape shape) => shape.Expected;

    protected ServiceError WrongKind(JsonElement value, ShapePath path) =>
        ServiceError.Kind(path.ToString(), Expected, value.ValueKind switch
        {
            JsonValueKind.Object => "an object",
            JsonValueKind.Array => "an array",
            JsonValueKind.String => "a string",
            JsonValueKind.Number => value.TryGetInt64(out _) ? "an integer" : "a decimal",
            JsonValueKind.Null => "null",
            _ => "a boolean",
        });

    public sealed class Anything : Shape
    {
        public static Anything Instance { get; } = new();

        protected override string Expected => "any value";

        public override bool TakesKind(JsonValueKind kind) => true;

        public override ServiceError? Check(JsonElement value, ShapePath path) => null;
    }

    public sealed class Nothing : Shape
    {
        protected override string Expected => "null";

        public override bool TakesKind(JsonValueKind kind) => kind == JsonValueKind.Null;

        public override ServiceError? Check(JsonElement value, ShapePath path) =>
            value.ValueKind == JsonValueKind.Null ? null : WrongKind(value, path);
    }

    public sealed class Boolean : Shape
    {
        protected override string Expected => "a boolean";

        public override bool TakesKind(JsonValueKind kind) => kind is JsonValueKind.True or JsonValueKind.False;

        public override ServiceError? Check(JsonElement value, ShapePath path) =>
            TakesKind(value.ValueKind) ? null : WrongKind(value, path);
    }

    public sealed class Text(string[]? values, int? maxLength) : Shape
    {
        public string[]? Values => values;

        protected override string Expected => "a string";

        public override bool TakesKind(JsonValueKind kind) => kind == JsonValueKind.String;

        protected override bool Contradicts(JsonElement value) =>
            value.ValueKind != JsonValueKind.String || !Allows(value);

        public override ServiceError? Check(JsonElement value, ShapePath path)
        {
            if (value.ValueKind != JsonValueKind.String)
            {
                return WrongKind(value, path);
            }

            if (!Allows(value))
            {
                return ServiceError.Value(path.ToString(), value.GetString()!, values!);
            }

            return maxLength is { } max && value.GetString()!.Length is var length && length > max
                ? ServiceError.TooLong(path.ToString(), max, length)
                : null;
        }

        private bool Allows(JsonElement value)
        {
            foreach (var allowed in values ?? [])
            {
                if (value.ValueEquals(allowed))
                {
                    return true;
                }
            }

            return values is null;
        }
    }

    public sealed class Number(bool integer, double? minimum, double? maximum, double[]? values) : Shape
    {
        protected override string Expected => integer ? "an integer" : "a decimal";

        public override bool TakesKind(JsonValueKind kind) => kind == JsonValueKind.Number;

        public override ServiceError? Check(JsonElement value, ShapePath path)
        {
            if (value.ValueKind != JsonValueKind.Number
                || !value.TryGetDouble(out var number) || (integer && (number % 1 != 0 || !double.IsFinite(number))))
            {
                return WrongKind(value, path);
            }

            if (values is not null && Array.IndexOf(values, number) < 0)
            {
                return ServiceError.Value(path.ToString(), value.GetRawText(), [.. values.Select(Plain)]);
            }

            return number < minimum ? ServiceError.TooSmall(path.ToString(), integer, Plain(minimum.Value), value.GetRawText())
                : number > maximum ? ServiceError.TooLarge(path.ToString(), integer, Plain(maximum.Value), value.GetRawText())
                : null;
        }

        private static string Plain(double number) => number.ToString(CultureInfo.InvariantCulture);
    }

    public sealed class List(Shape items, int minimum) : Shape
    {
        protected override string Expected => "an array";

        public override bool TakesKind(JsonValueKind kind) => kind == JsonValueKind.Array;

        public override ServiceError? Check(JsonElement value, ShapePath path)
        {
            if (value.ValueKind != JsonValueKind.Array)
            {
                return WrongKind(value, path);
            }

            if (value.GetArrayLength() < minimum)
            {
                return ServiceError.TooFew(path.ToString(), minimum, value.GetArrayLength());
            }

            var index = 0;
            foreach (var item in value.EnumerateArray())
            {
                if (items.Check(item, path.Item(index++)) is { } error)
                {
                    return error;
                }
            }

            return null;
        }
    }

    /// <summary>An object with named fields; <paramref name="others"/> is the shape of all other fields, null: none allowed.</summary>
    public sealed class Record(IReadOnlyDictionary<string, Shape> fields, string[] required, Shape? others) : Shape
    {
        private readonly (string Name, Text Value)[] _constants =
            [.. fields.Where(f => f.Value is Text { Values.Length: 1 }).Select(f => (f.Key, (Text)f.Value))];

        public IReadOnlyDictionary<string, Shape> Fields => fields;

        protected override string Expected => "an object";

        public override bool TakesKind(JsonValueKind kind) => kind == JsonValueKind.Object;

        protected override bool Contradicts(JsonElement value)
        {
            if (value.ValueKind != JsonValueKind.Object)
            {
                return true;
            }

            foreach (var (name, constant) in _constants)
            {
                if (value.TryGetProperty(name, out var given) && given.ValueKind != JsonValueKind.Null && constant.Contradicts(given))
                {
                    return true;
                }
            }

            return false;
        }

        public override ServiceError? Check(JsonElement value, ShapePath path)
        {
            if (value.ValueKind != JsonValueKind.Object)
            {
                return WrongKind(value, path);
            }

            foreach (var name in required)
            {
                if (!value.TryGetProperty(name, out _))
                {
                    return ServiceError.Missing(path.Field(name).ToString());
                }
            }

            foreach (var field in value.EnumerateObject())
            {
                var at = path.Field(field.Name);
                if (!fields.TryGetValue(field.Name, out var shape))
                {
                    if (others is null)
                    {
                        return ServiceError.Unknown(at.ToString());
                    }

                    shape = others;
                }
                else if (field.Value.ValueKind == JsonValueKind.Null && Array.IndexOf(required, field.Name) < 0)
                {
                    continue;
                }

                if (shape.Check(field.Value, at) is { } error)
                {
                    return error;
                }
            }

            return null;
        }
    }

    /// <summary>
    /// Alternatives. The error is that of the alternative the client meant: the one whose constants (<c>type</c>,
    /// <c>role</c>) the value carries.
    /// </summary>
    public sealed class Union(Shape[] alternatives) : Shape
    {
        public Shape[] Alternatives => alternatives;

        protected override string Expected => string.Join(" or ", alternatives.Select(Describe).Distinct());

        public override bool TakesKind(JsonValueKind kind) => Array.Exists(alternatives, a => a.TakesKind(kind));

        public override ServiceError? Check(JsonElement value, ShapePath path)
        {
            foreach (var alternative in alternatives)
            {
                if (!alternative.Contradicts(value) && alternative.Check(value, path) is null)
                {
                    return null;
                }
            }

            return Explain(value, path);
        }

        private ServiceError? Explain(JsonElement value, ShapePath path)
        {
            ServiceError? first = null;
            var fitting = new List<Shape>(alternatives.Length);
            foreach (var alternative in alternatives)
            {
                if (!alternative.TakesKind(value.ValueKind))
                {
                    continue;
                }

                fitting.Add(alternative);
                first ??= alternative.Check(value, path);
            }

            if (fitting.Count == 0)
            {
                return WrongKind(value, path);
            }

            return fitting.Count == 1 ? first : Meant(value, fitting, path) ?? first;
        }

        // Narrows by one constant after the other; a constant that fits nowhere is itself the error.
        private static ServiceError? Meant(JsonElement value, List<Shape> candidates, ShapePath path)
        {
            if (value.ValueKind == JsonValueKind.String)
            {
                var words = candidates.OfType<Text>().SelectMany(t => t.Values ?? []).Distinct().ToArray();
                return words.Length == 0 ? null : ServiceError.Value(path.ToString(), value.GetString()!, words);
            }

            if (value.ValueKind != JsonValueKind.Object)
            {
                return null;
            }

            var records = candidates.SelectMany(Records).ToList();
            foreach (var name in (ReadOnlySpan<string>)["type", "role"])
            {
                var words = records.Where(r => r.Fields.ContainsKey(name))
                    .SelectMany(r => (r.Fields[name] as Text)?.Values ?? []).Distinct().ToArray();
                if (words.Length < 2)
                {
                    continue;
                }

                if (!value.TryGetProperty(name, out var given))
                {
                    return ServiceError.Missing(path.Field(name).ToString());
                }

                if (new Text(words, null).Check(given, path.Field(name)) is { } error)
                {
                    return error;
                }

                records.RemoveAll(r => !r.Fields.TryGetValue(name, out var s) || s.Check(given, ShapePath.Root) is not null);
            }

            return records.Count > 0 ? records[0].Check(value, path) : null;
        }

        private static IEnumerable<Record> Records(Shape shape) => shape switch
        {
            Record record => [record],
            Union union => union.Alternatives.SelectMany(Records),
            _ => [],
        };
    }
}
