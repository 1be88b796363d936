using System.Collections.Concurrent;
using System.Diagnostics;
using Bridge.Access;
using Bridge.Calls;
using Bridge.Rtc.Dtls;
using Bridge.Testing.Lab;
using Microsoft.Extensions.Logging;

namespace Bridge.Tests.Access;

/// <summary>A stranger who opens calls by a script, from one address.</summary>
public sealed class StrangerTests
{
    private const string Key = "a-key-of-the-tests-with-32-characters-or-more";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_hundred_joins_from_one_address_leave_room_and_a_ticket_holder_gets_in_at_once()
    {
        await using var host = await RunningHost.StartAsync(("Access:Mode", "open"), ("Access:Key", Key), ("MaxCalls", "50"));
        var registry = host.Get<CallRegistry>();
        var stranger = await HubClient.ConnectAsync(host.Address, Cancellation);
        var refusals = new List<string>();
        for (var i = 0; i < 200; i++)
        {
            if ((await stranger.InvokeAsync("Join", new { role = "demo" }, Cancellation)).Error is { } error)
            {
                refusals.Add(error);
            }
        }

        // Of 50 lines strangers may have 45, one address 40, whatever bucket of joins it has.
        Assert.InRange(registry.Calls.Count(), 1, 40);
        Assert.True(refusals.Count >= 160, $"{refusals.Count} were refused.");
        Assert.All(refusals, refusal => Assert.Matches(@"too_many: .+ \(retryAfter: \d+\)$", refusal));

        var watch = Stopwatch.StartNew();
        var ticket = TicketMint.Mint(new TicketRequest("ada"), Key, null, DateTimeOffset.UtcNow).Ticket;
        await using var guest = await HubClient.ConnectAsync(host.Address, Cancellation, ticket);
        var (joined, none) = await guest.InvokeAsync("Join", new { role = "demo" }, Cancellation);
        Assert.Null(none);
        TestContext.Current.SendDiagnosticMessage($"The ticket holder was in after {watch.ElapsedMilliseconds} ms.");

        // What was never offered goes with the connection that held it.
        var held = registry.Calls.Where(call => call.Id != joined.GetProperty("callId").GetString()).Select(call => call.Ended).ToArray();
        await stranger.DisposeAsync();
        await Task.WhenAll(held).WaitAsync(TimeSpan.FromSeconds(30), Cancellation);
        while (registry.Calls.Count() > 1)
        {
            Cancellation.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        Assert.Equal(joined.GetProperty("callId").GetString(), Assert.Single(registry.Calls).Id);
    }

    [Fact]
    public async Task A_conversation_in_progress_keeps_its_audio_while_a_stranger_joins_two_hundred_times()
    {
        await using var host = await RunningHost.StartAsync(("Lab", "true"), ("Loopback", "true"));
        using var identity = OpenSslIdentity.Create();
        using var caller = new LabClient(identity);
        var heard = 0;
        caller.Heard = (_, _) => Interlocked.Increment(ref heard);
        await caller.ConnectAsync(host.Address, "rtp");
        await using var stranger = await HubClient.ConnectAsync(host.Address, Cancellation);
        var sent = 0;
        var refused = 0;
        for (var i = 0; i < 200; i++)
        {
            refused += (await stranger.InvokeAsync("Join", new { role = "demo" }, Cancellation)).Error is null ? 0 : 1;
            sent += caller.SendAudio([0xF8, 0xFF, 0xFE], (uint)i * 960) ? 1 : 0;
        }

        Assert.True(refused >= 160, $"{refused} were refused.");
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (Volatile.Read(ref heard) < sent * 9 / 10)
        {
            await Task.Delay(1, patience.Token);
        }

        Assert.Equal(200, sent);
        await caller.EndAsync();
    }

    [Fact]
    public async Task An_address_holds_so_many_connections_and_a_caller_with_a_ticket_gets_one_more()
    {
        await using var host = await RunningHost.StartAsync(
            ("Access:Mode", "open"), ("Access:Key", Key), ("Limits:ConnectionsPerAddress", "3"));
        var held = new List<HubClient>();
        for (var i = 0; i < 3; i++)
        {
            held.Add(await HubClient.ConnectAsync(host.Address, Cancellation));
        }

        var refused = await Assert.ThrowsAsync<System.Net.WebSockets.WebSocketException>(
            () => HubClient.ConnectAsync(host.Address, Cancellation));
        Assert.Contains("429", refused.Message);
        var ticket = TicketMint.Mint(new TicketRequest("ada"), Key, null, DateTimeOffset.UtcNow).Ticket;
        await using (var guest = await HubClient.ConnectAsync(host.Address, Cancellation, ticket))
        {
            Assert.Null((await guest.InvokeAsync("Join", new { role = "demo" }, Cancellation)).Error);
        }

        await held[0].DisposeAsync();
        while (true)
        {
            // The place is free once the host has seen the end of the connection.
            try
            {
                await using var next = await HubClient.ConnectAsync(host.Address, Cancellation);
                break;
            }
            catch (System.Net.WebSockets.WebSocketException)
            {
                await Task.Delay(5, Cancellation);
            }
        }

        foreach (var hub in held.Skip(1))
        {
            await hub.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_refused_join_is_one_line_at_information_and_no_error()
    {
        await using var host = await RunningHost.StartAsync();
        var log = new Lines();
        host.Get<ILoggerFactory>().AddProvider(log);
        await using var hub = await HubClient.ConnectAsync(host.Address, Cancellation);
        for (var i = 0; i < 20; i++)
        {
            Assert.Contains("unknown_role:", (await hub.InvokeAsync("Join", new { role = "nope" }, Cancellation)).Error);
        }

        Assert.Equal(20, log.Written.Count(line => line == (LogLevel.Information, "Hub request JoinRequest refused: unknown_role")));
        Assert.DoesNotContain(log.Written, line => line.Level >= LogLevel.Warning);
    }

    private sealed class Lines : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<(LogLevel Level, string Text)> Written { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Written.Enqueue((logLevel, formatter(state, exception)));

        public void Dispose()
        {
        }
    }
}
