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
        await using var disk = await SmallDisk.MountAsync(1_024);
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
                ("Roles", Path.Combine(folder, "roles")), ("Data", disk.Folder), ("Loopback", "true"));
            await using var page = await ProgramPage.CallAsync(host.Address, "waiter", Cancellation);
            disk.Fill();

            await page.SayAsync("two gyoza please", Cancellation);
            var (phase, message) = await SavedAsync(page);
            Assert.Equal("failed", phase);
            Assert.Contains("could not be saved", message, StringComparison.Ordinal);
            await page.Ear.MoreAsync(20, Cancellation);
            Assert.Empty(Directory.GetFiles(disk.Folder, "*.tmp", SearchOption.AllDirectories));

            // Room again: the next note is kept.
            disk.Clear();
            await page.SayAsync("two gyoza again", Cancellation);
            Assert.Equal("done", (await SavedAsync(page)).Phase);
            Assert.Equal("Two gyoza.", (await page.UntilToldAsync("call/note", Cancellation)).GetProperty("text").GetString());
            await page.HangUpAsync(Cancellation);
        }
        finally
        {
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
}
