using System.Globalization;
using Bridge.Access;
using Bridge.Realtime.Model;
using Bridge.Realtime.Turns;
using Bridge.Rtc;
using Bridge.Rtc.Dtls;
using Bridge.Tests.Calls;
using Bridge.Tests.Stops;
using Bridge.Testing.Lab;
using Bridge.Tests.Transport;
using Bridge.Transport;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;
using Route = Bridge.Rtc.Route;

namespace Bridge.Tests.Trail;

/// <summary>The lines of one call in the log: found by its id, through every room, and without anything that was said.</summary>
public sealed class TrailTests
{
    private const string Key = "MARKERKEY-of-the-tests-with-32-characters-or-more";
    private static readonly string[] Rooms =
        ["Bridge.Signaling.SignalHub", "Bridge.Rtc", "Bridge.Rtc.Ice", "Bridge.Rtc.Dtls", "Bridge.Rtc.Sctp", "Bridge.Rtc.Rtp",
            "Bridge.Model", "Bridge.Turns", "Bridge.Tools"];

    [Fact]
    public async Task A_call_is_followed_by_its_id_through_every_room_and_nothing_that_was_said_is_in_a_line()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(40));
        var cancellation = patience.Token;
        var folder = Directory.CreateTempSubdirectory("bridge-trail-").FullName;
        try
        {
            WriteRole(folder);
            await using var host = await RunningHost.StartAsync(
                ("Roles", folder), ("Data", Path.Combine(folder, "data")), ("Loopback", "true"), ("Access:Mode", "open"),
                ("Access:Key", Key),
                (":Logging:LogLevel:Default", "Trace"), (":Logging:LogLevel:Bridge", "Trace"));
            var log = new LineLog();
            host.Get<ILoggerFactory>().AddProvider(log);
            var ticket = TicketMint.Mint(new TicketRequest("MARKERcaller"), Key, null, DateTimeOffset.UtcNow).Ticket;
            await using var page = await ProgramPage.CallAsync(host.Address, "marked", cancellation, keypad: true, ticket: ticket);
            page.SendKey(7, 1_000, 2_880, end: true);
            await page.UntilToldAsync("call/dtmf", cancellation);
            await page.SayAsync("MARKERtext", cancellation);
            await page.UntilToldAsync("call/note", cancellation);
            while (!(await page.UntilToldAsync("call/transcript", cancellation)).GetProperty("text").GetString()!.Contains("MARKERend",
                StringComparison.Ordinal))
            {
                // The answer after the function call.
            }

            await page.AskAsync("page/hangup", new { }, cancellation);
            await page.UntilToldAsync("call/ended", cancellation);
            await page.Hub.ExpectAsync("CallEnded", cancellation);

            var lines = log.Of(page.CallId);
            Assert.Equal(
                Rooms.Order(),
                lines.Select(line => line.Category).Where(c => !c.StartsWith("Bridge.Calls", StringComparison.Ordinal)).Distinct().Order());
            string[] steps =
            [
                "joined", "an offer of", "ICE sends to", "the DTLS handshake begins", "DTLS is connected", "the connection is Connected",
                "the SCTP association is established",
                "the data channel is open", "model session 1 hears the microphone", "a key of a telephone keypad", "response.created",
                "of save (server): started", "of save (server): done",
                "state Speaking", "it is to end: hangup", "the connection ends",
            ];
            Assert.All(steps, step => Assert.Contains(lines, line => line.Text.Contains(step, StringComparison.Ordinal)));

            Assert.Contains(
                lines,
                line => line.Level == LogLevel.Trace && line.Text.Contains("the turn machine takes PageText", StringComparison.Ordinal));

            string[] secrets = ["MARKER", ticket, page.ResumeToken, .. page.IcePasswords];
            Assert.All(secrets, secret => Assert.DoesNotContain(log.Lines, line => line.Text.Contains(secret, StringComparison.Ordinal)));

            // The library of MCP servers writes what it sends at Trace.
            Assert.False(host.Get<ILoggerFactory>().CreateLogger("ModelContextProtocol.Client.McpClient").IsEnabled(LogLevel.Debug));

            // Each line of these rooms belongs to a call.
            Assert.DoesNotContain(log.Lines, line => Rooms.Skip(1).Contains(line.Category) && line.CallId is null);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task The_console_writes_a_line_an_event_with_its_time_and_holds_no_call_up_unless_it_is_told_otherwise()
    {
        await using var host = await RunningHost.StartAsync();
        var lines = host.Get<IOptionsMonitor<SimpleConsoleFormatterOptions>>().CurrentValue;
        Assert.True(lines.SingleLine && lines.UseUtcTimestamp);
        Assert.Equal(
            "2026-11-30T01:02:03.004Z ",
            new DateTimeOffset(2026, 11, 30, 1, 2, 3, 4, TimeSpan.Zero).ToString(lines.TimestampFormat, CultureInfo.InvariantCulture));
        Assert.Equal(ConsoleLoggerQueueFullMode.DropWrite, host.Get<IOptionsMonitor<ConsoleLoggerOptions>>().CurrentValue.QueueFullMode);

        await using var other = await RunningHost.StartAsync(
            (":Logging:Console:FormatterOptions:SingleLine", "false"), (":Logging:Console:FormatterName", "json"));
        Assert.False(other.Get<IOptionsMonitor<SimpleConsoleFormatterOptions>>().CurrentValue.SingleLine);
        Assert.Equal("json", other.Get<IOptionsMonitor<ConsoleLoggerOptions>>().CurrentValue.FormatterName);
    }

    [Fact]
    public async Task A_flood_of_replayed_packets_is_told_in_two_lines()
    {
        const int Replayed = 2_000;
        await using var host = await RunningHost.StartAsync(("Lab", "true"), ("Loopback", "true"), (":Logging:LogLevel:Bridge", "Debug"));
        var log = new LineLog();
        host.Get<ILoggerFactory>().AddProvider(log);
        using var identity = OpenSslIdentity.Create();
        using var caller = new LabClient(identity) { Records = true };
        var heard = new TaskCompletionSource();
        caller.Heard = (_, _) => heard.TrySetResult();
        await caller.ConnectAsync(host.Address, "rtp");
        while (!heard.Task.IsCompleted)
        {
            caller.SendAudio([0xF8, 0xFF, 0xFE], 960);
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }

        for (var i = 0; i < Replayed; i++)
        {
            caller.SendRaw(caller.LastAudio);
        }

        await caller.EndAsync();
        var lines = log.Of("echo").FindAll(line => line.Text.Contains(nameof(DropReason.SrtpReplayed), StringComparison.Ordinal));
        Assert.InRange(lines.Count, 1, 2);

        // Some may be lost on their way: the socket is not emptied while the flood comes.
        Assert.InRange(
            lines.Sum(line => int.Parse(line.Text.Split("dropped ")[1].Split(' ')[0], CultureInfo.InvariantCulture)),
            Replayed / 4,
            Replayed);
    }

    [Fact]
    public async Task A_key_that_the_service_can_not_be_reached_with_is_in_no_line()
    {
        await using var host = await RunningHost.StartAsync(
            ("OpenAi:ApiKey", "sk-MARKER"), ("OpenAi:BaseUrl", "http://127.0.0.1:9/v1"), (":Logging:LogLevel:Default", "Trace"),
            (":Logging:LogLevel:Bridge", "Trace"));
        var log = new LineLog();
        host.Get<ILoggerFactory>().AddProvider(log);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await using var hub = await HubClient.ConnectAsync(host.Address, TestContext.Current.CancellationToken);
        var (joined, _) = await hub.InvokeAsync("Join", new { role = "demo" }, TestContext.Current.CancellationToken);
        while (!log.Of(joined.GetProperty("callId").GetString()!).Exists(line =>
            line.Text.Contains("could not be opened", StringComparison.Ordinal)))
        {
            await Task.Delay(5, patience.Token);
        }

        Assert.DoesNotContain(log.Lines, line => line.Text.Contains("MARKER", StringComparison.Ordinal));
    }

    [Fact]
    public async Task At_information_the_rooms_write_nothing()
    {
        var log = new LineLog();
        using var calls = new VirtualCalls(loggers: log.Factory(LogLevel.Information));
        calls.Roles.Add("demo", "greeting: true\n");
        var (call, _) = await calls.OpenAsync("demo");
        await calls.PassAsync(call, TimeSpan.FromSeconds(3));
        await calls.EndAsync(call, call.DisposeAsync());
        Assert.Empty(log.Lines);
    }

    [Fact]
    public async Task The_waiting_of_a_response_stands_between_the_lines_of_its_turn()
    {
        var log = new LineLog();
        using var calls = new VirtualCalls(loggers: log.Factory(LogLevel.Debug));
        calls.Roles.Add("demo");
        var (call, page) = await calls.OpenAsync("demo");
        page.Leave();
        call.Post(new TurnInput.PageText("Anybody?"));
        await calls.UntilAsync(
            call,
            () => log.Of(call.Id).Exists(l => l.Text.Contains("a response waits for: PageAway", StringComparison.Ordinal)),
            TimeSpan.FromSeconds(1));
        var again = calls.Answer(call, fresh: true);
        await again.EnterAsync();
        await calls.UntilAsync(
            call,
            () => log.Of(call.Id).Exists(l => l.Text.Contains("response.done completed", StringComparison.Ordinal)),
            TimeSpan.FromSeconds(20));
        await calls.EndAsync(call, call.DisposeAsync());
        var turns = log.Of(call.Id).FindAll(line => line.Category is "Bridge.Turns" or "Bridge.Model").ConvertAll(line => line.Text);
        var waits = turns.FindIndex(text => text.Contains("PageAway", StringComparison.Ordinal));
        Assert.InRange(turns.FindIndex(text => text.Contains("→ response.create", StringComparison.Ordinal)), waits + 1, turns.Count);
        Assert.DoesNotContain(turns, text => text.Contains("Anybody", StringComparison.Ordinal));
    }

    [Fact]
    public void The_audio_path_of_a_connection_allocates_nothing_while_the_trail_is_off()
    {
        using var endpoint = TestEndpoint.Open();
        using var peer = endpoint.CreatePeer(new DeafCall(), endpoint.Trails.Of("c057"));
        byte[] payload = [0xF8, 0xFF, 0xFE];
        for (var i = 0; i < 1_000; i++)
        {
            Hear(i);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10_000; i++)
        {
            Hear(i);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Hear(int i)
        {
            peer.AudioReceived(new RtpPacket
            {
                Payload = payload,
                PayloadType = 111,
                Sequence = (ushort)i,
                Timestamp = (uint)i * 960,
                Ssrc = (uint)i / 100,
                Marker = false,
                Level = 40,
                VoiceActivity = true,
                Recovered = false,
                Arrival = new Instant(i * 200_000L),
            });
            peer.Dropped(DropReason.SrtpReplayed, 1, 100);
            peer.RouteSelected(new Route(TransportAddress.FromIPv4(0x7F000001, 5081), 0));
        }
    }

    [Fact]
    public void Each_rejection_has_a_kind_and_is_summed()
    {
        var one = new Rejections(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
        Assert.Equal(typeof(Rejections).GetConstructors().Max(c => c.GetParameters().Length), one.ByKind.Count());
        Assert.Equal(Enumerable.Range(1, 11).Select(i => (long)i), one.ByKind.Select(kind => kind.Count));
        Assert.Equal(one.ByKind.Select(kind => (kind.Kind, 2 * kind.Count)), (one + one).ByKind);
        Assert.Equal(11, one.ByKind.Single(kind => kind.Kind == "amplification").Count);
    }

    [Fact]
    public void The_operators_guide_explains_each_reason_of_a_drop()
    {
        var guide = File.ReadAllLines(Path.Combine(Repository.Root, "docs", "operation.md"));
        var explained = guide.Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .Where(cells => Enum.TryParse<DropReason>(cells[1].Trim('`'), out _)).ToList();
        Assert.Equal(Enum.GetNames<DropReason>(), explained.Select(cells => cells[1].Trim('`')));
        Assert.All(
            explained, cells => Assert.True(cells.Length == 5 && cells[2].Length > 10 && cells[3].Length > 2, string.Join('|', cells)));
    }

    private sealed class DeafCall : IMediaPeerObserver
    {
        public void PeerStateChanged(IMediaPeer peer, RtcPeerState state)
        {
        }

        public void AudioNegotiated(IMediaPeer peer, string codec, TimeSpan maxPacketTime)
        {
        }

        public void AudioReceived(IMediaPeer peer, uint source, ushort sequence, uint timestamp, ReadOnlySpan<byte> payload, byte? level)
        {
        }

        public void DtmfReceived(IMediaPeer peer, char digit)
        {
        }

        public void PortOpened(IMediaPeer peer)
        {
        }

        public void PortClosed(IMediaPeer peer)
        {
        }

        public void MessageReceived(IMediaPeer peer, ReadOnlySpan<byte> message, bool binary)
        {
        }

        public void PortWritable(IMediaPeer peer)
        {
        }
    }

    private static void WriteRole(string roles)
    {
        var folder = Directory.CreateDirectory(Path.Combine(roles, "marked")).FullName;
        File.WriteAllText(Path.Combine(folder, "role.yaml"), """
            name: Marked
            description: A role of a test.
            greeting: true
            dtmf: page
            tools:
              - { name: save, target: server, description: Saves a note. }

            """);
        File.WriteAllText(Path.Combine(folder, "agent.instruct"), "MARKERinstructions\n");
        File.WriteAllText(Path.Combine(folder, "recap.instruct"), "MARKERrecap\n");
        File.WriteAllText(Path.Combine(folder, "rehearsal.yaml"), """
            greeting: MARKERgreeting.
            recap: MARKERsummary
            rules:
              - when: [markertext]
                say: MARKERsaid.
                call:
                  - name: save
                    arguments: { text: MARKERargument }
                then: MARKERend.

            """);
    }
}
