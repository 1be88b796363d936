using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Bridge.JsonSchema.Patterns;

/// <summary>
/// The code points of Unicode properties as ECMA-262 spells them (§22.2.1, tables "Non-binary" and "Binary Unicode property
/// aliases"). General categories are .NET's own; scripts and binary properties stand in <c>unicode-properties.txt</c>.
/// </summary>
internal static class UnicodeProperties
{
    // Short name, long name, and the categories of .NET in it.
    private static readonly FrozenDictionary<string, UnicodeCategory[]> Categories = CategoryNames();

    private static readonly Lazy<FrozenDictionary<string, string>> Table = new(Load);
    private static readonly ConcurrentDictionary<string, CodePointSet> Sets = new(StringComparer.Ordinal);

    /// <summary>Reads what stands between the braces of <c>\p{...}</c>; false when the property is not known.</summary>
    public static bool TryFind(string property, [NotNullWhen(true)] out CodePointSet? set)
    {
        var equals = property.IndexOf('=', StringComparison.Ordinal);
        var (name, value) = equals < 0 ? ("", property) : (property[..equals], property[(equals + 1)..]);
        set = name switch
        {
            "" => Category(value) ?? Listed($"Binary {value}") ?? Special(value),
            "General_Category" or "gc" => Category(value),
            "Script" or "sc" => Listed($"Script {value}"),
            _ => null,
        };
        return set is not null;
    }

    private static CodePointSet? Special(string name) => name switch
    {
        "Any" => CodePointSet.All,
        "ASCII" => CodePointSet.Of((0, 0x7F)),
        "Assigned" => Sets.GetOrAdd(name, static _ => Category("Cn")!.Complement()),
        _ => null,
    };

    private static CodePointSet? Category(string name) =>
        Categories.TryGetValue(name, out var categories)
            ? Sets.GetOrAdd($"gc={name}", static (_, wanted) => Scan(wanted), categories)
            : null;

    private static CodePointSet? Listed(string key) =>
        Table.Value.TryGetValue(key, out var ranges) ? Sets.GetOrAdd(key, static (_, text) => Parse(text), ranges) : null;

    private static CodePointSet Scan(UnicodeCategory[] wanted)
    {
        var ranges = new List<(int From, int To)>();
        var from = -1;
        for (var codePoint = 0; codePoint <= CodePointSet.Last + 1; codePoint++)
        {
            var has = codePoint <= CodePointSet.Last && Array.IndexOf(wanted, CharUnicodeInfo.GetUnicodeCategory(codePoint)) >= 0;
            if (has && from < 0)
            {
                from = codePoint;
            }
            else if (!has && from >= 0)
            {
                ranges.Add((from, codePoint - 1));
                from = -1;
            }
        }

        return CodePointSet.Of(ranges);
    }

    private static CodePointSet Parse(string ranges) => CodePointSet.Of(ranges.Split(' ').Select(range =>
    {
        var dash = range.IndexOf('-', StringComparison.Ordinal);
        return dash < 0 ? (Hex(range), Hex(range)) : (Hex(range.AsSpan(0, dash)), Hex(range.AsSpan(dash + 1)));
    }));

    private static int Hex(ReadOnlySpan<char> text) => int.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    // Lines such as "Script Grek Greek: 370-373 375-377".
    private static FrozenDictionary<string, string> Load()
    {
        using var stream = typeof(UnicodeProperties).Assembly.GetManifestResourceStream("unicode-properties.txt")
            ?? throw new InvalidOperationException("The table of Unicode properties is not embedded.");
        using var reader = new StreamReader(stream);
        var table = new Dictionary<string, string>(StringComparer.Ordinal);
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#'))
            {
                continue;
            }

            var colon = line.IndexOf(": ", StringComparison.Ordinal);
            var words = line[..colon].Split(' ');
            foreach (var name in words.Skip(1))
            {
                table.Add($"{words[0]} {name}", line[(colon + 2)..]);
            }
        }

        return table.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static FrozenDictionary<string, UnicodeCategory[]> CategoryNames()
    {
        var names = new Dictionary<string, UnicodeCategory[]>(StringComparer.Ordinal);
        Add("Lu Uppercase_Letter", UnicodeCategory.UppercaseLetter);
        Add("Ll Lowercase_Letter", UnicodeCategory.LowercaseLetter);
        Add("Lt Titlecase_Letter", UnicodeCategory.TitlecaseLetter);
        Add("LC Cased_Letter", UnicodeCategory.UppercaseLetter, UnicodeCategory.LowercaseLetter, UnicodeCategory.TitlecaseLetter);
        Add("Lm Modifier_Letter", UnicodeCategory.ModifierLetter);
        Add("Lo Other_Letter", UnicodeCategory.OtherLetter);
        Add("L Letter", UnicodeCategory.UppercaseLetter, UnicodeCategory.LowercaseLetter, UnicodeCategory.TitlecaseLetter,
            UnicodeCategory.ModifierLetter, UnicodeCategory.OtherLetter);
        Add("Mn Nonspacing_Mark", UnicodeCategory.NonSpacingMark);
        Add("Mc Spacing_Mark", UnicodeCategory.SpacingCombiningMark);
        Add("Me Enclosing_Mark", UnicodeCategory.EnclosingMark);
        Add("M Mark Combining_Mark", UnicodeCategory.NonSpacingMark, UnicodeCategory.SpacingCombiningMark, UnicodeCategory.EnclosingMark);
        Add("Nd Decimal_Number digit", UnicodeCategory.DecimalDigitNumber);
        Add("Nl Letter_Number", UnicodeCategory.LetterNumber);
        Add("No Other_Number", UnicodeCategory.OtherNumber);
        Add("N Number", UnicodeCategory.DecimalDigitNumber, UnicodeCategory.LetterNumber, UnicodeCategory.OtherNumber);
        Add("Pc Connector_Punctuation", UnicodeCategory.ConnectorPunctuation);
        Add("Pd Dash_Punctuation", UnicodeCategory.DashPunctuation);
        Add("Ps Open_Punctuation", UnicodeCategory.OpenPunctuation);
        Add("Pe Close_Punctuation", UnicodeCategory.ClosePunctuation);
        Add("Pi Initial_Punctuation", UnicodeCategory.InitialQuotePunctuation);
        Add("Pf Final_Punctuation", UnicodeCategory.FinalQuotePunctuation);
        Add("Po Other_Punctuation", UnicodeCategory.OtherPunctuation);
        Add("P Punctuation punct", UnicodeCategory.ConnectorPunctuation, UnicodeCategory.DashPunctuation, UnicodeCategory.OpenPunctuation,
            UnicodeCategory.ClosePunctuation, UnicodeCategory.InitialQuotePunctuation, UnicodeCategory.FinalQuotePunctuation,
            UnicodeCategory.OtherPunctuation);
        Add("Sm Math_Symbol", UnicodeCategory.MathSymbol);
        Add("Sc Currency_Symbol", UnicodeCategory.CurrencySymbol);
        Add("Sk Modifier_Symbol", UnicodeCategory.ModifierSymbol);
        Add("So Other_Symbol", UnicodeCategory.OtherSymbol);
        Add("S Symbol", UnicodeCategory.MathSymbol, UnicodeCategory.CurrencySymbol, UnicodeCategory.ModifierSymbol,
            UnicodeCategory.OtherSymbol);
        Add("Zs Space_Separator", UnicodeCategory.SpaceSeparator);
        Add("Zl Line_Separator", UnicodeCategory.LineSeparator);
        Add("Zp Paragraph_Separator", UnicodeCategory.ParagraphSeparator);
        Add("Z Separator", UnicodeCategory.SpaceSeparator, UnicodeCategory.LineSeparator, UnicodeCategory.ParagraphSeparator);
        Add("Cc Control cntrl", UnicodeCategory.Control);
        Add("Cf Format", UnicodeCategory.Format);
        Add("Cs Surrogate", UnicodeCategory.Surrogate);
        Add("Co Private_Use", UnicodeCategory.PrivateUse);
        Add("Cn Unassigned", UnicodeCategory.OtherNotAssigned);
        Add("C Other", UnicodeCategory.Control, UnicodeCategory.Format, UnicodeCategory.Surrogate, UnicodeCategory.PrivateUse,
            UnicodeCategory.OtherNotAssigned);
        return names.ToFrozenDictionary(StringComparer.Ordinal);

        void Add(string spellings, params UnicodeCategory[] categories)
        {
            foreach (var spelling in spellings.Split(' '))
            {
                names.Add(spelling, categories);
            }
        }
    }
}
