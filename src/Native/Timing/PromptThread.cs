using System.Runtime.InteropServices;

namespace Bridge.Native.Timing;

/// <summary>Asks the system to run a thread before others.</summary>
public static partial class PromptThread
{
    /// <summary>
    /// Raises the calling thread's priority: by the runtime, and on Linux, where the runtime's request has no effect, by
    /// its nice value. The latter needs CAP_SYS_NICE or a limit that allows it; without, the thread runs as it did.
    /// </summary>
    /// <returns>Whether the system has agreed.</returns>
    public static bool TryRaise()
    {
        Thread.CurrentThread.Priority = ThreadPriority.Highest;

        // PRIO_PROCESS (0) of 0 is the calling thread alone: in Linux each thread has its own nice value (setpriority(2)).
        return !OperatingSystem.IsLinux() || SetPriority(0, 0, -15) == 0;
    }

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, uint who, int priority);
}
