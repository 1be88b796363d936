using System.Text.Json;

namespace Bridge.Roles.Templates;

/// <summary>A context while rendering: the value that bare names are looked up in, and the ones around it.</summary>
internal sealed class TemplateFrame
{
    private readonly TemplateBudget _budget;

    /// <summary>The outermost context.</summary>
    public TemplateFrame(JsonElement value, TemplateBudget budget) => (Value, _budget) = (value, budget);

    /// <summary>A context inside <paramref name="parent"/>.</summary>
    public TemplateFrame(JsonElement value, TemplateFrame parent) => (Value, Parent, _budget) = (value, parent, parent._budget);

    public JsonElement Value { get; }

    public TemplateFrame? Parent { get; }

    /// <summary>Position in <c>each</c>; -1 outside of one.</summary>
    public int Index { get; init; } = -1;

    public bool IsLast { get; init; }

    /// <summary>Key in <c>each</c> over a mapping.</summary>
    public string? Key { get; init; }

    /// <summary>The names of <c>as |item index|</c>.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>The value of the expression; nothing once the budget is spent.</summary>
    public JsonElement Evaluate(TemplateExpression expression)
    {
        switch (expression)
        {
            case LiteralExpression literal:
                return literal.Value;
            case CallExpression call:
                JsonElement[] arguments = [.. call.Arguments.Select(Evaluate)];
                return _budget.TrySpend(arguments.Sum(TemplateBudget.ValueCost))
                    ? TemplateHelpers.Find(call.Name)!.Apply(arguments)
                    : default;
            default:
                var path = (PathExpression)expression;
                var value = Start(path, out var used);
                for (; used < path.Segments.Count && _budget.TrySpend(TemplateBudget.LookupCost(value)); used++)
                {
                    value = TemplateValue.Member(value, path.Segments[used]);
                }

                return value;
        }
    }

    private JsonElement Start(PathExpression path, out int used)
    {
        used = 0;
        if (path.Data is not null)
        {
            return path.Data == "root" ? Root.Value : Loop(path.Data);
        }

        if (!path.Explicit && path.Segments.Count > 0 && TryNamed(path.Segments[0], out var named))
        {
            used = 1;
            return named;
        }

        var frame = this;
        for (var up = 0; up < path.Up && frame is not null; up++)
        {
            frame = frame.Parent;
        }

        return frame?.Value ?? default;
    }

    private TemplateFrame Root
    {
        get
        {
            var frame = this;
            while (frame.Parent is not null)
            {
                frame = frame.Parent;
            }

            return frame;
        }
    }

    private JsonElement Loop(string data)
    {
        for (var frame = this; frame is not null; frame = frame.Parent)
        {
            if (frame.Index >= 0)
            {
                return data switch
                {
                    "index" => TemplateValue.Of(frame.Index),
                    "first" => TemplateValue.Of(frame.Index == 0),
                    "last" => TemplateValue.Of(frame.IsLast),
                    "key" => frame.Key is null ? TemplateValue.Of(frame.Index) : TemplateValue.Of(frame.Key),
                    _ => default,
                };
            }
        }

        return default;
    }

    private bool TryNamed(string name, out JsonElement value)
    {
        for (var frame = this; frame is not null; frame = frame.Parent)
        {
            for (var i = 0; i < frame.Names.Count; i++)
            {
                if (frame.Names[i] == name)
                {
                    value = i == 0 ? frame.Value : frame.Key is null ? TemplateValue.Of(frame.Index) : TemplateValue.Of(frame.Key);
                    return true;
                }
            }
        }

        value = default;
        return false;
    }
}
