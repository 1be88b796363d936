using System.Collections.Frozen;
using System.Text.Json;

namespace Bridge.Roles.Templates;

/// <summary>The possible values at some place of a template: the samples it was seen as, or anything when it is open.</summary>
internal sealed record TemplateShape(IReadOnlyList<JsonElement> Samples, bool IsOpen)
{
    // Enough to see every key of a list whose items differ, few enough to keep a large menu cheap to check.
    private const int MaxSamples = 512;

    public static TemplateShape Anything { get; } = new([], true);

    public static TemplateShape Of(JsonElement value) => new([value], false);

    /// <summary>Members of which nothing is known: files that can't be read.</summary>
    public IReadOnlySet<string> OpenMembers { get; init; } = FrozenSet<string>.Empty;

    public IEnumerable<string> Members => Samples
        .Where(sample => sample.ValueKind == JsonValueKind.Object)
        .SelectMany(sample => sample.EnumerateObject().Select(member => member.Name))
        .Concat(OpenMembers)
        .Distinct();

    /// <summary>Null when no sample has the member.</summary>
    public TemplateShape? Member(string name)
    {
        if (IsOpen || OpenMembers.Contains(name) || Samples.All(sample => sample.ValueKind == JsonValueKind.Null))
        {
            return Anything;
        }

        var found = new List<JsonElement>();
        var emptyList = false;
        foreach (var sample in Samples)
        {
            var member = TemplateValue.Member(sample, name);
            if (member.ValueKind != JsonValueKind.Undefined)
            {
                found.Add(member);
            }

            emptyList |= sample.ValueKind == JsonValueKind.Array && int.TryParse(name, out _);
        }

        return found.Count > 0 ? new TemplateShape(found, false) : emptyList ? Anything : null;
    }

    /// <summary>The shape of the items that <c>each</c> loops over; null when no sample can be looped over.</summary>
    public TemplateShape? Items()
    {
        if (IsOpen || Samples.All(sample => sample.ValueKind == JsonValueKind.Null))
        {
            return Anything;
        }

        var items = new List<JsonElement>();
        var walkable = false;
        foreach (var sample in Samples)
        {
            walkable |= sample.ValueKind is JsonValueKind.Array or JsonValueKind.Object or JsonValueKind.Null;
            var inner = sample.ValueKind switch
            {
                JsonValueKind.Array => sample.EnumerateArray(),
                JsonValueKind.Object => sample.EnumerateObject().Select(member => member.Value),
                _ => Enumerable.Empty<JsonElement>(),
            };
            items.AddRange(inner.Take(MaxSamples - items.Count));
        }

        return !walkable ? null : items.Count == 0 ? Anything : new TemplateShape(items, false);
    }

    /// <summary>True when a sample is a list or a mapping, which doesn't read well in a sentence.</summary>
    public bool IsComposite => Samples.Any(sample => sample.ValueKind is JsonValueKind.Array or JsonValueKind.Object);
}
