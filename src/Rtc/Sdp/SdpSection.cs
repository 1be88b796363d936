namespace Bridge.Rtc.Sdp;

/// <summary>One m-section as it was written; RFC 8866 §5.14.</summary>
internal sealed class SdpSection
{
    private readonly List<(string Name, string Value)> _attributes = [];

    public required string Kind { get; init; }

    public required int Port { get; init; }

    public required string Protocol { get; init; }

    public required IReadOnlyList<string> Formats { get; init; }

    public IReadOnlyList<(string Name, string Value)> Attributes => _attributes;

    public string? Mid => Value("mid");

    public void Add(string name, string value) => _attributes.Add((name, value));

    public bool Has(string name) => _attributes.Exists(a => a.Name == name);

    /// <summary>The value of the first attribute of a name; null when there is none.</summary>
    public string? Value(string name)
    {
        foreach ((string candidate, string value) in _attributes)
        {
            if (candidate == name)
            {
                return value;
            }
        }

        return null;
    }

    public IEnumerable<string> Values(string name) => _attributes.Where(a => a.Name == name).Select(a => a.Value);

    /// <summary>
    /// The values of attributes of the form "format value", by format; of two for one format the first counts. Reads the section once.
    /// </summary>
    public Dictionary<string, string> ValuesByFormat(string name)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string line in Values(name))
        {
            if (line.IndexOf(' ', StringComparison.Ordinal) is >= 0 and var space)
            {
                values.TryAdd(line[..space], line[(space + 1)..]);
            }
        }

        return values;
    }
}
