using System.Diagnostics;
using System.Text.Json;

namespace Bridge.Tests.Stops;

/// <summary>A disk that is full in the middle of a call: a small file system of its own, where the system lets one be made.</summary>
public sealed class FullDiskTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_note_that_finds_no_room_is_told_to_the_model_and_the_call_goes_on()
    {
        var folder = Directory.CreateTempSubdirectory("bridge-full-").FullName;
        var data = Directory.CreateDirectory(Path.Combine(folder, "data")).FullName;
        Assert.SkipUnless(
            OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", data),
            "A file system can't be mounted here.");
        try
        {
            var role = Directory.CreateDirectory(Path.Combine(folder, "roles", "waiter")).FullName;
            await File.WriteAllTextAsync(
                Path.Combine(role, "role.yaml"),
                "name: Waiter\ndescription: Takes orders.\ntools:\n  - name: save\n    target: server\n",
                Cancellation);
            await File.WriteAllTextAsync(Path.Combine(role, "agent.instruct"), "Be brief.\n", Cancellation);
            await File.WriteAllTextAsync(
                Path.Combine(role, "rehearsal.yaml"),
                "rules:\n  - when: [gyoza]\n    call:\n      - name: save\n        arguments: { text: Two gyoza. }\n    then: That is all "
                    + "there is to say of it today.\n",
                Cancellation);
            await using var host = await RunningHost.StartAsync(
                ("Roles", Path.Combine(folder, "roles")), ("Data", data), ("Loopback", "true"));
            await using var page = await ProgramPage.CallAsync(host.Address, "waiter", Cancellation);
            var filler = Path.Combine(data, "filler");
            Fill(filler);

            await page.SayAsync("two gyoza please", Cancellation);
            var (phase, message) = await SavedAsync(page);
            Assert.Equal("failed", phase);
            Assert.Contains("could not be saved", message, StringComparison.Ordinal);
            await page.Ear.MoreAsync(20, Cancellation);
            Assert.Empty(Directory.GetFiles(data, "*.tmp", SearchOption.AllDirectories));

            // Room again: the next note is kept.
            File.Delete(filler);
            await page.SayAsync("two gyoza again", Cancellation);
            Assert.Equal("done", (await SavedAsync(page)).Phase);
            Assert.Equal("Two gyoza.", (await page.UntilToldAsync("call/note", Cancellation)).GetProperty("text").GetString());
            await page.HangUpAsync(Cancellation);
        }
        finally
        {
            Run("umount", "-l", data);
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<(string? Phase, string? Message)> SavedAsync(ProgramPage page)
    {
        while (true)
        {
            var told = await page.UntilToldAsync("tool/activity", Cancellation);
            if (told.GetProperty("phase").GetString() is not ("started" or "progress") and var phase)
            {
                return (phase, told.TryGetProperty("message", out var message)
                    && message.ValueKind == JsonValueKind.String ? message.GetString() : null);
            }
        }
    }

    private static void Fill(string file)
    {
        using var stream = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        foreach (var size in new[] { 65_536, 4_096, 1 })
        {
            try
            {
                while (true)
                {
                    stream.Write(new byte[size]);
                }
            }
            catch (IOException)
            {
                // So much no longer fits.
            }
        }
    }

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false; // there is no such program
        }
    }
}
