using Bridge.Roles.Documents;

namespace Bridge.Roles.Templates;

/// <summary>
/// Parses the part of Handlebars that roles use: values, <c>if</c>, <c>unless</c>, <c>each</c>, <c>with</c>, <c>else</c>,
/// partials, comments, helpers, white space control. Anything else is an error with its place.
/// </summary>
internal sealed class TemplateParser
{
    private const int MaxDepth = 32;
    private const int MaxErrors = 50;
    private static readonly string[] Blocks = ["if", "unless", "each", "with"];

    private readonly string _file;
    private readonly string _text;
    private readonly List<TemplateToken> _tokens;
    private readonly List<RoleError> _errors;
    private int _at;
    private bool _abandoned;
    private int _failCount;

    private TemplateParser(string file, string text, List<TemplateToken> tokens, List<RoleError> errors)
    {
        (_file, _text, _tokens, _errors) = (file, text, tokens, errors);
    }

    /// <summary>Null when there are errors; they were added to <paramref name="errors"/>.</summary>
    public static Template? Parse(string file, string text, List<RoleError> errors)
    {
        if (!TemplateLexer.TryRead(text, out var tokens, out var offset, out var error))
        {
            errors.Add(Template.ErrorAt(file, text, offset, error));
            return null;
        }

        var count = errors.Count;
        var parser = new TemplateParser(file, text, tokens, errors);
        var nodes = parser.ReadUntil(null, 0, out _);
        return errors.Count == count ? new Template(file, text, nodes) : null;
    }

    // Reads siblings up to the {{else}} or {{/name}} of the block that `opened` started, or to the end of the file.
    private List<TemplateNode> ReadUntil(TemplateToken? opened, int depth, out TemplateToken? end)
    {
        var nodes = new List<TemplateNode>();
        while (_at < _tokens.Count)
        {
            var token = _tokens[_at++];
            switch (token.Kind)
            {
                case TemplateTokenKind.Text when token.Content.Length > 0:
                    nodes.Add(new TextNode(token.Offset, token.Content));
                    break;
                case TemplateTokenKind.Value:
                    if (ReadValue(token) is { } value)
                    {
                        nodes.Add(value);
                    }

                    break;
                case TemplateTokenKind.Partial:
                    if (ReadPartial(token) is { } partial)
                    {
                        nodes.Add(partial);
                    }

                    break;
                case TemplateTokenKind.Open:
                    if (ReadBlock(token, token.Content, depth + 1) is { } block)
                    {
                        nodes.Add(block);
                    }

                    break;
                case TemplateTokenKind.Else or TemplateTokenKind.Close when opened is not null:
                    end = token;
                    return nodes;
                case TemplateTokenKind.Else:
                    Fail(token.Offset, "This {{else}} stands outside of any block.");
                    break;
                case TemplateTokenKind.Close:
                    Fail(token.Offset, $"{{{{/{token.Content.Trim()}}}}} closes nothing; remove it, or open the block before.");
                    break;
            }
        }

        end = null;
        return nodes;
    }

    private ValueNode? ReadValue(TemplateToken token)
    {
        var reader = new TemplateExpressionReader(token.Content, token.Offset);
        if (reader.ReadStatement() is { } value)
        {
            return new ValueNode(token.Offset, value);
        }

        Fail(reader.ErrorOffset, reader.Error);
        return null;
    }

    private PartialNode? ReadPartial(TemplateToken token)
    {
        var reader = new TemplateExpressionReader(token.Content, token.Offset);
        var name = reader.ReadWord();
        TemplateExpression? subject = null;
        if (name.Length == 0)
        {
            Fail(token.Offset, "The partial's name is missing: {{> name}} takes roles/_shared/name.instruct.");
            return null;
        }

        if (!reader.AtEnd)
        {
            subject = reader.ReadTerm(0);
            if (subject is null || !reader.AtEnd)
            {
                Fail(token.Offset, "A partial takes at most one value: {{> name}} or {{> name value}}.");
                return null;
            }
        }

        return new PartialNode(token.Offset, name, subject, token.Indent);
    }

    private BlockNode? ReadBlock(TemplateToken opened, string content, int depth)
    {
        var reader = new TemplateExpressionReader(content, opened.Offset + (opened.Content.Length - content.Length));
        var name = reader.ReadWord();
        var kind = Array.IndexOf(Blocks, name);
        TemplateExpression? subject = null;
        IReadOnlyList<string>? names = null;
        if (kind < 0)
        {
            var near = Suggestion.Nearest(name, Blocks);
            Fail(
                opened.Offset,
                $"There is no block {{{{#{name}}}}}; "
                    + (near is null ? "the blocks are if, unless, each and with." : $"did you mean {{{{#{near}}}}}?"));
        }
        else if (depth > MaxDepth)
        {
            return Abandon(opened);
        }
        else if ((subject = reader.ReadTerm(0)) is null || (names = reader.ReadNames()) is null)
        {
            Fail(reader.ErrorOffset, reader.Error);
        }
        else if (names.Count > 0 && (BlockKind)kind is BlockKind.If or BlockKind.Unless)
        {
            Fail(opened.Offset, $"{{{{#{name}}}}} gives no names; \"as |…|\" belongs to each and with.");
        }

        var body = ReadUntil(opened, depth, out var end);
        var alternative = ReadElse(opened, ref end, depth, out var next);
        if (end is null)
        {
            if (!_abandoned)
            {
                Fail(opened.Offset, $"{{{{#{name}}}}} is never closed; add {{{{/{name}}}}}.");
            }
        }
        else if (end.Content.Trim() is var closed && kind >= 0 && closed != OpenName(opened))
        {
            Fail(end.Offset, $"{{{{/{closed}}}}} closes {{{{#{OpenName(opened)}}}}}; write {{{{/{OpenName(opened)}}}}}.");
        }

        return subject is null || names is null
            ? null
            : new BlockNode(opened.Offset, (BlockKind)kind, subject, names, body, alternative, next);
    }

    // Reads {{else if …}} … {{else}} … up to the closing tag, which they share with the block that `opened` started.
    private List<TemplateNode> ReadElse(TemplateToken opened, ref TemplateToken? end, int depth, out BlockNode? next)
    {
        var chain = new List<BlockNode>();
        List<TemplateNode>? last = null;
        while (end is { Kind: TemplateTokenKind.Else } token)
        {
            if (last is not null)
            {
                Fail(token.Offset, "A second {{else}} in the same block.");
            }

            var isLast = token.Content.AsSpan().Trim().IsEmpty;
            var subject = isLast ? null : ReadCondition(token);
            var body = ReadUntil(opened, depth, out end);
            if (isLast)
            {
                last ??= body;
            }
            else if (subject is { } condition)
            {
                chain.Add(new BlockNode(token.Offset, condition.Kind, condition.Subject, [], body, [], null));
            }
        }

        next = null;
        for (var i = chain.Count - 1; i >= 0; i--)
        {
            next = chain[i] with { Next = next, Else = next is null ? last ?? [] : [] };
        }

        return next is null ? last ?? [] : [];
    }

    // The inside of {{else if x}}; null when it is already reported.
    private (BlockKind Kind, TemplateExpression Subject)? ReadCondition(TemplateToken token)
    {
        var content = token.Content.TrimStart();
        var reader = new TemplateExpressionReader(content, token.Offset + (token.Content.Length - content.Length));
        var name = reader.ReadWord();
        if (name is not ("if" or "unless"))
        {
            Fail(token.Offset, "After else only if or unless may follow.");
            return null;
        }

        if (reader.ReadTerm(0) is not { } subject || !reader.AtEnd)
        {
            Fail(token.Offset, reader.Error.Length > 0 ? reader.Error : "One value was expected after else if.");
            return null;
        }

        return (name == "if" ? BlockKind.If : BlockKind.Unless, subject);
    }

    // Depth is stack: what is nested too deep ends the parse.
    private BlockNode? Abandon(TemplateToken at)
    {
        Fail(at.Offset, $"Blocks are nested deeper than {MaxDepth} levels.");
        _abandoned = true;
        _at = _tokens.Count;
        return null;
    }

    private static string OpenName(TemplateToken opened) => new TemplateExpressionReader(opened.Content, 0).ReadWord();

    // An author corrects the first few; a file of nothing but mistakes is not read to its end.
    private void Fail(int offset, string message)
    {
        if (_failCount == MaxErrors)
        {
            return;
        }

        _errors.Add(Template.ErrorAt(_file, _text, offset, message));
        if (++_failCount == MaxErrors)
        {
            _abandoned = true;
            _at = _tokens.Count;
        }
    }
}
