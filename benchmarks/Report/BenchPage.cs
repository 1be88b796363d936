using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using Bridge.Benchmarks.Quality;

namespace Bridge.Benchmarks.Report;

/// <summary>
/// <c>-- page FOLDER</c>: makes one HTML page with charts from the texts that <c>bench.sh</c> left in the folder, and writes the charts
/// beside it as SVG. A text of a figure that did not run is left out.
/// </summary>
internal static partial class BenchPage
{
    private static readonly (string Name, string Title)[] Figures =
    [
        ("cores", "Calls that one core carries"),
        ("load", "Processor time and added latency of calls"),
        ("call", "Delays inside the host"),
        ("connect", "Time to a connected call"),
        ("data", "Data channel, our client"),
        ("pion", "Data channel and audio echo, pion as client"),
        ("aiortc", "Data channel and audio echo, aiortc as client"),
        ("clock", "Jitter of the packet clock"),
        ("ratios", "Resampler and codecs beside other libraries"),
        ("srtp", "SRTP beside libsrtp2"),
    ];

    /// <summary>Writes <c>bench.html</c> and the charts.</summary>
    /// <returns>0, or 1 when the folder has no figure.</returns>
    internal static int Run(string folder, TextWriter output)
    {
        Dictionary<string, string> texts = [];
        foreach ((string name, _) in Figures)
        {
            string file = Path.Combine(folder, name + ".txt");
            if (File.Exists(file))
            {
                texts[name] = File.ReadAllText(file);
            }
        }

        if (texts.Count == 0)
        {
            output.WriteLine($"{folder} has no figures; bench.sh leaves them there.");
            return 1;
        }

        string written = Path.Combine(folder, "bench.html");
        File.WriteAllText(written, Render(texts, Machine()));
        foreach ((string name, string text) in texts)
        {
            foreach ((string chart, string svg) in Charts(name, text))
            {
                File.WriteAllText(Path.Combine(folder, chart + ".svg"), svg);
            }
        }

        output.WriteLine($"written: {Path.GetFullPath(written)}");
        return 0;
    }

    /// <summary>The page.</summary>
    /// <param name="texts">The printed text of each figure, by the figure's name.</param>
    /// <param name="machine">One line that describes the machine.</param>
    internal static string Render(IReadOnlyDictionary<string, string> texts, string machine)
    {
        StringBuilder page = new();
        page.Append("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>The Bridge: figures of one machine</title>")
            .Append("<meta name=\"viewport\" content=\"width=device-width\">")
            .Append("<style>body{font:15px system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}")
            .Append("pre{background:#f3f4f6;padding:1rem;overflow-x:auto}svg{width:100%;height:auto}</style>")
            .Append("<h1>The Bridge: figures of one machine</h1><p>")
            .Append(WebUtility.HtmlEncode(machine))
            .Append("</p>");
        foreach ((string name, string title) in Figures)
        {
            if (!texts.TryGetValue(name, out string? text))
            {
                continue;
            }

            page.Append(CultureInfo.InvariantCulture, $"<h2>{title}</h2>");
            foreach ((_, string svg) in Charts(name, text))
            {
                page.Append(svg);
            }

            if (name == "data")
            {
                page.Append(Clients(texts));
            }

            page.Append(
                CultureInfo.InvariantCulture,
                $"<pre>{WebUtility.HtmlEncode(text)}</pre><p>This figure alone: <code>./bench.sh {name}</code></p>");
        }

        return page.Append("</html>").ToString();
    }

    /// <summary>The charts of one figure: file name without ending, and SVG.</summary>
    internal static IEnumerable<(string Name, string Svg)> Charts(string figure, string text)
    {
        if (figure is "load" or "cores")
        {
            List<(string Path, double Calls, double Share)> costs = [];
            List<(string Delay, double Calls, double Late)> delays = [];
            foreach (string line in text.Split('\n'))
            {
                if (LoadRow().Match(line) is { Success: true } row)
                {
                    costs.Add((row.Groups[1].Value, Number(row, 2), Number(row, 3)));
                }
                else if (costs.Count > 0 && DelayRow().Match(line) is { Success: true } delay)
                {
                    delays.Add(($"{costs[^1].Path}: {delay.Groups[1].Value}", costs[^1].Calls, Number(delay, 2)));
                }
            }

            string when = string.Create(
                CultureInfo.InvariantCulture, $"{DateTime.UtcNow:yyyy-MM-dd}, {Environment.ProcessorCount} cores");
            if (costs.Count > 0)
            {
                yield return (figure, Lines($"Processor time of one call, {when}", "% of a core", costs));
            }

            if (delays.Count > 0)
            {
                yield return (figure + "-delay", Lines($"Latency that the server adds, p99, {when}", "ms", delays));
            }
        }
        else if (figure == "ratios")
        {
            int count = 0;
            foreach ((string heading, List<(string, double)> rows) in Groups(text))
            {
                yield return ($"ratios-{++count}", SvgBars.Render(heading, rows));
            }
        }
    }

    /// <summary>The echo over the data channel by each client that ran; null when fewer than two did.</summary>
    internal static string? Clients(IReadOnlyDictionary<string, string> texts)
    {
        (string Name, double Milliseconds)[] rows =
        [
            .. from client in (string[])["data", "pion", "aiortc"]
               let match = texts.TryGetValue(client, out string? text) ? EchoTime().Match(text) : Match.Empty
               where match.Success
               select (client == "data" ? "our client" : client, Number(match, 1)),
        ];
        return rows.Length < 2 ? null : SvgBars.Render("100 bytes to the host and back over the data channel, p50, ms", rows);
    }

    // Headings begin a line; their rows are indented.
    private static List<(string Heading, List<(string, double)> Rows)> Groups(string text)
    {
        List<(string Heading, List<(string, double)> Rows)> groups = [];
        foreach (string line in text.Split('\n'))
        {
            if (RatioRow().Match(line) is { Success: true } row && groups.Count > 0)
            {
                groups[^1].Rows.Add((row.Groups[1].Value, Number(row, 2)));
            }
            else if (line.Contains(": median µs", StringComparison.Ordinal))
            {
                groups.Add((line[..line.IndexOf(':', StringComparison.Ordinal)] + ", median, µs", []));
            }
        }

        groups.RemoveAll(group => group.Rows.Count == 0);
        return groups;
    }

    private static string Lines(string title, string unit, IReadOnlyList<(string Name, double X, double Y)> points)
    {
        SvgPlot plot = new(
            title,
            "calls at once",
            unit,
            (0, Math.Max(1, points.Max(point => point.X))),
            (0, Math.Max(1, Math.Ceiling(points.Max(point => point.Y)))));
        foreach (IGrouping<string, (string Name, double X, double Y)> line in points.GroupBy(point => point.Name))
        {
            plot.Add(line.Key, [.. line.OrderBy(point => point.X).Select(point => (point.X, point.Y))]);
        }

        return plot.Render();
    }

    private static double Number(Match match, int group) => double.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    private static string Machine()
    {
        const string Processors = "/proc/cpuinfo";
        string? model = File.Exists(Processors)
            ? File.ReadLines(Processors).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1]
            : null;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{DateTime.UtcNow:yyyy-MM-dd HH:mm} UTC; {Environment.ProcessorCount} cores, {model?.Trim() ?? "unknown processor"}, "
                + $"{GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1e9:F0} GB; {RuntimeInformation.OSDescription}, "
                + $"{RuntimeInformation.ProcessArchitecture}, {RuntimeInformation.FrameworkDescription}");
    }

    // The first line of a row of the load lab: path, calls, per cent of a core.
    [GeneratedRegex(@"^(\w+), ([0-9]+) calls: host ([0-9.]+) %")]
    private static partial Regex LoadRow();

    // A delay of the row: its name, p99.
    [GeneratedRegex("^  ([^:]+): p50 [0-9.]+, p99 ([0-9.]+), max [0-9.]+ ms")]
    private static partial Regex DelayRow();

    // One row of the ratios: a name, at least two blanks, the median, the percentiles in brackets.
    [GeneratedRegex(@"^  (\S.*?) {2,}([0-9.]+) \([0-9.]+-[0-9.]+\)")]
    private static partial Regex RatioRow();

    // The median of a small echo, as our client or a peer's JSON has it.
    [GeneratedRegex("(?:100 bytes there and back, [0-9]+ times, ms: p50 |\"pingP50Ms\": ?)([0-9.]+)")]
    private static partial Regex EchoTime();
}
