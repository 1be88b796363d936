namespace Bridge.Rpc;

/// <summary>Steps through the elements of a batch (JSON-RPC 2.0 §6) whose text was found to be valid JSON.</summary>
internal ref struct BatchReader(ReadOnlySpan<byte> batch)
{
    private JsonScanner _scanner = new(batch);

    /// <summary>Counts the messages of a batch.</summary>
    public static int Count(ReadOnlySpan<byte> batch)
    {
        var count = 0;
        var reader = new BatchReader(batch);
        while (reader.TryRead(out _))
        {
            count++;
        }

        return count;
    }

    /// <summary>The next element's text; false at the end.</summary>
    public bool TryRead(out ReadOnlySpan<byte> element)
    {
        element = default;
        _scanner.SkipWhitespace();
        if (!_scanner.TrySkip((byte)'[') && !_scanner.TrySkip((byte)','))
        {
            return false;
        }

        _scanner.SkipWhitespace();
        var start = _scanner.Position;
        if (_scanner.Current == ']')
        {
            return false;
        }

        _scanner.TrySkipValue(JsonScanner.DepthLimit);
        element = _scanner.Slice(start);
        return true;
    }
}
