using System.Runtime.InteropServices;
using Bridge.Records;
using Bridge.Records.Sql;
using Bridge.RehearsalHosting;

namespace Bridge.Tests.Stops;

/// <summary>Real signals to the real program while a call runs whose recap takes five seconds.</summary>
public sealed class StopTests : IAsyncLifetime
{
    private const int RecapSeconds = 5;

    private readonly string _folder = Directory.CreateTempSubdirectory("bridge-stop").FullName;
    private RunningHost _model = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var role = Directory.CreateDirectory(Path.Combine(_folder, "roles", "waiter")).FullName;
        await File.WriteAllTextAsync(
            Path.Combine(role, "role.yaml"),
            "name: Waiter\ndescription: Takes orders.\ntools:\n  - name: save\n    target: server\n",
            Cancellation);
        await File.WriteAllTextAsync(Path.Combine(role, "agent.instruct"), "Be brief.\n", Cancellation);
        await File.WriteAllTextAsync(Path.Combine(role, "recap.instruct"), "Sum it up.\n", Cancellation);
        await File.WriteAllTextAsync(
            Path.Combine(role, "rehearsal.yaml"),
            "rules:\n  - when: [gyoza]\n    call:\n      - name: save\n        arguments: { text: Two gyoza. }\n    then: Saved.\nrecap: "
                + "The guest ordered two gyoza.\n",
            Cancellation);
        _model = await RunningHost.StartAsync(("Roles", Path.Combine(_folder, "roles")));
    }

    public async ValueTask DisposeAsync()
    {
        await _model.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData(PosixSignal.SIGTERM)]
    [InlineData(PosixSignal.SIGINT)]
    public async Task A_stop_gives_a_call_its_recap_and_its_record_and_tells_its_page_last(PosixSignal signal)
    {
        await using var program = Start(drainSeconds: 0);
        await using var page = await ProgramPage.CallAsync(await program.AddressAsync(Cancellation), "waiter", Cancellation);
        await page.SayAsync("two gyoza please", Cancellation);
        await page.UntilToldAsync("call/note", Cancellation);
        SlowDown();

        // As a browser does, which reads its socket all the time.
        var told = page.Hub.ExpectAsync("CallEnded", Cancellation);
        program.Signal(signal);
        var refused = await RefusalAsync(await program.AddressAsync(Cancellation), program);
        Assert.StartsWith("shutting_down: ", refused, StringComparison.Ordinal);
        Assert.Equal(
            "The guest ordered two gyoza.", (await page.UntilToldAsync("call/recap", Cancellation)).GetProperty("markdown").GetString());
        Assert.Equal("shutdown", (await page.UntilToldAsync("call/ended", Cancellation)).GetProperty("reason").GetString());
        Assert.Equal("shutdown", (await told).GetProperty("reason").GetString());
        Assert.Equal(0, await program.ExitAsync(Cancellation));

        var record = await RecordAsync(page);
        Assert.Equal("The guest ordered two gyoza.", record.Recap);
        Assert.Equal("Two gyoza.", Assert.Single(record.Notes).Text);
    }

    [Fact]
    public async Task A_running_call_goes_on_after_the_signal_and_the_program_is_over_with_it()
    {
        await using var program = Start(drainSeconds: 600);
        await using var page = await ProgramPage.CallAsync(await program.AddressAsync(Cancellation), "waiter", Cancellation);
        program.Signal(PosixSignal.SIGTERM);
        await RefusalAsync(await program.AddressAsync(Cancellation), program);
        await page.SayAsync("two gyoza please", Cancellation);
        await page.UntilToldAsync("call/note", Cancellation);
        await page.AskAsync("page/hangup", new { }, Cancellation);
        Assert.Equal("hangup", (await page.UntilToldAsync("call/ended", Cancellation)).GetProperty("reason").GetString());
        Assert.Equal(0, await program.ExitAsync(Cancellation));
        Assert.Equal("hangup", (await RecordAsync(page)).Reason);
    }

    [Fact]
    public async Task A_second_signal_ends_at_once_with_the_record_and_without_the_recap()
    {
        await using var program = Start(drainSeconds: 600);
        await using var page = await ProgramPage.CallAsync(await program.AddressAsync(Cancellation), "waiter", Cancellation);
        await page.SayAsync("two gyoza please", Cancellation);
        await page.UntilToldAsync("call/note", Cancellation);
        program.Signal(PosixSignal.SIGTERM);
        await RefusalAsync(await program.AddressAsync(Cancellation), program);
        program.Signal(PosixSignal.SIGTERM);
        Assert.Equal(128 + 15, await program.ExitAsync(Cancellation));
        var record = await RecordAsync(page);
        Assert.Equal("shutdown", record.Reason);
        Assert.Null(record.Recap);
        Assert.Single(record.Notes);
    }

    [Theory]
    [InlineData("--port", "abc", "--port: 'abc' is no port; a port is a number from 0 to 65535.")]
    [InlineData("--udp-port", "70000", "--udp-port: '70000' is no port; a port is a number from 0 to 65535.")]
    [InlineData("--roles", "nowhere", "--roles: there is no folder '")]
    [InlineData("--data", "/proc/nowhere", "--data: records of calls can't be written (")]
    public async Task A_wrong_switch_is_one_sentence_and_exit_code_2(string name, string value, string sentence)
    {
        await using var program = BridgeProgram.Start(
            [name, value], ("Bridge__Port", "0"), ("Bridge__UdpPort", "0"), ("Bridge__Roles", Path.Combine(_folder, "roles")),
            ("Bridge__Data", _folder));
        Assert.Equal(2, await program.ExitAsync(Cancellation));
        Assert.StartsWith(
            sentence,
            Assert.Single(program.Output.Split('\n'), line => line.StartsWith("--", StringComparison.Ordinal)),
            StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", program.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_setting_is_one_sentence_and_exit_code_2()
    {
        await using var program = BridgeProgram.Start(
            ["--port", "0", "--udp-port", "0", "--roles", Path.Combine(_folder, "roles"), "--data", _folder], ("Bridge__MaxCalls", "abc"));
        Assert.Equal(2, await program.ExitAsync(Cancellation));
        Assert.Contains("Bridge:MaxCalls", Assert.Single(program.Output.Split('\n')), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("MaxCalls: 5")]
    [InlineData("{ \"Bridge\": { \"MaxCalls\": 5 }")]
    [InlineData("{ \"Bridge\": { \"MaxCalls\": 5, \"MaxCalls\": 6 } }")]
    public async Task A_broken_settings_file_is_one_sentence_that_names_it_and_exit_code_2(string text)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, "site")).FullName;
        Directory.CreateDirectory(Path.Combine(folder, "wwwroot"));
        await File.WriteAllTextAsync(Path.Combine(folder, "appsettings.json"), text, Cancellation);
        await using var program = BridgeProgram.StartIn(
            folder, ["--port", "0", "--udp-port", "0", "--roles", Path.Combine(_folder, "roles"), "--data", _folder]);
        Assert.Equal(2, await program.ExitAsync(Cancellation));
        Assert.Contains("appsettings.json", Assert.Single(program.Output.Split('\n')), StringComparison.Ordinal);
    }

    private void SlowDown() =>
        _model.Get<RehearsalHost>().Server.Faults = _model.Get<RehearsalHost>().Server.Faults with { ThinkSeconds = RecapSeconds };

    private BridgeProgram Start(int drainSeconds) => BridgeProgram.StartWith(
        _model.Get<RehearsalHost>().Endpoint("waiter"),
        Path.Combine(_folder, "roles"),
        Path.Combine(_folder, "data"),
        ("Bridge__DrainSeconds", drainSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture)));

    /// <summary>The answer to a Join once the program has heard the signal.</summary>
    private static async Task<string> RefusalAsync(Uri address, BridgeProgram program)
    {
        using var http = new HttpClient();
        while (true)
        {
            using var ready = await http.GetAsync(new Uri(address, "/healthz/ready"), Cancellation);
            if (await ready.Content.ReadAsStringAsync(Cancellation) == "draining")
            {
                break;
            }
        }

        await using var hub = await HubClient.ConnectAsync(address, Cancellation);
        var (_, error) = await hub.InvokeAsync("Join", new { role = "waiter" }, Cancellation);
        Assert.True(error is not null, program.Output);
        return error[error.IndexOf("shutting_down", StringComparison.Ordinal)..];
    }

    private async Task<CallRecord> RecordAsync(ProgramPage page)
    {
        await using var store = new SqlCallStore(new SqliteDialect(Path.Combine(_folder, "data", "records.db")), TimeProvider.System);
        return (await store.FindAsync(page.CallId, Cancellation))!;
    }
}
