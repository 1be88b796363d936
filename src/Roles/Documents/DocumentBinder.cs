using System.Collections;
using System.Globalization;
using Bridge.Roles.Yaml;

namespace Bridge.Roles.Documents;

/// <summary>
/// Binds a YAML tree to a document type: unknown keys and wrong kinds become errors at their place, and every bound
/// path keeps its node, so that the validators' errors find theirs.
/// </summary>
internal sealed class DocumentBinder(string file, List<RoleError> errors)
{
    private readonly Dictionary<string, YamlNode> _places = new(StringComparer.Ordinal);
    private readonly HashSet<string> _failed = new(StringComparer.Ordinal);

    /// <summary>Binds <paramref name="root"/>; null when it is no mapping.</summary>
    public T? Bind<T>(YamlNode root)
        where T : class => (T?)BindObject(typeof(T), root, "");

    /// <summary>The node of a validator's path such as <c>Tools[0].TimeoutMs</c>, or of the nearest parent that was written.</summary>
    public YamlNode? PlaceOf(string path)
    {
        while (true)
        {
            if (_places.TryGetValue(path, out var node))
            {
                return node;
            }

            if (path.Length == 0)
            {
                return null;
            }

            var cut = path.LastIndexOfAny(['.', '[']);
            path = cut < 0 ? "" : path[..cut];
        }
    }

    /// <summary>Whether this path, or one above it, already has an error, so that a second one would only repeat it.</summary>
    public bool HasFailed(string path) =>
        _failed.Any(
            failed =>
                path == failed || path.StartsWith(failed + ".", StringComparison.Ordinal)
                    || path.StartsWith(failed + "[", StringComparison.Ordinal));

    private object? Bind(Type type, YamlNode node, string path)
    {
        _places[path] = node;
        if (node is YamlScalar { IsNull: true })
        {
            return null;
        }

        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(YamlNode))
        {
            return node;
        }

        if (type == typeof(Dictionary<string, string>))
        {
            return BindDictionary(node, path);
        }

        if (type.IsGenericType)
        {
            return BindList(type, node, path);
        }

        return type.Namespace == typeof(RoleDocument).Namespace ? BindObject(type, node, path) : BindScalar(type, node, path);
    }

    private object? BindObject(Type type, YamlNode node, string path)
    {
        _places[path] = node;
        if (node is not YamlMapping mapping)
        {
            return Fail(
                path,
                node,
                $"{Spell(path)} is {node.Kind}; it must be a mapping with keys such as "
                    + $"{string.Join(", ", DocumentShape.Of(type).Keys.Keys.Take(4))}.");
        }

        var bound = Activator.CreateInstance(type)!;
        var shape = DocumentShape.Of(type);
        foreach (var (key, value) in mapping.Entries)
        {
            if (shape.Keys.TryGetValue(key.Text, out var property))
            {
                property.SetValue(bound, Bind(property.PropertyType, value, path.Length == 0 ? property.Name : $"{path}.{property.Name}"));
            }
            else
            {
                var near = Suggestion.Nearest(key.Text, shape.Keys.Keys);
                errors.Add(new RoleError(file, key.Line, key.Column,
                    $"Unknown key \"{key.Text}\"{(path.Length == 0 ? "" : " in " + Spell(path))}; "
                    + (near is null ? $"the keys here are {string.Join(", ", shape.Keys.Keys)}." : $"did you mean \"{near}\"?")));
            }
        }

        return bound;
    }

    private object? BindList(Type type, YamlNode node, string path)
    {
        if (node is not YamlSequence sequence)
        {
            return Fail(path, node, $"{Spell(path)} is {node.Kind}; it must be a list.");
        }

        var list = (IList)Activator.CreateInstance(type)!;
        var item = type.GetGenericArguments()[0];
        for (var i = 0; i < sequence.Items.Count; i++)
        {
            var at = $"{path}[{i}]";
            if (sequence.Items[i] is YamlScalar { IsNull: true } empty)
            {
                Fail(at, empty, $"{Spell(at)} is empty; write a value or remove the dash.");
            }
            else if (Bind(item, sequence.Items[i], at) is { } value)
            {
                list.Add(value);
            }
            else
            {
                // Keeps the indexes of the validators' paths in step with the file.
                list.Add(item == typeof(string) ? "" : Activator.CreateInstance(item));
            }
        }

        return list;
    }

    private Dictionary<string, string>? BindDictionary(YamlNode node, string path)
    {
        if (node is not YamlMapping mapping)
        {
            Fail(path, node, $"{Spell(path)} is {node.Kind}; it must be a mapping of names to texts.");
            return null;
        }

        var bound = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (key, value) in mapping.Entries)
        {
            var at = $"{path}.{key.Text}";
            if (value is YamlScalar { IsNull: false } scalar)
            {
                _places[at] = value;
                bound[key.Text] = scalar.Text;
            }
            else
            {
                Fail(at, value, $"{Spell(path)}.{key.Text} is {value.Kind}; it must be a text.");
            }
        }

        return bound;
    }

    private object? BindScalar(Type type, YamlNode node, string path)
    {
        var scalar = node as YamlScalar;
        if (type == typeof(string))
        {
            return scalar is not null ? scalar.Text : Fail(path, node, $"{Spell(path)} is {node.Kind}; it must be a text.");
        }

        if (type == typeof(bool))
        {
            return scalar is not null && scalar.TryGetSwitch(out var boolean)
                ? boolean
                : Fail(path, node, $"{Spell(path)} is {node.Kind}; it must be true or false.");
        }

        if (type == typeof(int))
        {
            return scalar is not null && scalar.TryGetInteger(out var integer) && integer is >= int.MinValue and <= int.MaxValue
                ? (int)integer
                : Fail(path, node, $"{Spell(path)} is {node.Kind}; it must be a whole number.");
        }

        if (scalar is not null && scalar.TryGetNumber(out var number))
        {
            return type == typeof(double) ? number
                : decimal.TryParse(scalar.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var exact) ? exact
                : Fail(path, node, $"{Spell(path)} is out of range.");
        }

        return Fail(path, node, $"{Spell(path)} is {node.Kind}; it must be a number.");
    }

    private object? Fail(string path, YamlNode node, string message)
    {
        _failed.Add(path);
        errors.Add(new RoleError(file, node.Line, node.Column, message));
        return null;
    }

    /// <summary>A path as the file spells it: <c>tools[0].timeout_ms</c>.</summary>
    public static string Spell(string path) =>
        path.Length == 0 ? "The file" : string.Join('.', path.Split('.').Select(DocumentShape.KeyOf));
}
