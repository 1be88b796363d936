using System.Globalization;
using System.Text;

namespace Bridge.JsonSchema.Patterns;

/// <summary>A set of Unicode code points as sorted, disjoint ranges.</summary>
internal sealed class CodePointSet
{
    public const int Last = 0x10FFFF;

    private readonly List<(int From, int To)> _ranges;

    private CodePointSet(List<(int From, int To)> ranges)
    {
        _ranges = ranges;
    }

    public static CodePointSet All { get; } = new([(0, Last)]);

    public IReadOnlyList<(int From, int To)> Ranges => _ranges;

    /// <summary>The set of some ranges, in any order, overlapping or not.</summary>
    public static CodePointSet Of(IEnumerable<(int From, int To)> ranges)
    {
        var merged = new List<(int From, int To)>();
        foreach (var range in ranges.OrderBy(range => range.From))
        {
            if (merged.Count > 0 && range.From <= merged[^1].To + 1)
            {
                merged[^1] = (merged[^1].From, Math.Max(merged[^1].To, range.To));
            }
            else
            {
                merged.Add(range);
            }
        }

        return new CodePointSet(merged);
    }

    public static CodePointSet Of(params ReadOnlySpan<(int From, int To)> ranges) => Of((IEnumerable<(int, int)>)ranges.ToArray());

    public static CodePointSet Single(int codePoint) => new([(codePoint, codePoint)]);

    /// <summary>All other code points.</summary>
    public CodePointSet Complement()
    {
        var others = new List<(int From, int To)>();
        var next = 0;
        foreach (var (from, to) in _ranges)
        {
            if (from > next)
            {
                others.Add((next, from - 1));
            }

            next = to + 1;
        }

        if (next <= Last)
        {
            others.Add((next, Last));
        }

        return new CodePointSet(others);
    }

    /// <summary>
    /// Appends what matches one code point of the set in well-formed UTF-16 with .NET's regular expressions, which count
    /// in code units: a class for the BMP, and one alternative per run of surrogate pairs.
    /// </summary>
    public void AppendTo(StringBuilder pattern)
    {
        var units = new StringBuilder();
        var pairs = new List<string>();
        foreach (var (from, to) in _ranges)
        {
            AppendUnits(units, from, Math.Min(to, 0xD7FF));
            AppendUnits(units, Math.Max(from, 0xE000), Math.Min(to, 0xFFFF));
            AddPairs(pairs, Math.Max(from, 0x10000), to);
        }

        if (units.Length > 0)
        {
            pairs.Insert(0, $"[{units}]");
        }

        switch (pairs.Count)
        {
            case 0:
                pattern.Append("(?!)");
                break;
            case 1 when units.Length > 0:
                pattern.Append(pairs[0]);
                break;
            default:
                pattern.Append("(?:").AppendJoin('|', pairs).Append(')');
                break;
        }
    }

    private static void AppendUnits(StringBuilder pattern, int from, int to)
    {
        if (from > to)
        {
            return;
        }

        AppendUnit(pattern, from);
        if (to > from)
        {
            AppendUnit(to > from + 1 ? pattern.Append('-') : pattern, to);
        }
    }

    private static void AppendUnit(StringBuilder pattern, int unit)
    {
        if (unit < 0x80 && char.IsAsciiLetterOrDigit((char)unit))
        {
            pattern.Append((char)unit);
        }
        else
        {
            pattern.Append(CultureInfo.InvariantCulture, $"\\u{unit:X4}");
        }
    }

    private static void AddPairs(List<string> pairs, int from, int to)
    {
        while (from <= to)
        {
            // As many whole high surrogates as the range has, else the part of one.
            var last = from | 0x3FF;
            if ((from & 0x3FF) == 0 && last <= to)
            {
                var whole = ((to + 1) & ~0x3FF) - 1;
                pairs.Add($"[{Unit(High(from))}-{Unit(High(whole))}][\\uDC00-\\uDFFF]");
                from = whole + 1;
                continue;
            }

            var end = Math.Min(last, to);
            pairs.Add($"{Unit(High(from))}[{Unit(Low(from))}-{Unit(Low(end))}]");
            from = end + 1;
        }

        static int High(int codePoint) => 0xD800 + ((codePoint - 0x10000) >> 10);

        static int Low(int codePoint) => 0xDC00 + (codePoint & 0x3FF);

        static string Unit(int unit) => FormattableString.Invariant($"\\u{unit:X4}");
    }
}
