using System.Globalization;
using System.Net;
using System.Text;

namespace Bridge.Benchmarks.Report;

/// <summary>Horizontal bars with their values, as SVG; the longest bar has the largest value.</summary>
internal static class SvgBars
{
    private const int Width = 860;
    private const int NameWidth = 330;
    private const int BarWidth = 420;
    private const int RowHeight = 22;
    private const int Top = 40;

    /// <summary>Draws one bar for each row.</summary>
    /// <param name="title">The quantity, with its unit.</param>
    /// <param name="rows">Names and values; values are not negative.</param>
    internal static string Render(string title, IReadOnlyList<(string Name, double Value)> rows)
    {
        double longest = Math.Max(rows.Max(row => row.Value), double.Epsilon);
        StringBuilder svg = new();
        int height = Top + (rows.Count * RowHeight) + 10;
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {height}\" role=\"img\" "
                + $"aria-label=\"{WebUtility.HtmlEncode(title)}\" font-family=\"system-ui, sans-serif\" font-size=\"12\">"
                + $"<rect width=\"{Width}\" height=\"{height}\" fill=\"#fff\"/>"
                + $"<text x=\"10\" y=\"22\" font-size=\"14\" font-weight=\"600\">{WebUtility.HtmlEncode(title)}</text>");
        for (int i = 0; i < rows.Count; i++)
        {
            (string name, double value) = rows[i];
            int y = Top + (i * RowHeight);
            double width = BarWidth * value / longest;
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<text x=\"{NameWidth - 8}\" y=\"{y + 13}\" text-anchor=\"end\">{WebUtility.HtmlEncode(name)}</text>"
                    + $"<rect x=\"{NameWidth}\" y=\"{y + 2}\" width=\"{width:F1}\" height=\"{RowHeight - 8}\" fill=\"#0b6e4f\"/>"
                    + $"<text x=\"{NameWidth + width + 6:F1}\" y=\"{y + 13}\">{value:0.###}</text>");
        }

        return svg.Append("</svg>").ToString();
    }
}
