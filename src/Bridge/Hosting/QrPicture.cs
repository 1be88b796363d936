using QRCoder;

namespace Bridge.Hosting;

/// <summary>
/// A QR code (ISO/IEC 18004) for a terminal: two rows of modules a line, dark on light whatever the terminal's colours are.
/// </summary>
internal static class QrPicture
{
    private const string DarkOnLight = "\u001b[30;107m";
    private const string Plain = "\u001b[0m";

    // The standard asks for four modules of light around it; scanners are content with two, and a terminal is small.
    private const int Quiet = 2;

    /// <summary>The lines of the code, coloured.</summary>
    public static IReadOnlyList<string> Lines(string text) => [.. Rows(text).Select(row => DarkOnLight + row + Plain)];

    /// <summary>The lines without colours: a block is dark.</summary>
    internal static IReadOnlyList<string> Rows(string text)
    {
        using var code = QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.L);

        // The matrix has the four light modules around it.
        var matrix = code.ModuleMatrix;
        var (from, to) = (4 - Quiet, matrix.Count - 4 + Quiet);
        var rows = new List<string>();
        for (var y = from; y < to; y += 2)
        {
            rows.Add(string.Create(to - from, (matrix, y, from, to), static (row, at) =>
            {
                for (var x = 0; x < row.Length; x++)
                {
                    var upper = at.matrix[at.y][at.from + x];
                    var lower = at.y + 1 < at.to && at.matrix[at.y + 1][at.from + x];
                    row[x] = (upper, lower) switch { (true, true) => '█', (true, false) => '▀', (false, true) => '▄', _ => ' ' };
                }
            }));
        }

        return rows;
    }
}
