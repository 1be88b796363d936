using System.Runtime.InteropServices;
using System.Text.Json;

namespace Bridge.Roles.Templates;

/// <summary>
/// The work that checking or rendering one template may take. Partials and loops multiply: without a bound ten partials that
/// each include the next ten times take ten thousand million steps.
/// </summary>
/// <param name="steps">A step is a node of the template, a member that is looked up, or 64 bytes that are compared or copied.</param>
internal sealed class TemplateBudget(int steps)
{
    private const int Share = 64;

    private long _left = steps;

    public bool IsSpent => _left < 0;

    /// <summary>False when the budget is spent.</summary>
    public bool TrySpend(long steps = 1) => (_left -= steps) >= 0;

    /// <summary>The cost of looking a member up: objects are searched from end to end.</summary>
    public static long LookupCost(JsonElement value) =>
        1 + (value.ValueKind == JsonValueKind.Object ? value.GetPropertyCount() / Share : 0);

    /// <summary>The cost of comparing, copying or walking a value; one that is not there is a caller's attribute in a later call.</summary>
    public static long ValueCost(JsonElement value) =>
        1 + (value.ValueKind == JsonValueKind.Undefined ? RoleContext.MaxAttributeLength
            : JsonMarshal.GetRawUtf8Value(value).Length) / Share;
}
