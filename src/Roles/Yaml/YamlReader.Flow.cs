namespace Bridge.Roles.Yaml;

// Lists and mappings between brackets (YAML 1.2.2 §7.4).
internal sealed partial class YamlReader
{
    private YamlSequence ReadFlowSequence(int line, int column, int depth)
    {
        var items = new List<YamlNode>();
        _cursor.Skip(1);
        while (!EndsFlow(']', line, column))
        {
            var item = ReadNode(-1, depth + 1, Place.Flow);
            _cursor.SkipLines(inFlow: true);
            if (_cursor.Current == ':' && item.Line == _cursor.Line)
            {
                // [ key: value ] is a list of one mapping.
                var key = item as YamlScalar ?? throw _cursor.Refuse(NoKey);
                CheckKey(key, []);
                Count();
                item = new YamlMapping(key.Line, key.Column, [new(key, ReadFlowValue(depth + 2))]);
            }

            items.Add(item);
            SkipComma(']');
        }

        return new YamlSequence(line, column, items);
    }

    private YamlMapping ReadFlowMapping(int line, int column, int depth)
    {
        var entries = new List<KeyValuePair<YamlScalar, YamlNode>>();
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        _cursor.Skip(1);
        while (!EndsFlow('}', line, column))
        {
            if (_cursor.Current is '[' or '{' or '&' or '*' or '!')
            {
                throw _cursor.Refuse(NoKey);
            }

            var key = (YamlScalar)ReadScalarOrMapping(-1, depth, Place.Flow);
            CheckKey(key, seen);
            _cursor.SkipLines(inFlow: true);
            entries.Add(new(key, _cursor.Current == ':' ? ReadFlowValue(depth + 1) : Empty(_cursor.Line, _cursor.Column)));
            SkipComma('}');
        }

        return new YamlMapping(line, column, entries);
    }

    private YamlNode ReadFlowValue(int depth)
    {
        _cursor.Skip(1);
        var (line, column) = (_cursor.Line, _cursor.Column);
        _cursor.SkipLines(inFlow: true);
        return _cursor.Current is ',' or ']' or '}' || _cursor.IsEnd ? Empty(line, column) : ReadNode(-1, depth, Place.Flow);
    }

    private bool EndsFlow(char close, int line, int column)
    {
        _cursor.SkipLines(inFlow: true);
        if (_cursor.IsEnd || _cursor.IsDocumentMark)
        {
            throw new YamlRefusal(line, column, $"The bracket that opens here is never closed; add {close}.");
        }

        if (_cursor.Current != close)
        {
            return false;
        }

        _cursor.Skip(1);
        return true;
    }

    private void SkipComma(char close)
    {
        _cursor.SkipLines(inFlow: true);
        if (_cursor.Current == ',')
        {
            _cursor.Skip(1);
        }
        else if (_cursor.Current != close && !_cursor.IsEnd)
        {
            throw _cursor.Refuse($"A comma or {close} was expected here.");
        }
    }
}
