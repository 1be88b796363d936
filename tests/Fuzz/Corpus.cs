using System.Runtime.CompilerServices;

namespace Bridge.Fuzz;

/// <summary>
/// Inputs kept in the repository, one in hex on each line: every outcome that was ever found, and every input that ever broke something.
/// </summary>
internal static class Corpus
{
    private const int MostKept = 60;
    private const int LongestKept = 700;

    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "corpus");

    public static List<byte[]> Load(string name)
    {
        string file = Path.Combine(Folder, name + ".hex");
        return File.Exists(file) ? [.. File.ReadLines(file).Where(l => l.Length > 0 && l[0] != '#').Select(Convert.FromHexString)] : [];
    }

    /// <summary>Writes what a run found back beside the sources (BRIDGE_FUZZ_RECORD=1), the shortest inputs first.</summary>
    public static void Save(string name, IEnumerable<byte[]> inputs)
    {
        string folder = SourceFolder();
        Directory.CreateDirectory(folder);
        IEnumerable<string> lines = inputs.Where(i => i.Length <= LongestKept).OrderBy(i => i.Length).Take(MostKept)
            .Select(Convert.ToHexStringLower);
        File.WriteAllLines(Path.Combine(folder, name + ".hex"), lines);
    }

    private static string SourceFolder([CallerFilePath] string file = "") => Path.Combine(Path.GetDirectoryName(file)!, "corpus");
}
