using System.Runtime.InteropServices;

namespace Bridge.Native.Timing;

/// <summary>Asks the system to run a thread before others, and on time.</summary>
internal static unsafe partial class PromptThread
{
    private const int RoundRobin = 2; // SCHED_RR
    private const int ResetOnFork = 0x40000000; // SCHED_RESET_ON_FORK: what this thread starts is ordinary again
    private const int Nice = -15;
    private const int SetTimerSlack = 29; // PR_SET_TIMERSLACK

    /// <summary>
    /// Raises the calling thread above every ordinary one, by the lowest real-time priority where the system permits that
    /// (CAP_SYS_NICE, or RLIMIT_RTPRIO of at least 1), else by its nice value, else not at all; and lets its timers be exact
    /// to the nanosecond instead of the 50 µs that Linux adds, which needs no permission. For threads that run for some
    /// microseconds at a time and then sleep: nothing ordinary runs beside one on its core.
    /// </summary>
    /// <returns>The scheduling that the system has agreed to.</returns>
    public static Promptness TryRaise()
    {
        Thread.CurrentThread.Priority = ThreadPriority.Highest;
        if (!OperatingSystem.IsLinux())
        {
            return Promptness.Preferred;
        }

        _ = ControlProcess(SetTimerSlack, 1, 0, 0, 0);

        // For both calls 0 is the calling thread alone: Linux schedules threads, not processes (sched(7), setpriority(2)).
        int lowest = 1;
        return SetScheduler(0, RoundRobin | ResetOnFork, &lowest) == 0 ? Promptness.RealTime
            : SetPriority(0, 0, Nice) == 0 ? Promptness.Preferred : Promptness.Ordinary;
    }

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int ControlProcess(int option, nuint a, nuint b, nuint c, nuint d);

    // struct sched_param is one int.
    [LibraryImport("libc", EntryPoint = "sched_setscheduler")]
    private static partial int SetScheduler(int thread, int policy, int* priority);

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, uint who, int priority);
}
