using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Bridge.Tests.Stops;

/// <summary>Some memory that behaves like a disk of its own and can be filled; root alone may mount it, others skip the test.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private SmallDisk(string folder) => Folder = folder;

    /// <summary>Where it is mounted.</summary>
    public string Folder { get; }

    private string Filler => Path.Combine(Folder, "filler");

    /// <summary>Mounts one.</summary>
    /// <param name="kilobytes">Its size.</param>
    public static async Task<SmallDisk> MountAsync(int kilobytes = 2_048)
    {
        var folder = Directory.CreateTempSubdirectory("bridge-disk-").FullName;
        var size = string.Create(CultureInfo.InvariantCulture, $"size={kilobytes}k");
        if (!OperatingSystem.IsLinux() || !await RunAsync("mount", "-t", "tmpfs", "-o", size, "tmpfs", folder))
        {
            Directory.Delete(folder);
            Assert.Skip("A disk of this test's own can't be mounted here; root may.");
        }

        return new SmallDisk(folder);
    }

    /// <summary>Takes all the room that is left, to the last byte.</summary>
    public void Fill()
    {
        using var filler = new FileStream(Filler, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        foreach (var size in new[] { 65_536, 4_096, 1 })
        {
            try
            {
                while (true)
                {
                    filler.Write(new byte[size]);
                }
            }
            catch (IOException)
            {
                // So much no longer fits.
            }
        }
    }

    /// <summary>Gives the room back.</summary>
    public void Clear() => File.Delete(Filler);

    public async ValueTask DisposeAsync()
    {
        await RunAsync("umount", "-l", Folder);
        Directory.Delete(Folder);
    }

    private static async Task<bool> RunAsync(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            await process.WaitForExitAsync();
            return process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false; // there is no such program
        }
    }
}
