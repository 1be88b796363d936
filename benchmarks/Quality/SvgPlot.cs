using System.Globalization;
using System.Text;

namespace Bridge.Benchmarks.Quality;

/// <summary>Lines over a grid, as SVG.</summary>
internal sealed class SvgPlot(string title, string xLabel, string yLabel, (double Low, double High) x, (double Low, double High) y)
{
    private const int Width = 860;
    private const int Height = 360;
    private const int Left = 60;
    private const int Right = 200;
    private const int Top = 34;
    private const int Bottom = 44;

    private static readonly string[] Colors =
        ["#0b6e4f", "#c1121f", "#1d4ed8", "#b45309", "#7c3aed", "#0e7490", "#be185d", "#4d7c0f", "#64748b", "#111827", "#9a3412"];

    private readonly List<(string Name, IReadOnlyList<(double X, double Y)> Points)> _lines = [];

    internal void Add(string name, IReadOnlyList<(double X, double Y)> points) => _lines.Add((name, points));

    internal string Render()
    {
        var svg = new StringBuilder();
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"{title}\" "
                + $"font-family=\"system-ui, sans-serif\" font-size=\"12\">");
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<rect width=\"{Width}\" height=\"{Height}\" fill=\"#fff\"/><text x=\"{Left}\" y=\"20\" font-size=\"14\" "
                + $"font-weight=\"600\">{title}</text>");
        for (int i = 0; i <= 6; i++)
        {
            double xv = x.Low + ((x.High - x.Low) * i / 6);
            double yv = y.Low + ((y.High - y.Low) * i / 6);
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<line x1=\"{Px(xv):F1}\" x2=\"{Px(xv):F1}\" y1=\"{Top}\" y2=\"{Height - Bottom}\" stroke=\"#e5e7eb\"/><text "
                    + $"x=\"{Px(xv):F1}\" y=\"{Height - Bottom + 16}\" text-anchor=\"middle\">{xv:0.##}</text>");
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<line x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{Py(yv):F1}\" y2=\"{Py(yv):F1}\" stroke=\"#e5e7eb\"/><text "
                    + $"x=\"{Left - 6}\" y=\"{Py(yv) + 4:F1}\" text-anchor=\"end\">{yv:0.##}</text>");
        }

        svg.Append(
            CultureInfo.InvariantCulture,
            $"<text x=\"{(Left + Width - Right) / 2}\" y=\"{Height - 8}\" text-anchor=\"middle\">{xLabel}</text>");
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<text transform=\"translate(14 {(Top + Height - Bottom) / 2}) rotate(-90)\" text-anchor=\"middle\">{yLabel}</text>");
        for (int i = 0; i < _lines.Count; i++)
        {
            (string name, IReadOnlyList<(double X, double Y)> points) = _lines[i];
            string color = Colors[i % Colors.Length];
            string path = string.Join(' ', points.Select(p => string.Create(CultureInfo.InvariantCulture, $"{Px(p.X):F1},{Py(p.Y):F1}")));
            svg.Append(
                CultureInfo.InvariantCulture, $"<polyline fill=\"none\" stroke=\"{color}\" stroke-width=\"1.6\" points=\"{path}\"/>");
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<rect x=\"{Width - Right + 14}\" y=\"{Top + (i * 18)}\" width=\"14\" height=\"4\" fill=\"{color}\"/><text "
                    + $"x=\"{Width - Right + 34}\" y=\"{Top + (i * 18) + 6}\">{name}</text>");
        }

        return svg.Append("</svg>").ToString();
    }

    private double Px(double value) => Left + ((Width - Left - Right) * (Math.Clamp(value, x.Low, x.High) - x.Low) / (x.High - x.Low));

    private double Py(double value) =>
        Height - Bottom - ((Height - Top - Bottom) * (Math.Clamp(value, y.Low, y.High) - y.Low) / (y.High - y.Low));
}
