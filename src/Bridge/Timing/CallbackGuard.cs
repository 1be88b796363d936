using System.Collections.Concurrent;

namespace Bridge.Timing;

/// <summary>
/// Runs callbacks that nobody awaits: of timers, watches and pool threads. An exception out of one of these would end the
/// process. It is counted, and logged the first time that callback fails.
/// </summary>
internal sealed class CallbackGuard(ILogger<CallbackGuard> logger)
{
    private readonly ConcurrentDictionary<string, long> _failures = new(StringComparer.Ordinal);

    /// <summary>Exceptions so far, of all callbacks.</summary>
    public long Failures => _failures.Values.Sum();

    /// <summary>Runs a callback.</summary>
    /// <param name="name">Names it in the log, for instance <c>call report</c>.</param>
    /// <param name="callback">May throw.</param>
    public void Run(string name, Action callback)
    {
        try
        {
            callback();
        }
        catch (Exception defect)
        {
            Failed(name, defect);
        }
    }

    /// <summary>A callback of this name threw.</summary>
    public void Failed(string name, Exception defect)
    {
        if (_failures.AddOrUpdate(name, 1, (_, count) => count + 1) == 1)
        {
            Log.CallbackFailed(logger, name, defect);
        }
    }
}
