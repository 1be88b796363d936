using Bridge.Realtime.Model;
using Bridge.Records;
using Bridge.Tests.Stops;

namespace Bridge.Tests.Calls;

/// <summary>Keys of a telephone keypad, from the media to the page and the model.</summary>
public sealed class DtmfTests : IDisposable
{
    private readonly VirtualCalls _calls = new();

    public void Dispose() => _calls.Dispose();

    [Theory]
    [InlineData("", false, false)]
    [InlineData("dtmf: none\n", false, false)]
    [InlineData("dtmf: page\n", true, false)]
    [InlineData("dtmf: model\n", true, true)]
    public async Task The_role_says_who_is_told_the_keys(string yaml, bool page, bool model)
    {
        _calls.Roles.Add("keys", yaml);
        var (call, caller) = await _calls.OpenAsync("keys");
        foreach (var key in "49*")
        {
            caller.Press(key);
        }

        await _calls.PassAsync(call, TimeSpan.FromSeconds(3));
        Assert.Equal(page ? "49*" : "", string.Concat(caller.Told("call/dtmf").Select(told => told.GetProperty("digit").GetString())));
        Assert.Equal(model ? ["The person pressed 49* on the telephone keypad."] : [], Notes());
        await _calls.EndAsync(call, call.DisposeAsync());
    }

    [Fact]
    public async Task Keys_without_end_cost_neither_the_call_nor_the_model_more_than_a_person_does()
    {
        _calls.Roles.Add("keys", "dtmf: model\n");
        var (call, page) = await _calls.OpenAsync("keys");
        for (var i = 0; i < 20_000; i++)
        {
            page.Press('#');
        }

        await _calls.PassAsync(call, TimeSpan.FromSeconds(3));

        // A slow machine gives some back meanwhile.
        Assert.InRange(page.Told("call/dtmf").Count, 60, 80);
        Assert.InRange(Notes().Count, 60, 80);
        Assert.True((await page.AskAsync(2, "page/text", new { text = "I am still here." })).TryGetProperty("result", out _));
        await _calls.EndAsync(call, call.DisposeAsync());
    }

    [Fact]
    public async Task A_key_of_a_page_that_has_been_replaced_is_nobodys()
    {
        _calls.Roles.Add("keys", "dtmf: page\n");
        var (call, former) = await _calls.OpenAsync("keys");
        var page = _calls.Answer(call, fresh: true);
        await page.EnterAsync();
        former.Press('1');
        page.Press('2');
        await _calls.PassAsync(call, TimeSpan.FromMilliseconds(100));
        Assert.Equal("2", Assert.Single(page.Told("call/dtmf")).GetProperty("digit").GetString());
        await _calls.EndAsync(call, call.DisposeAsync());
    }

    [Fact]
    public async Task Telephone_events_of_a_real_connection_reach_page_and_model_once_a_press()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        var cancellation = patience.Token;
        var folder = Directory.CreateTempSubdirectory("bridge-dtmf-").FullName;
        try
        {
            WriteRole(folder);
            await using var host = await RunningHost.StartAsync(
                ("Roles", folder), ("Data", Path.Combine(folder, "data")), ("Loopback", "true"));
            await using var page = await ProgramPage.CallAsync(host.Address, "keys", cancellation, keypad: true);

            // 4: whole, its end three times. 2: its end is lost. #: its beginning is.
            (byte Key, uint Timestamp, ushort Duration, bool End)[] packets =
            [
                (4, 1_000, 960, false), (4, 1_000, 1_920, false), (4, 1_000, 2_880, true), (4, 1_000, 2_880, true), (4, 1_000, 2_880, true),
                (2, 9_000, 960, false), (2, 9_000, 1_920, false),
                (11, 20_000, 2_880, true), (11, 20_000, 2_880, true),
            ];
            foreach (var (key, timestamp, duration, end) in packets)
            {
                page.SendKey(key, timestamp, duration, end);
            }

            var pressed = "";
            while (pressed.Length < 3)
            {
                pressed += (await page.UntilToldAsync("call/dtmf", cancellation)).GetProperty("digit").GetString();
            }

            Assert.Equal("42#", pressed);
            while (!(await page.UntilToldAsync("call/transcript", cancellation)).GetProperty("text").GetString()!.StartsWith("Line",
                StringComparison.Ordinal))
            {
                // The answer to the number.
            }

            await page.AskAsync("page/hangup", new { }, cancellation);
            await page.UntilToldAsync("call/ended", cancellation);
            Assert.Empty(page.Told("call/dtmf"));
            var record = (await host.Get<ICallStore>().FindAsync(page.CallId, cancellation))!.Conversation!.Value.GetRawText();
            Assert.Single(record.Split("The person pressed 42# on the telephone keypad.")[1..]);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void WriteRole(string roles)
    {
        var folder = Directory.CreateDirectory(Path.Combine(roles, "keys")).FullName;
        File.WriteAllText(Path.Combine(folder, "role.yaml"), "name: Keys\ndescription: A telephone menu.\ndtmf: model\n");
        File.WriteAllText(Path.Combine(folder, "agent.instruct"), "Connect people.\n");
        File.WriteAllText(Path.Combine(folder, "rehearsal.yaml"), "greeting: Line forty-two.\n");
    }

    private List<string?> Notes() =>
        [.. _calls.Sessions[0].Sent.OfType<ModelCommand.CreateItem>().Where(c => c.Item.Kind == ModelItemKind.SystemMessage).Select(c =>
            c.Item.Text)];
}
