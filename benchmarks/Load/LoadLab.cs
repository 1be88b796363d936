using System.Diagnostics;
using System.Globalization;
using Bridge.Audio.Playout;
using Bridge.Benchmarks.Lab;
using Bridge.Rtc.Dtls;

namespace Bridge.Benchmarks.Load;

/// <summary>
/// <c>-- load [CALLS,CALLS...|rise] [SECONDS] [PATH,PATH...] [pin]</c>: host, rehearsal model and callers as processes of their own; more
/// and more calls, until one is served late.
/// </summary>
internal static class LoadLab
{
    private const int AtOnce = 4; // calls that are set up at the same time
    private const double IdleCompiler = 20; // milliseconds in two seconds
    private const int Ears = 4; // callers of an echo that decode what comes back

    internal static async Task<int> RunAsync(string[] args, TextWriter output)
    {
        if (LoadOptions.Parse(args) is not { } options)
        {
            await output.WriteLineAsync("load [CALLS,CALLS...|rise] [SECONDS] [floor,pion,rtp,call,full,concentus] [pin]");
            return 2;
        }

        if (!OperatingSystem.IsLinux())
        {
            await output.WriteLineAsync("The load lab reads /proc: it runs on Linux alone.");
            return 2;
        }

        if (options.Pin)
        {
            // The model inherits it, the host is told otherwise.
            Process.GetCurrentProcess().ProcessorAffinity = (1 << Math.Min(Environment.ProcessorCount, 60)) - 2;
        }

        byte[][] speech = Microphone.Speech();
        byte[][] tones = Microphone.Tones();
        Dictionary<int, double> floors = [];
        foreach (string path in options.Paths)
        {
            if (path == "pion" && PionProcess.Program is null)
            {
                await output.WriteLineAsync("pion: skipped, BRIDGE_PION names no program");
                continue;
            }

            UnitCosts units = UnitCosts.Measure(path is "call" or "floor" ? speech : tones, path == "concentus");
            LoadRow? last = null;
            IAsyncEnumerable<LoadRow> rows =
                path == "floor" ? FloorAsync(options, speech, units) : RowsAsync(path, options, speech, tones, units);
            await foreach (LoadRow row in rows)
            {
                if (path == "floor")
                {
                    floors[row.Calls] = row.Cpu;
                }

                row.Write(output, floors.GetValueOrDefault(row.Calls));
                await output.FlushAsync();
                if (options.Calls is null && row.IsBeyond)
                {
                    break;
                }

                last = row;
            }

            if (options.Calls is null && last is not null)
            {
                await output.WriteLineAsync(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{path}: {last.Calls} calls within the limit{(options.Pin ? " on one core" : "")}, "
                        + $"{last.CallsPerCore:F0} calls per core at that load"));
            }
        }

        return 0;
    }

    private static async IAsyncEnumerable<LoadRow> FloorAsync(LoadOptions options, byte[][] speech, UnitCosts units)
    {
        using BareEcho echo = BareEcho.Start();
        foreach (int calls in options.Rows())
        {
            while (echo.Callers < calls)
            {
                echo.Add(speech);
            }

            await Task.Delay(options.WarmUp);
            await CompiledAsync(options, [echo.Id]);
            ThreadTimes used = ThreadTimes.Read(echo.Id);
            long returned = echo.Returned;
            long started = Stopwatch.GetTimestamp();
            await Task.Delay(TimeSpan.FromSeconds(options.Seconds));
            ThreadTimes host = ThreadTimes.Read(echo.Id).Since(used);
            double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            yield return new LoadRow
            {
                Path = "floor",
                Calls = calls,
                Seconds = seconds,
                Packets = (calls * seconds * 50, echo.Returned - returned),
                Units = units,
                Host = host,
            };
        }
    }

    private static async IAsyncEnumerable<LoadRow> RowsAsync(
        string path, LoadOptions options, byte[][] speech, byte[][] tones, UnitCosts units)
    {
        string way = path switch
        {
            "concentus" => "full",
            "pion" => "rtp",
            _ => path,
        };
        using ModelProcess? model = way == "full" ? ModelProcess.Start() : null;
        string codec = path == "concentus" ? "concentus" : "auto";
        using ILoadedServer host = path == "pion"
            ? PionProcess.Start(PionProcess.Program!)
            : HostProcess.Start(
                model?.Settings ?? new Dictionary<string, string>(),
                options.Pin ? 0 : null,
                [.. model is null ? Array.Empty<string>() : ["--roles", model.Roles], "--codec", codec]);
        using DtlsIdentity identity = OpenSslIdentity.Create();
        using PacketClock clock = new(TimeProvider.System, TimeProvider.System.GetTimestamp());
        List<LoadCaller> callers = [];
        try
        {
            long empty = (await host.MeasureAsync()).ResidentBytes;
            foreach (int calls in options.Rows())
            {
                LoadCaller[] more =
                [
                    .. Enumerable.Range(callers.Count, Math.Max(0, calls - callers.Count)).Select(i => new LoadCaller(
                        identity, clock, way == "call" && i >= Ears ? speech : tones, i, way, listens: way == "call" && i < Ears)),
                ];
                long started = Stopwatch.GetTimestamp();
                callers.AddRange(more);
                await Parallel.ForEachAsync(
                    more,
                    new ParallelOptions { MaxDegreeOfParallelism = AtOnce },
                    async (caller, _) => await caller.ConnectAsync(host.Address));
                double rate = more.Length / Stopwatch.GetElapsedTime(started).TotalSeconds;
                await Task.Delay(options.WarmUp);
                await CompiledAsync(options, model is null ? [host.Id, Environment.ProcessId] : [host.Id, Environment.ProcessId, model.Id]);
                yield return await MeasureAsync(path, options, host, model, callers, units, rate, empty);
            }
        }
        finally
        {
            foreach (LoadCaller caller in callers)
            {
                await caller.DisposeAsync();
            }
        }
    }

    /// <summary>Waits until the runtime of none of these processes compiles: it does that beside the calls, and ends by itself.</summary>
    private static async Task CompiledAsync(LoadOptions options, int[] processes)
    {
        TimeSpan moment = TimeSpan.FromSeconds(2);
        double used = double.MaxValue;
        for (TimeSpan waited = default; waited < options.Compiling && used > IdleCompiler; waited += moment)
        {
            ThreadTimes[] before = Array.ConvertAll(processes, ThreadTimes.Read);
            await Task.Delay(moment);
            used = processes.Zip(before, (process, times) => ThreadTimes.Read(process).Since(times).Of(ThreadTimes.Compiler)).Max();
        }
    }

    private static async Task<LoadRow> MeasureAsync(
        string path, LoadOptions options, ILoadedServer host, ModelProcess? model, List<LoadCaller> callers, UnitCosts units, double rate,
        long empty)
    {
        HostProcess.HostFigures before = await host.MeasureAsync(collect: false);
        callers.ForEach(caller => caller.Take());
        _ = model is null ? null : await model.TakeAsync();
        ThreadTimes used = ThreadTimes.Read(host.Id);
        long started = Stopwatch.GetTimestamp();
        await Task.Delay(TimeSpan.FromSeconds(options.Seconds));
        ThreadTimes host0 = ThreadTimes.Read(host.Id).Since(used);
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        HostProcess.HostFigures after = await host.MeasureAsync(collect: false);
        List<LoadNotes> notes = callers.ConvertAll(caller => caller.Take());
        IReadOnlyList<LoadMarks.Taken> marks = model is null ? [] : await model.TakeAsync();
        return new LoadRow
        {
            Path = path,
            Calls = callers.Count,
            Seconds = seconds,
            Packets = (callers.Count * seconds * 50, notes.Sum(n => n.Packets)),
            Units = units,
            Host = host0,
            Pause = after.PauseMilliseconds - before.PauseMilliseconds,
            AllocatedBytes = after.AllocatedBytes - before.AllocatedBytes,
            ResidentBytesPerCall = (after.ResidentBytes - empty) / (double)callers.Count,
            CallsPerSecond = rate,
            Late = notes.Sum(n => n.Late),
            Gaps = Sorted(notes.SelectMany(n => n.Gaps)),
            Delays = Delays(path, notes, marks),
        };
    }

    private static (string Name, IReadOnlyList<double> Values)[] Delays(
        string path, List<LoadNotes> notes, IReadOnlyList<LoadMarks.Taken> marks) => path switch
        {
            "rtp" or "pion" => [("there and back", Sorted(notes.SelectMany(n => n.RoundTrips)))],
            "call" => [("ear to ear", Sorted(notes.Take(Ears).SelectMany(n => Pairs(n.Tones, n.Returned))))],
            _ =>
            [
                ("up, caller to model", Sorted(marks.SelectMany(m => Pairs(notes[m.Caller].Tones, m.Heard)))),
                ("down, model to caller", Sorted(marks.SelectMany(m => Pairs(m.Spoke, notes[m.Caller].Firsts)))),
            ],
        };

    /// <summary>From each moment to the first of the others after it, within the time between two tones.</summary>
    private static IEnumerable<double> Pairs(IReadOnlyList<long> from, IReadOnlyList<long> to)
    {
        int at = 0;
        foreach (long moment in from)
        {
            while (at < to.Count && to[at] < moment)
            {
                at++;
            }

            if (at < to.Count && LoadCaller.Milliseconds(to[at] - moment) is var delay && delay < 20 * Microphone.Spacing)
            {
                yield return delay;
            }
        }
    }

    private static double[] Sorted(IEnumerable<double> values)
    {
        double[] all = [.. values];
        Array.Sort(all);
        return all;
    }
}
