using System.Globalization;
using System.Text.Json;

namespace Bridge.JsonSchema;

/// <summary>The errors that one check has found, and the place it is at. Its Fail methods always return false.</summary>
internal sealed class SchemaFindings(SchemaRules rules)
{
    private const int MaxListed = 100;

    private readonly List<SchemaPath.Step> _path = [];
    private List<SchemaError>? _errors; // null while an alternative is only tried

    /// <summary>True when no error can be added: the rest of the value need not be looked at.</summary>
    public bool IsFull => _errors is null || _errors.Count >= rules.MaxErrors;

    /// <summary>Errors found so far; null while none are kept.</summary>
    public IReadOnlyList<SchemaError>? Errors => _errors;

    /// <summary>Keeps errors in a list from now on, or none with null; returns the list before.</summary>
    public List<SchemaError>? Collect(List<SchemaError>? errors)
    {
        var before = _errors;
        _errors = errors;
        return before;
    }

    /// <summary>Takes over errors that were found apart, as many as there is room for.</summary>
    public void Add(IEnumerable<SchemaError> errors) => _errors!.AddRange(errors.Take(rules.MaxErrors - _errors.Count));

    /// <summary>Goes into a member or an item.</summary>
    public void Enter(string? member, int index) => _path.Add(new SchemaPath.Step(member, index));

    /// <summary>Goes back out of it.</summary>
    public void Leave() => _path.RemoveAt(_path.Count - 1);

    public bool Fail(string keyword) => Fail(keyword, [], "");

    public bool Fail(string keyword, string[] expected, string actual)
    {
        if (!IsFull)
        {
            _errors!.Add(new SchemaError(keyword, new SchemaPath(_path), expected, actual));
        }

        return false;
    }

    /// <summary>As <see cref="Fail(string, string[], string)"/>, about a member of the present value.</summary>
    public bool FailAt(string member, string keyword, string[] expected, string actual)
    {
        if (!IsFull)
        {
            _errors!.Add(new SchemaError(keyword, new SchemaPath(_path.Append(new SchemaPath.Step(member, 0))), expected, actual));
        }

        return false;
    }

    /// <summary>The value has the wrong type.</summary>
    public bool FailType(string[] expected, JsonElement value) =>
        !IsFull && Fail("type", expected, SchemaTypeNames.Of(SchemaTypeNames.Of(value))[0]);

    /// <summary>The value is none of those allowed.</summary>
    public bool FailEnum(JsonElement[] allowed, JsonElement value) => !IsFull && Fail("enum", Texts(allowed), value.GetRawText());

    /// <summary>The member is none of the words allowed.</summary>
    public bool FailEnumAt(string member, JsonElement[] allowed, JsonElement value) =>
        FailAt(member, "enum", Texts(allowed), value.GetRawText());

    /// <summary>The member is none that the schema knows.</summary>
    public bool FailUnknown(IEnumerable<string> known) => !IsFull && Fail("additionalProperties", [.. known.Take(MaxListed)], "");

    /// <summary>The number is beyond a limit.</summary>
    public bool FailNumber(SchemaNode node, string keyword, double limit, JsonElement value) => !IsFull && Fail(
        keyword,
        [limit.ToString("R", CultureInfo.InvariantCulture), .. SchemaTypeNames.Of(node.Types)],
        value.GetRawText());

    /// <summary>A count is not as expected.</summary>
    public bool FailCount(string keyword, int expected, int actual) => Fail(keyword, [Text(expected)], Text(actual));

    private static string[] Texts(JsonElement[] values) => [.. values.Take(MaxListed).Select(value => value.GetRawText())];

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
