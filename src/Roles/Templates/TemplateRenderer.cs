using System.Text;
using System.Text.Json;

namespace Bridge.Roles.Templates;

/// <summary>Renders a checked template.</summary>
/// <remarks>
/// With <paramref name="everyBranch"/> both sides of each condition are written, so the text is at least as long as any
/// that a call can get: what passes the bounds then passes them always.
/// </remarks>
internal sealed class TemplateRenderer(IReadOnlyDictionary<string, Template> partials, bool everyBranch = false)
{
    /// <summary>Characters of rendered instructions.</summary>
    public const int MaxLength = 200_000;

    /// <summary>Steps of <see cref="TemplateBudget"/>.</summary>
    public const int MaxSteps = 400_000;

    private readonly StringBuilder _output = new();
    private readonly TemplateBudget _budget = new(MaxSteps);

    /// <summary>True when it was the work that grew beyond its bound, and not the text.</summary>
    public bool IsBudgetSpent => _budget.IsSpent;

    /// <summary>False when the text or the work grows beyond its bound.</summary>
    public bool TryRender(Template template, JsonElement root, out string text)
    {
        var complete = Render(template.Nodes, new TemplateFrame(root, _budget)) && !_budget.IsSpent;
        text = complete ? _output.ToString() : "";
        return complete;
    }

    private bool Render(IReadOnlyList<TemplateNode> nodes, TemplateFrame frame)
    {
        foreach (var node in nodes)
        {
            if (!_budget.TrySpend())
            {
                return false;
            }

            var complete = node switch
            {
                TextNode text => Write(text.Text),
                ValueNode value => Write(frame.Evaluate(value.Value)),
                BlockNode block => Render(block, frame),
                PartialNode partial => Render(partial, frame),
                _ => throw new InvalidOperationException($"A template node of kind {node.GetType().Name} has no rendering."),
            };
            if (!complete)
            {
                return false;
            }
        }

        return true;
    }

    private bool Render(BlockNode block, TemplateFrame frame)
    {
        for (BlockNode? at = block; at is not null && _budget.TrySpend(); at = at.Next)
        {
            var subject = frame.Evaluate(at.Subject);
            var isTaken = at.Kind switch
            {
                BlockKind.Each => Count(subject) > 0,
                BlockKind.Unless => !TemplateValue.IsTruthy(subject),
                _ => TemplateValue.IsTruthy(subject),
            };
            // A caller's attribute may make each of them true, but is never a list.
            if ((isTaken || (everyBranch && at.Kind != BlockKind.Each)) && !RenderBody(at, subject, frame))
            {
                return false;
            }

            if (isTaken && !everyBranch)
            {
                return true;
            }

            if (!Render(at.Else, frame))
            {
                return false;
            }
        }

        return !_budget.IsSpent;
    }

    private bool RenderBody(BlockNode block, JsonElement subject, TemplateFrame frame) => block.Kind switch
    {
        BlockKind.If or BlockKind.Unless => Render(block.Body, frame),
        BlockKind.With => Render(block.Body, new TemplateFrame(subject, frame) { Names = block.Names }),
        _ => RenderEach(block, subject, frame),
    };

    private bool RenderEach(BlockNode block, JsonElement subject, TemplateFrame frame)
    {
        var count = Count(subject);
        var index = 0;
        if (subject.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in subject.EnumerateArray())
            {
                if (!Render(block.Body, new TemplateFrame(item, frame) { Index = index, IsLast = ++index == count, Names = block.Names }))
                {
                    return false;
                }
            }
        }
        else
        {
            foreach (var member in subject.EnumerateObject())
            {
                if (!Render(block.Body,
                    new TemplateFrame(member.Value, frame)
                    {
                        Index = index, IsLast = ++index == count, Key = member.Name, Names = block.Names,
                    }))
                {
                    return false;
                }
            }
        }

        return true;
    }

    private bool Render(PartialNode partial, TemplateFrame frame)
    {
        var inner = partial.Subject is null ? frame : new TemplateFrame(frame.Evaluate(partial.Subject), frame);
        var start = _output.Length;
        if (!Render(partials[partial.Name].Nodes, inner))
        {
            return false;
        }

        if (partial.Indent.Length > 0 && _output.Length > start)
        {
            // A partial alone on an indented line takes the indentation over to each of its lines.
            var lines = _output.ToString(start, _output.Length - start).Split('\n');
            _output.Length = start;
            for (var i = 0; i < lines.Length; i++)
            {
                var last = i == lines.Length - 1;
                if (!(last && lines[i].Length == 0) && !Write(partial.Indent + lines[i] + (last ? "" : "\n")))
                {
                    return false;
                }
            }
        }

        return true;
    }

    // A value that is not there now is one of the caller's attributes, which has a bounded length.
    private bool Write(JsonElement value) => Write(
        everyBranch && value.ValueKind == JsonValueKind.Undefined
            ? new string('-', RoleContext.MaxAttributeLength)
            : TemplateValue.Text(value));

    private bool Write(string text)
    {
        _output.Append(text);
        return _output.Length <= MaxLength;
    }

    private static int Count(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => value.GetArrayLength(),
        JsonValueKind.Object => value.GetPropertyCount(),
        _ => 0,
    };
}
