using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using Bridge.Audio.Codecs;
using Bridge.Benchmarks.Peers;
using Bridge.Native.Opus;

namespace Bridge.Benchmarks.Quality;

/// <summary><c>-- quality [FOLDER]</c>: tables to the screen, and an HTML page with the plots into the folder.</summary>
internal static class QualityReport
{
    internal static int Run(string[] args, TextWriter output)
    {
        string folder = args.Length > 0 ? args[0] : Path.Combine("artifacts", "quality");
        Directory.CreateDirectory(folder);
        var text = new StringWriter(CultureInfo.InvariantCulture);
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        text.WriteLine(
            $"{RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}, {RuntimeInformation.FrameworkDescription}, "
                + $"{OpusLibrary.Version}, {ConcentusCodec.Engine}");
        text.WriteLine();
        List<string> plots = [];
        foreach ((int from, int to) in new[] { (48000, 24000), (24000, 48000) })
        {
            ResamplerQuality[] results = [.. ResamplerCatalog.Installed
                .Where(name => name is not ("ours-256" or "ours-128"))
                .Select(name => ResamplerQuality.Measure(name, from, to))];
            WriteTable(text, results);
            plots.AddRange(Plots(results));
        }

        foreach (string name in ResamplerCatalog.Missing)
        {
            text.WriteLine($"skipped, not installed: {name}");
        }

        OpusQuality.Write(text);
        output.Write(text);
        string page = Path.Combine(folder, "report.html");
        File.WriteAllText(page, Page(text.ToString(), plots));
        for (int i = 0; i < plots.Count; i++)
        {
            File.WriteAllText(Path.Combine(folder, $"plot-{i + 1}.svg"), plots[i]);
        }

        output.WriteLine($"written: {Path.GetFullPath(page)}");
        return 0;
    }

    private static void WriteTable(TextWriter text, ResamplerQuality[] results)
    {
        text.WriteLine($"### {results[0].From} to {results[0].To} Hz, float");
        text.WriteLine();
        string unwanted = results[0].From > results[0].To ? "alias" : "image";
        text.WriteLine(
            $"| resampler | SNR 1 kHz dB | SNR 8 kHz dB | ripple to 10.5 kHz dB | worst {unwanted} from 12 kHz dB | from 12.5 kHz dB | "
                + $"latency ms |");
        text.WriteLine("|---|---:|---:|---:|---:|---:|---:|");
        foreach (ResamplerQuality r in results)
        {
            text.WriteLine($"| {r.Name} | {r.Snr1k:F1} | {r.Snr8k:F1} | {r.Ripple:F3} | {r.WorstFrom12k:F1} | {r.WorstFrom12k5:F1} | "
                + $"{r.Latency:F2} |");
        }

        text.WriteLine();
    }

    private static IEnumerable<string> Plots(ResamplerQuality[] results)
    {
        string direction = $"{results[0].From} to {results[0].To} Hz";
        var pass = new SvgPlot($"{direction}: pass band", "kHz", "gain, dB", (0, 12), (-3, 0.6));
        var fall = new SvgPlot($"{direction}: what comes out of a tone that should not", "kHz", "level, dB", (12, 24), (-180, 0));
        foreach (ResamplerQuality r in results)
        {
            pass.Add(r.Name, [.. r.Response.Select(p => (p.Frequency / 1000, p.Gain))]);
            fall.Add(r.Name, [.. r.Spurious.OrderBy(p => p.Frequency).Select(p => (p.Frequency / 1000, p.Level))]);
        }

        return [pass.Render(), fall.Render()];
    }

    private static string Page(string text, List<string> plots)
    {
        var page = new StringBuilder("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Audio quality</title>");
        page.Append(
            "<style>body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 "
                + "1rem}table{border-collapse:collapse}td,th{border:1px solid #ddd;padding:.2rem "
                + ".6rem;text-align:right}td:first-child,th:first-child{text-align:left}svg{width:100%;height:auto;margin:1rem 0}</style>");
        page.Append("<h1>Audio quality</h1>").AppendJoin('\n', plots);
        bool table = false;
        foreach (string line in text.Split('\n'))
        {
            bool row = line.StartsWith('|');
            page.Append((table, row) switch { (false, true) => "<table>", (true, false) => "</table>", _ => "" });
            table = row;
            string plain = WebUtility.HtmlEncode(line.Trim());
            page.Append(
                line.StartsWith("|---", StringComparison.Ordinal) ? ""
                : row ? $"<tr>{string.Concat(plain.Trim('|').Split('|').Select(cell => $"<td>{cell.Trim()}</td>"))}</tr>"
                : plain.StartsWith("### ", StringComparison.Ordinal) ? $"<h2>{plain[4..]}</h2>"
                : plain.Length > 0 ? $"<p>{plain}</p>" : "");
        }

        return page.Append("</html>").ToString();
    }
}
