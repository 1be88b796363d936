using System.Collections;
using System.Globalization;
using System.Text;

namespace Bridge.JsonSchema;

/// <summary>Where in a value something stands: member names and array indices from the whole inwards.</summary>
public sealed class SchemaPath : IReadOnlyList<SchemaPath.Step>
{
    private readonly Step[] _steps;

    internal SchemaPath(IEnumerable<Step> steps)
    {
        _steps = [.. steps];
    }

    /// <summary>Number of steps; 0 for the whole value.</summary>
    public int Count => _steps.Length;

    /// <summary>The step at a depth from 0.</summary>
    public Step this[int index] => _steps[index];

    /// <summary>The steps, outermost first.</summary>
    public IEnumerator<Step> GetEnumerator() => ((IEnumerable<Step>)_steps).GetEnumerator();

    /// <summary>A JSON pointer (RFC 6901); empty for the whole value.</summary>
    public override string ToString()
    {
        var pointer = new StringBuilder();
        foreach (var step in _steps)
        {
            pointer.Append('/').Append(step.Name is { } name ? Escape(name) : step.Index.ToString(CultureInfo.InvariantCulture));
        }

        return pointer.ToString();
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Escapes a name for a JSON pointer (RFC 6901 §3).</summary>
    internal static string Escape(string name) =>
        name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    /// <summary>Reads a step of a JSON pointer in a URI fragment (RFC 6901 §6).</summary>
    internal static string Unescape(string step) =>
        Uri.UnescapeDataString(step).Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);

    /// <summary>A member (<paramref name="Name"/> is set) or an item of an array.</summary>
    public readonly record struct Step(string? Name, int Index);
}
