using System.Diagnostics;
using Bridge.Configuration;
using Bridge.Hosting;
using Bridge.Native;

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

        var folder = Directory.CreateTempSubdirectory("bridge-no-library-");
        try
        {
            using var host = Start(folder, library, "libopus");
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

    [Fact]
    public async Task A_host_without_libopus_runs_on_Concentus_and_says_in_one_line_what_libopus_would_save()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux's loader can be led to a library that is none.");
        var folder = Directory.CreateTempSubdirectory("bridge-no-library-");
        try
        {
            using var host = Start(folder, "libopus.so.0", "auto");
            string? codec;
            do
            {
                codec = await host.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
            }
            while (codec?.StartsWith("Opus runs on ", StringComparison.Ordinal) == false);

            host.Kill();
            await host.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.StartsWith("Opus runs on Concentus 2.2.2; libopus would save ", codec, StringComparison.Ordinal);
            Assert.EndsWith(NativeLibraryLocator.OpusInstallCommand, codec, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void An_engine_that_does_not_exist_is_refused_at_start()
    {
        var refused = Assert.Throws<HostStartException>(() => BridgeHost.Build(new Dictionary<string, string?>
        {
            ["Bridge:Roles"] = Path.Combine(Repository.Root, "roles"),
            ["Bridge:Codec"] = "speex",
        }));
        Assert.Equal("--codec: 'speex' is none of 'auto', 'libopus' and 'concentus'.", refused.Message);
        Assert.Equal(2, refused.ExitCode);
    }

    // What is found first and is no library stops the loader's search for that name.
    private static Process Start(DirectoryInfo folder, string missing, string codec)
    {
        foreach (var name in new[] { missing, "libopus.so" })
        {
            File.WriteAllText(Path.Combine(folder.FullName, name), "no library");
        }

        ProcessStartInfo start = new(
            "dotnet", [Path.Combine(AppContext.BaseDirectory, "Bridge.dll"), "--port", "0", "--udp-port", "0", "--codec", codec])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            WorkingDirectory = Repository.Root,
        };
        start.Environment["LD_LIBRARY_PATH"] = folder.FullName;
        start.Environment["Bridge__Data"] = Path.Combine(folder.FullName, "data");
        start.Environment.Remove("OPENAI_API_KEY");
        return Process.Start(start)!;
    }
}
