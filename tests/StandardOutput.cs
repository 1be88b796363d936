using System.Runtime.InteropServices;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestPipelineStartup(typeof(Bridge.Testing.StandardOutput))]

namespace Bridge.Testing;

/// <summary>
/// Keeps the standard output of a test program for the test framework, whose results are lines of it. A program that a test starts
/// inherits descriptor 1; half a line of it (<c>pg_ctl</c> writes "waiting for server to start...") would spoil the result that
/// follows, and the test would be missing from the count. The output of such a program goes to standard error.
/// </summary>
internal sealed class StandardOutput : ITestPipelineStartup
{
    private const int Output = 1;
    private const int Error = 2;

    public ValueTask StartAsync(IMessageSink diagnosticMessageSink)
    {
        if (OperatingSystem.IsWindows())
        {
            return default;
        }

        // The console, which the framework has opened by now, writes to a duplicate that programs which are started do not inherit.
        Console.Out.Flush();
        return Duplicate(Error, Output) >= 0
            ? default
            : throw new InvalidOperationException($"dup2 failed with {Marshal.GetLastPInvokeError()}.");
    }

    public ValueTask StopAsync() => default;

    [DllImport("libc", EntryPoint = "dup2", SetLastError = true)]
    private static extern int Duplicate(int from, int to);
}
