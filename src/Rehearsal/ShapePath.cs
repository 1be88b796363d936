namespace Bridge.Rehearsal;

/// <summary>Where in an event a value stands, e.g. <c>session.tools[0].name</c>; text is made only for an error.</summary>
internal sealed class ShapePath
{
    private readonly ShapePath? _parent;
    private readonly string? _name;
    private readonly int _index;

    private ShapePath(ShapePath? parent, string? name, int index)
    {
        _parent = parent;
        _name = name;
        _index = index;
    }

    public static ShapePath Root { get; } = new(null, null, 0);

    public ShapePath Field(string name) => new(this, name, 0);

    public ShapePath Item(int index) => new(this, null, index);

    public override string ToString()
    {
        if (_parent is null)
        {
            return "";
        }

        var above = _parent.ToString();
        return _name is null ? FormattableString.Invariant($"{above}[{_index}]")
            : above.Length == 0 ? _name : $"{above}.{_name}";
    }
}
