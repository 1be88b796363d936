using System.Globalization;

namespace Bridge.Benchmarks.Load;

/// <summary>The command line of <c>-- load</c>: <c>[CALLS,CALLS...|rise] [SECONDS] [PATH,PATH...] [pin]</c>.</summary>
/// <param name="Calls">Rows of each path; null rises until the limit.</param>
/// <param name="Seconds">Each row counts so long.</param>
/// <param name="Paths">
/// <c>rtp</c>, <c>call</c>, <c>full</c>, <c>concentus</c> (a full call without libopus), <c>floor</c> (<see cref="BareEcho"/>; it has no
/// limit to rise to), <c>pion</c> (as <c>rtp</c>, by another server).
/// </param>
/// <param name="Pin">The host has one processor to itself, the callers and the model have the others.</param>
internal sealed record LoadOptions(IReadOnlyList<int>? Calls, int Seconds, IReadOnlyList<string> Paths, bool Pin)
{
    private static readonly string[] All = ["rtp", "call", "full", "concentus"];
    private const string Floor = "floor";
    private const string Pion = "pion";

    /// <summary>Before a row counts: calls have begun to talk.</summary>
    internal TimeSpan WarmUp => TimeSpan.FromSeconds(Math.Clamp(Seconds, 1, 5));

    /// <summary>
    /// Longest wait for the runtime to have compiled what a row runs through; it compiles again when more calls come. A run of a moment
    /// shows that the lab works, not what a call costs, and waits for nothing.
    /// </summary>
    internal TimeSpan Compiling => TimeSpan.FromSeconds(Seconds >= 4 ? 45 : 0);

    internal static LoadOptions? Parse(string[] args)
    {
        bool pin = args is [.., "pin"];
        args = pin ? args[..^1] : args;
        string calls = args.Length > 0 ? args[0] : "rise";
        int seconds = 10;
        string[] paths = args.Length > 2 ? args[2].Split(',') : All;
        int[] counts = [.. calls.Split(',').Select(x => int.TryParse(x, CultureInfo.InvariantCulture, out int n) ? n : 0)];
        return args.Length > 3 || (calls != "rise" && counts.Any(n => n < 1)) || paths.Except([Floor, Pion, .. All]).Any()
            || (calls == "rise" && paths.Contains(Floor))
            || (args.Length > 1 && (!int.TryParse(args[1], CultureInfo.InvariantCulture, out seconds) || seconds < 1))
            ? null
            : new LoadOptions(calls == "rise" ? null : [.. counts.Order()], seconds, paths, pin);
    }

    /// <summary>The number of calls of each row, in order.</summary>
    internal IEnumerable<int> Rows() => Calls ?? Rise();

    private static IEnumerable<int> Rise()
    {
        foreach (int few in (int[])[1, 8, 32, 64])
        {
            yield return few;
        }

        for (int more = 80; ; more += 16)
        {
            yield return more;
        }
    }
}
