using Bridge.Roles.Documents;

namespace Bridge.Roles.Templates;

/// <summary>
/// Checks every path, helper and partial of a template against the data it will be rendered with, in the branches that a
/// rendering would not take too. A template that it accepts, <see cref="TemplateRenderer"/> renders.
/// </summary>
internal sealed class TemplateChecker
{
    private const int MaxSteps = 300_000;
    private const int MaxErrors = 50;

    // Each may nest 32 blocks, and depth is stack.
    private const int MaxPartialDepth = 16;

    private static readonly string[] LoopData = ["index", "first", "last", "key", "root"];

    private readonly IReadOnlyDictionary<string, Template> _partials;
    private readonly List<RoleError> _errors;
    private readonly List<string> _openPartials = [];
    private readonly TemplateBudget _budget = new(MaxSteps);
    private readonly int _errorCount;
    private Template _template;

    private TemplateChecker(Template template, IReadOnlyDictionary<string, Template> partials, List<RoleError> errors)
    {
        (_template, _partials, _errors, _errorCount) = (template, partials, errors, errors.Count);
    }

    /// <summary>Adds what is wrong to <paramref name="errors"/>.</summary>
    /// <param name="template">The template.</param>
    /// <param name="partials">By name.</param>
    /// <param name="root">The variables at the top, by name.</param>
    /// <param name="errors">Where errors go.</param>
    public static void Check(
        Template template,
        IReadOnlyDictionary<string, Template> partials,
        IReadOnlyDictionary<string, TemplateShape> root,
        List<RoleError> errors)
    {
        var checker = new TemplateChecker(template, partials, errors);
        checker.Check(template.Nodes, new Scope(null, null, root));
        if (checker._budget.IsSpent)
        {
            errors.Add(new RoleError(template.File, 0, 0, $"The template is too large to check once its partials are written out "
                + $"({MaxSteps:N0} steps); include fewer partials in partials."));
        }
    }

    private bool IsOver => _budget.IsSpent || _errors.Count - _errorCount >= MaxErrors;

    private void Check(IReadOnlyList<TemplateNode> nodes, Scope scope)
    {
        foreach (var node in nodes)
        {
            if (!_budget.TrySpend() || IsOver)
            {
                return;
            }

            switch (node)
            {
                case ValueNode value:
                    if (ShapeOf(value.Value, scope) is { IsComposite: true } && value.Value is PathExpression path)
                    {
                        Fail(path.Offset, $"{{{{{path.Text}}}}} is a list or a mapping; loop over it with {{{{#each {path.Text}}}}}, or "
                            + $"write {{{{join {path.Text}}}}} or {{{{json {path.Text}}}}}.");
                    }

                    break;
                case BlockNode block:
                    for (BlockNode? at = block; at is not null && _budget.TrySpend() && !IsOver; at = at.Next)
                    {
                        Check(at, scope);
                    }

                    break;
                case PartialNode partial:
                    Check(partial, scope);
                    break;
            }
        }
    }

    private void Check(BlockNode block, Scope scope)
    {
        // In a condition a caller's missing attribute is fine, an unknown name is still a mistake.
        var subject = ShapeOf(block.Subject, scope);
        var inner = scope;
        if (block.Kind == BlockKind.With)
        {
            inner = new Scope(subject ?? TemplateShape.Anything, scope, null) { Names = block.Names };
        }
        else if (block.Kind == BlockKind.Each)
        {
            _budget.TrySpend(subject?.Samples.Count ?? 0);
            var items = subject is null ? TemplateShape.Anything : subject.Items();
            if (items is null)
            {
                Fail(block.Subject.Offset, "each loops over a list or a mapping; this is a single value.");
            }

            inner = new Scope(items ?? TemplateShape.Anything, scope, null) { Names = block.Names, IsLoop = true };
        }

        Check(block.Body, inner);
        Check(block.Else, scope);
    }

    private void Check(PartialNode partial, Scope scope)
    {
        if (!_partials.TryGetValue(partial.Name, out var template))
        {
            var near = Suggestion.Nearest(partial.Name, _partials.Keys);
            Fail(partial.Offset, $"There is no partial \"{partial.Name}\"; "
                + (near is not null ? $"did you mean \"{near}\"?"
                    : $"create roles/_shared/{partial.Name}.instruct"
                        + (_partials.Count == 0 ? "." : $", or use one of {string.Join(", ", _partials.Keys.Order())}.")));
            return;
        }

        if (_openPartials.Contains(partial.Name))
        {
            Fail(partial.Offset, $"The partial \"{partial.Name}\" includes itself ({string.Join(" > ", _openPartials)} > {partial.Name}).");
            return;
        }

        if (_openPartials.Count == MaxPartialDepth)
        {
            Fail(partial.Offset, $"Partials include one another deeper than {MaxPartialDepth} levels "
                + $"({string.Join(" > ", _openPartials)} > {partial.Name}).");
            return;
        }

        var inner = partial.Subject is null ? scope : new Scope(ShapeOf(partial.Subject, scope) ?? TemplateShape.Anything, scope, null);
        var outer = _template;
        var count = _errors.Count;
        _template = template;
        _openPartials.Add(partial.Name);
        Check(template.Nodes, inner);
        _openPartials.RemoveAt(_openPartials.Count - 1);
        _template = outer;
        if (_errors.Count > count && _openPartials.Count == 0)
        {
            Fail(partial.Offset, $"The partial \"{partial.Name}\" does not fit here; see the errors in {template.File}.");
        }
    }

    // Null when the expression is already reported.
    private TemplateShape? ShapeOf(TemplateExpression expression, Scope scope)
    {
        switch (expression)
        {
            case LiteralExpression literal:
                return TemplateShape.Of(literal.Value);
            case CallExpression call:
                foreach (var argument in call.Arguments)
                {
                    ShapeOf(argument, scope);
                }

                if (TemplateHelpers.Find(call.Name) is not { } helper)
                {
                    var near = Suggestion.Nearest(call.Name, TemplateHelpers.Names);
                    Fail(call.Offset, $"There is no helper \"{call.Name}\"; "
                        + (near is null ? $"the helpers are {string.Join(", ", TemplateHelpers.Names.Order())}."
                            : $"did you mean \"{near}\"?"));
                    return null;
                }

                if (call.Arguments.Count < helper.MinArguments || call.Arguments.Count > helper.MaxArguments)
                {
                    Fail(call.Offset, $"\"{call.Name}\" is written {helper.Usage}.");
                }

                return TemplateShape.Of(TemplateValue.Of(""));
            default:
                return ShapeOf((PathExpression)expression, scope);
        }
    }

    private TemplateShape? ShapeOf(PathExpression path, Scope scope)
    {
        if (path.Data is { } data)
        {
            if (!LoopData.Contains(data))
            {
                Fail(path.Offset, $"There is no @{data}; there are @index, @first, @last and @key inside each, and @root.");
                return null;
            }

            if (data != "root" && !scope.InLoop)
            {
                Fail(path.Offset, $"@{data} exists only inside {{{{#each}}}}.");
                return null;
            }

            return data == "root" ? Walk(path, scope.Root, 0) : TemplateShape.Of(TemplateValue.Of(0));
        }

        if (!path.Explicit && path.Segments.Count > 0 && scope.Named(path.Segments[0]) is { } named)
        {
            return Walk(path, new Scope(named, scope, null), 1);
        }

        var at = scope;
        for (var up = 0; up < path.Up; up++)
        {
            at = at.Parent;
            if (at is null)
            {
                Fail(path.Offset, $"\"{path.Text}\" climbs above the top; remove a \"../\".");
                return null;
            }
        }

        return Walk(path, at, 0);
    }

    private TemplateShape? Walk(PathExpression path, Scope scope, int used)
    {
        if (used == path.Segments.Count)
        {
            return scope.Shape ?? TemplateShape.Anything;
        }

        var shape = scope.Shape is null ? scope.Top!.GetValueOrDefault(path.Segments[used]) : Member(scope.Shape, path.Segments[used]);
        var known = scope.Shape?.Members ?? scope.Top!.Keys;
        var name = path.Segments[used];
        while (shape is not null && ++used < path.Segments.Count)
        {
            (name, known) = (path.Segments[used], shape.Members);
            shape = Member(shape, name);
        }

        if (shape is null)
        {
            Fail(path.Offset, Unknown(path, name, [.. known], scope));
        }

        return shape;
    }

    // Nothing is known once the budget is spent.
    private TemplateShape? Member(TemplateShape shape, string name) =>
        _budget.TrySpend(shape.Samples.Sum(TemplateBudget.LookupCost)) ? shape.Member(name) : TemplateShape.Anything;

    private static string Unknown(PathExpression path, string name, List<string> known, Scope scope)
    {
        var sentence = $"Unknown variable \"{path.Text}\"" + (path.Segments.Count > 1 ? $": there is no \"{name}\" in it" : "");
        if (Suggestion.Nearest(name, known) is { } near)
        {
            return $"{sentence}; did you mean \"{near}\"?";
        }

        // A name that is right at the top, or is a data file, but is looked up in the wrong place.
        if (scope.Shape is not null && scope.Root.Top!.ContainsKey(name))
        {
            return $"{sentence}; inside each and with, names are members of the item: write \"@root.{name}\".";
        }

        if (scope.Root.Top!.GetValueOrDefault("data")?.Member(name) is not null && path.Segments[0] == name)
        {
            return $"{sentence}; the file data/{name} is \"{(scope.Shape is null ? "" : "@root.")}data.{path.Text}\".";
        }

        return known.Count == 0 ? $"{sentence}; nothing is known here." : $"{sentence}; known here: "
            + $"{string.Join(", ", known.Take(12))}{(known.Count > 12 ? ", …" : "")}.";
    }

    private void Fail(int offset, string message)
    {
        var error = _template.ErrorAt(offset, message);
        if (!_errors.Contains(error))
        {
            _errors.Add(error);
        }
    }

    /// <summary>A context while checking; the outermost has named shapes instead of one of its own.</summary>
    private sealed class Scope(TemplateShape? shape, Scope? parent, IReadOnlyDictionary<string, TemplateShape>? top)
    {
        public TemplateShape? Shape { get; } = shape;

        public Scope? Parent { get; } = parent;

        public IReadOnlyDictionary<string, TemplateShape>? Top { get; } = top;

        public IReadOnlyList<string> Names { get; init; } = [];

        public bool IsLoop { get; init; }

        public bool InLoop => IsLoop || (Parent?.InLoop ?? false);

        public Scope Root => Parent?.Root ?? this;

        public TemplateShape? Named(string name)
        {
            for (var i = 0; i < Names.Count; i++)
            {
                if (Names[i] == name)
                {
                    return i == 0 ? Shape : TemplateShape.Of(TemplateValue.Of(0));
                }
            }

            return Parent?.Named(name);
        }
    }
}
