using Bridge.Benchmarks.Report;

namespace Bridge.Benchmarks.Tests;

/// <summary>The page that <c>bench.sh</c> closes with.</summary>
public sealed class BenchPageTests
{
    private const string Ratios = """
        24000 -> 48000 Hz, float, 20 ms frames: median µs (25th-75th percentile), times faster than speexdsp-q5
          bridge                     2.10 (2.00-2.30)  5.6
          speexdsp-q5               11.80 (11.10-12.30)  1.0
        """;

    [Fact]
    public void Each_row_of_the_ratios_is_a_bar()
    {
        string svg = Assert.Single(BenchPage.Charts("ratios", Ratios)).Svg;
        Assert.Contains(">speexdsp-q5<", svg, StringComparison.Ordinal);
        Assert.Contains("width=\"420.0\"", svg, StringComparison.Ordinal);
        Assert.Contains(">11.8<", svg, StringComparison.Ordinal);
    }

    [Fact]
    public void The_clients_echoes_stand_beside_each_other()
    {
        Dictionary<string, string> texts = new() { ["data"] = "100 bytes there and back, 10 times, ms: p50 0.059, quartiles" };
        Assert.Null(BenchPage.Clients(texts));
        texts["pion"] = "{\"client\":\"pion\",\"pingP50Ms\":0.32}";
        texts["aiortc"] = "skipped, not installed: python3-aiortc";
        string svg = BenchPage.Clients(texts)!;
        Assert.Contains(">our client<", svg, StringComparison.Ordinal);
        Assert.Contains(">0.32<", svg, StringComparison.Ordinal);
        Assert.DoesNotContain("aiortc", svg, StringComparison.Ordinal);
    }

    [Fact]
    public void A_figure_that_did_not_run_is_left_out_and_text_stays_text()
    {
        string page = BenchPage.Render(new Dictionary<string, string> { ["data"] = "<script>1</script>" }, "a machine & its name");
        Assert.Contains("&lt;script&gt;", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>", page, StringComparison.Ordinal);
        Assert.Contains("a machine &amp; its name", page, StringComparison.Ordinal);
        Assert.Contains("./bench.sh data", page, StringComparison.Ordinal);
        Assert.DoesNotContain("./bench.sh load", page, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_folder_is_an_error_that_names_the_folder()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("bench-page");
        using StringWriter output = new();
        Assert.Equal(1, BenchPage.Run(folder.FullName, output));
        Assert.Contains(folder.FullName, output.ToString(), StringComparison.Ordinal);
        folder.Delete();
    }
}
