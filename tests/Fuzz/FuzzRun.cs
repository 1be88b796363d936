using System.Diagnostics;
using System.Globalization;
using Bridge.Testing;

namespace Bridge.Fuzz;

/// <summary>
/// Searches for an input that breaks a target. Short and repeatable by default; BRIDGE_FUZZ_SECONDS=n or BRIDGE_LONG=1
/// (ten minutes) search by the clock from a fresh seed, BRIDGE_FUZZ_SEED=n repeats one.
/// </summary>
internal sealed class FuzzRun
{
    private const int DefaultSeed = 20_261_121;
    private const int MostInputs = 4000;
    private const long MostGrowth = 48 * 1024 * 1024;
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(30);

    // Longer than any input should take: a slow one is slow again, a machine that was paused is not.
    private static readonly TimeSpan Suspicious = TimeSpan.FromMilliseconds(100);

    private static readonly bool Recording = Environment.GetEnvironmentVariable("BRIDGE_FUZZ_RECORD") == "1";

    private readonly FuzzTarget _target;
    private readonly List<byte[]> _inputs = [];
    private readonly HashSet<int> _outcomes = [];
    private readonly List<byte[]> _found = [];

    public FuzzRun(FuzzTarget target)
    {
        _target = target;
        double? seconds = Number("BRIDGE_FUZZ_SECONDS") ?? (Seeds.Long ? 600 : null);
        Time = seconds is { } s ? TimeSpan.FromSeconds(s) : null;
        Seed = (int)(Number("BRIDGE_FUZZ_SEED") ?? (Time is null ? DefaultSeed : Environment.TickCount & 0x7FFFFFFF));
    }

    public int Seed { get; }

    /// <summary>How long to search; null for the target's number of inputs.</summary>
    public TimeSpan? Time { get; }

    public long Tried { get; private set; }

    public int Outcomes => _outcomes.Count;

    public double SlowestMilliseconds { get; private set; }

    /// <summary>Feeds every seed and every input of the repository.</summary>
    public void Replay()
    {
        foreach (byte[] input in _target.Seeds())
        {
            Try(input, "seed");
            _inputs.Add(input);
        }

        foreach (byte[] input in Corpus.Load(_target.Name))
        {
            Try(input, "corpus");
            _inputs.Add(input);
        }
    }

    /// <summary>
    /// Feeds every truncation of every seed, and every seed with one byte changed: to each of its 255 other values, in a
    /// short run for dear targets and long inputs to each that differs in one bit.
    /// </summary>
    public void Neighbours()
    {
        foreach (byte[] seed in _target.Seeds())
        {
            bool all = Time is not null || (_target.ShortRun >= 10_000 && seed.Length <= 1024);
            for (int length = 0; length < seed.Length; length++)
            {
                Try(seed[..length], "truncation");
            }

            byte[] changed = [.. seed];
            for (int at = 0; at < changed.Length; at++)
            {
                for (int change = 1; change < 256; change += all ? 1 : change)
                {
                    changed[at] = (byte)(seed[at] ^ change);
                    if (Try(changed, "change of one byte"))
                    {
                        changed = [.. changed];
                    }
                }

                changed[at] = seed[at];
            }
        }
    }

    /// <summary>Mutates until time or numbers are up.</summary>
    public void Search()
    {
        Random random = new(Seed);
        Mutator mutator = new(random);
        Stopwatch watch = Stopwatch.StartNew();
        long before = GC.GetTotalMemory(true);
        while (Time is { } time ? watch.Elapsed < time : Tried < _target.ShortRun)
        {
            byte[] input = mutator.Mutate(Pick(random), Pick(random), _target.LongestInput);
            if (Try(input, "mutation") && _inputs.Count < MostInputs)
            {
                _inputs.Add(input);
            }
        }

        long growth = GC.GetTotalMemory(true) - before - _inputs.Sum(i => (long)i.Length);
        Assert.True(growth < MostGrowth, $"{_target.Name}: {growth} bytes stayed behind after {Tried} inputs (seed {Seed})");
        if (Recording)
        {
            Corpus.Save(_target.Name, _found);
        }
    }

    /// <summary>Feeds one input; true when what happened had not happened before.</summary>
    private bool Try(byte[] input, string origin)
    {
        Tried++;
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        (int outcome, TimeSpan took) = Run(input, origin);
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        if (took > Suspicious)
        {
            TimeSpan again = Run(input, origin).Took;
            took = again < took ? again : took;
        }

        SlowestMilliseconds = Math.Max(SlowestMilliseconds, took.TotalMilliseconds);
        Assert.True(took < Hang, Story(input, origin, $"took {took}"));
        Assert.True(allocated <= _target.AllocationLimit, Story(input, origin, $"allocated {allocated} bytes"));
        if (!_outcomes.Add(outcome))
        {
            return false;
        }

        if (Recording)
        {
            _found.Add(input);
        }

        return true;
    }

    private (int Outcome, TimeSpan Took) Run(byte[] input, string origin)
    {
        long start = Stopwatch.GetTimestamp();
        try
        {
            int outcome = _target.Run(input);
            return (outcome, Stopwatch.GetElapsedTime(start));
        }
        catch (Exception defect)
        {
            throw new InvalidOperationException(Story(input, origin, defect.Message), defect);
        }
    }

    private byte[] Pick(Random random) => _inputs[random.Next(_inputs.Count)];

    private string Story(byte[] input, string origin, string what) =>
        $"{_target.Name}, {origin} {Tried}, seed {Seed}: {what}. Add this line to corpus/{_target.Name}.hex: "
            + $"{Convert.ToHexStringLower(input)}";

    private static double? Number(string variable) =>
        double.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
            ? value
            : null;
}
