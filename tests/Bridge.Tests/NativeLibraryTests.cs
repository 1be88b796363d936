using System.Diagnostics;

namespace Bridge.Tests;

/// <summary>The host as a process, on a machine without one of its native libraries.</summary>
public sealed class NativeLibraryTests
{
    [Theory]
    [InlineData("libopus.so.0", "libopus is not installed. Install it with: ")]
    [InlineData("libssl.so.3", "libssl (OpenSSL 3) is not installed. Install it with: ")]
    public async Task A_host_without_a_native_library_says_which_and_what_installs_it_and_ends_with_3(string library, string sentence)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux's loader can be led to a library that is none.");

        // What is found first and is no library stops the loader's search for that name.
        var folder = Directory.CreateTempSubdirectory("bridge-no-library-");
        try
        {
            foreach (var name in new[] { library, "libopus.so" })
            {
                await File.WriteAllTextAsync(Path.Combine(folder.FullName, name), "no library", TestContext.Current.CancellationToken);
            }

            ProcessStartInfo start = new("dotnet", [Path.Combine(AppContext.BaseDirectory, "Bridge.dll"), "--port", "0", "--udp-port", "0"]) { RedirectStandardError = true, RedirectStandardOutput = true };
            start.Environment["LD_LIBRARY_PATH"] = folder.FullName;
            using var host = Process.Start(start)!;
            var said = host.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await host.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await host.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.StartsWith(sentence, await said, StringComparison.Ordinal);
            Assert.Equal(3, host.ExitCode);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
