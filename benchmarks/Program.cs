using BenchmarkDotNet.Running;
using Bridge.Benchmarks.Lab;
using Bridge.Benchmarks.Load;
using Bridge.Benchmarks.Peers;
using Bridge.Benchmarks.Quality;
using Bridge.Benchmarks.Report;

namespace Bridge.Benchmarks;

internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        switch (args)
        {
            case ["proc", .. string[] rest]:
                return RawFile.Run(rest, Console.Out, Console.Error);
            case ["quality", .. string[] rest]:
                return QualityReport.Run(rest, Console.Out);
            case ["clock", .. string[] rest]:
                return ClockJitter.Run(rest, Console.Out);
            case ["connect", .. string[] rest]:
                return await ConnectTimes.RunAsync(rest, Console.Out);
            case ["call", .. string[] rest]:
                return await CallDelays.RunAsync(rest, Console.Out);
            case ["data", .. string[] rest]:
                return await DataEchoes.RunAsync(rest, Console.Out);
            case ["load", .. string[] rest]:
                return await LoadLab.RunAsync(rest, Console.Out);
            case ["page", string folder]:
                return BenchPage.Run(folder, Console.Out);
            case ["load-model", string roles]:
                return await LoadModel.RunAsync(roles, Console.Out);
            case ["bare-echo"]:
                BareEcho.Run(Console.Out);
                return 0;
            case ["srtp"]:
                return SrtpRatios.Run(Console.Out);
            case ["idle", .. string[] rest]:
                return await IdlePeers.RunAsync(rest, Console.Out);
            case ["bytes"]:
                foreach ((string benchmark, string parameters, double bytes) in AllocationBudget.Measure())
                {
                    Console.WriteLine($"{bytes,10:F1} {benchmark} {parameters}");
                }

                return 0;
            case ["ratios"]:
                Ratios.Run(Console.Out);
                return 0;
            case ["help" or "--usage"]:
                Console.WriteLine(
                    $"{RawFile.Usage}\nquality [FOLDER]\nratios\nbytes\nclock [CALLS] [SECONDS]\ncall [CALLS] [SECONDS] [CODEC] [live]\n"
                        + $"connect [WARM] [HOSTS]\nidle [PEERS] [SECONDS]\ndata [ROUNDS]\nsrtp\nload [CALLS,CALLS...|rise] [SECONDS] "
                        + $"[PATH,PATH...] [pin]\npage FOLDER\n--filter '*' and the other switches of "
                        + $"BenchmarkDotNet");
                return 0;
        }

        foreach (string name in ResamplerCatalog.Missing)
        {
            Console.WriteLine($"// skipped, not installed: {name}");
        }

        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(Quick(args));
        return 0;
    }

    /// <summary>
    /// In this process and with iterations of 100 ms, unless the command line says otherwise: what is measured are calls of
    /// microseconds that keep no state between runs, and a build of the whole product per benchmark class takes minutes.
    /// <c>--outOfProcess</c> gives each class a process and a build of its own.
    /// </summary>
    private static string[] Quick(string[] args) => args switch
    {
        _ when args.Contains("--outOfProcess") => [.. args.Where(arg => arg != "--outOfProcess")],
        _ when args.Contains("--list") || args.Contains("--help") => args,
        _ => [.. args, "--inProcess", .. args.Contains("--iterationTime") ? Array.Empty<string>() : ["--iterationTime", "100"]],
    };
}
