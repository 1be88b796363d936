using System.Globalization;
using System.Text;
using System.Text.Json;
using Bridge.Flights;
using Bridge.Realtime.Conversation;
using Bridge.Realtime.Flight;
using Bridge.Realtime.Model;
using Bridge.Records;
using Bridge.Records.Sql;
using Bridge.RehearsalHosting;
using Bridge.Tests.Stops;

namespace Bridge.Tests.Records;

/// <summary>
/// The real program, killed at random moments of scripted calls: nothing that was confirmed is lost, nothing is there twice,
/// every call is found, and a page that comes back goes on. Each host holds four calls, each at a point of its own: 5 kills are
/// 20 moments. BRIDGE_LONG=1 kills 200 hosts.
/// </summary>
public sealed class KillTests : IAsyncLifetime
{
    private const int Pairs = 2;
    private const string Role =
        """
        name: Waiter
        description: Takes orders.
        tools:
          - name: save
            target: server
        """;

    private const string Script =
        """
        rules:
          - when: [gyoza]
            call:
              - name: save
                arguments: { text: Gyoza. }
            then: It is saved, and what else would you like to eat with that?
        """;

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan NoGrace = TimeSpan.FromSeconds(1);

    private readonly string _folder = Directory.CreateTempSubdirectory("bridge-kill-").FullName;
    private RunningHost _model = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var role = Directory.CreateDirectory(Path.Combine(_folder, "roles", "waiter")).FullName;
        await File.WriteAllTextAsync(Path.Combine(role, "role.yaml"), Role + "\n", Cancellation);
        await File.WriteAllTextAsync(Path.Combine(role, "agent.instruct"), "Be brief.\n", Cancellation);
        await File.WriteAllTextAsync(Path.Combine(role, "rehearsal.yaml"), Script + "\n", Cancellation);
        _model = await RunningHost.StartAsync(("Roles", Path.Combine(_folder, "roles")), ("Data", Path.Combine(_folder, "model")));
    }

    public async ValueTask DisposeAsync()
    {
        await _model.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Nothing_confirmed_is_lost_nothing_is_doubled_and_every_call_goes_on_or_is_closed()
    {
        var seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"Seed {seed}");
        var random = new Random(seed);
        var rounds = Environment.GetEnvironmentVariable("BRIDGE_LONG") == "1" ? 200 : 5;
        var abandoned = new List<Order>();
        var finished = new List<Order>();
        var open = new List<Order>();
        var program = Start(Grace);
        try
        {
            for (var round = 0; round < rounds; round++)
            {
                var host = await program.AddressAsync(Cancellation);
                var returning = await BeginAsync(host, "returning", round);
                var leaving = await BeginAsync(host, "leaving", round);
                abandoned.AddRange(leaving);
                finished.AddRange(returning);
                open.AddRange([.. returning, .. leaving]);
                await Task.WhenAll(
                    [
                        .. open.Select(order => order.OrderAsync(after: TimeSpan.FromMilliseconds(random.Next(400)))),
                        KillAsync(program, open, after: TimeSpan.FromMilliseconds(random.Next(1_400))),
                    ]);
                program = Start(Grace);
                host = await program.AddressAsync(Cancellation);
                foreach (var order in returning)
                {
                    Assert.True(await order.ComesBackAsync(host), $"{order.Name}: {order.CallId} did not go on. {program.Output}");
                }

                await Task.WhenAll(returning.Select(order => order.FinishAsync()));
                await DisposeAsync(open);
            }

            // Those that left are nobody's for longer than any page is waited for.
            await program.DisposeAsync();
            program = Start(NoGrace);
            await using var store = new SqlCallStore(new SqliteDialect(Path.Combine(_folder, "data", "records.db")), TimeProvider.System);
            foreach (var order in finished)
            {
                order.Check(await WhenEndedAsync(store, order), "hangup");
            }

            foreach (var order in abandoned)
            {
                order.Check(await WhenEndedAsync(store, order), "interrupted");
            }

            Assert.DoesNotContain("fail:", program.Output, StringComparison.Ordinal);
            foreach (var order in finished.Concat(abandoned))
            {
                Replay(order, isFinished: finished.Contains(order));
            }
        }
        finally
        {
            await program.DisposeAsync();
            await DisposeAsync(open);
        }
    }

    private static async Task<Order[]> BeginAsync(Uri host, string what, int round)
    {
        var orders = new Order[Pairs];
        for (var i = 0; i < Pairs; i++)
        {
            orders[i] = await Order.BeginAsync(host, string.Create(CultureInfo.InvariantCulture, $"{what} {round}.{i}"));
        }

        return orders;
    }

    private static async Task DisposeAsync(List<Order> orders)
    {
        foreach (var order in orders)
        {
            await order.DisposeAsync();
        }

        orders.Clear();
    }

    private static async Task KillAsync(BridgeProgram program, List<Order> orders, TimeSpan after)
    {
        await Task.Delay(after, Cancellation);
        await program.DisposeAsync();
        foreach (var order in orders)
        {
            order.Stop();
        }
    }

    // What the killed process had written of a call runs again up to there, and what the next one wrote runs to its end.
    private void Replay(Order order, bool isFinished)
    {
        var files = new CallFiles(Path.Combine(_folder, "data", "files")).Find(order.CallId, FlightFile.Name, FlightFile.Ending);
        var ends = new List<FlightEnd>();
        foreach (var file in files)
        {
            if (!FlightReader.TryOpen(File.OpenRead(file), out var flight, out _))
            {
                Assert.True(new FileInfo(file).Length == 0, $"{order.Name}: {file} can't be read.");
                continue;
            }

            using (flight)
            {
                Assert.True(FlightReplay.TryBegin(flight, out var replay, out var refusal), refusal);
                while (flight.TryRead(out var step))
                {
                    var difference = replay.Take(step);
                    Assert.True(difference is null, $"{order.Name}: {difference}");
                }

                Assert.True(replay.Steps > 0 || flight.End == FlightEnd.Cut, $"{order.Name}: nothing was recorded.");
                ends.Add(flight.End!.Value);
            }
        }

        Assert.Equal(isFinished ? FlightEnd.Complete : FlightEnd.Cut, ends.LastOrDefault(isFinished ? FlightEnd.Damaged : FlightEnd.Cut));
    }

    private static async Task<CallRecord> WhenEndedAsync(SqlCallStore store, Order order)
    {
        while (true)
        {
            var record = await store.FindAsync(order.CallId, Cancellation);
            Assert.True(record is not null, $"{order.Name}: call {order.CallId} is not found.");
            if (record.Ended is not null)
            {
                return record;
            }

            await Task.Delay(50, Cancellation);
        }
    }

    private BridgeProgram Start(TimeSpan grace) => BridgeProgram.StartWith(
        _model.Get<RehearsalHost>().Endpoint("waiter"),
        Path.Combine(_folder, "roles"),
        Path.Combine(_folder, "data"),
        ("Bridge__FlightRecorder", "on"),
        ("Bridge__GraceSeconds", grace.TotalSeconds.ToString(CultureInfo.InvariantCulture)));

    /// <summary>A page that orders again and again, and keeps what was confirmed to it.</summary>
    private sealed class Order : IAsyncDisposable
    {
        private readonly List<string> _said = [];
        private readonly List<(string Note, string LastSaid)> _confirmed = [];
        private CancellationTokenSource _gone = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        private ProgramPage _page;

        private Order(ProgramPage page, string name) => (_page, Name, CallId) = (page, name, page.CallId);

        public string Name { get; }

        public string CallId { get; }

        public static async Task<Order> BeginAsync(Uri host, string name) =>
            new(await ProgramPage.CallAsync(host, "waiter", Cancellation), name);

        /// <summary>Orders until the host is gone.</summary>
        public async Task OrderAsync(TimeSpan after)
        {
            try
            {
                await Task.Delay(after, _gone.Token);
                while (true)
                {
                    await OrderOnceAsync(_gone.Token);
                }
            }
            catch (OperationCanceledException)
            {
                Cancellation.ThrowIfCancellationRequested();
            }
        }

        public void Stop() => _gone.Cancel();

        public async Task<bool> ComesBackAsync(Uri host)
        {
            var token = _page.ResumeToken;
            await _page.DisposeAsync();
            _gone.Dispose();
            _gone = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
            _page = await ProgramPage.CallAsync(host, "waiter", Cancellation, resumeToken: token);
            Assert.NotEqual(token, _page.ResumeToken);
            return _page.Resumed && _page.CallId == CallId;
        }

        /// <summary>Orders once more, and hangs up.</summary>
        public async Task FinishAsync()
        {
            await OrderOnceAsync(Cancellation);
            await _page.AskAsync("page/hangup", new { }, Cancellation);
            await _page.UntilToldAsync("call/ended", Cancellation);
        }

        public void Check(CallRecord record, string reason)
        {
            Assert.Equal((Name, reason), (Name, record.Reason));
            Assert.True(
                ConversationLog.TryParse(
                    Encoding.UTF8.GetBytes(record.Conversation?.GetRawText() ?? """{"version":1,"entries":[]}"""), out var log));
            var said = log.Items.Where(i => i.Kind == ModelItemKind.UserMessage).Select(i => i.Text).ToList();
            Assert.True(said.Count == said.Distinct().Count(), $"{Name}: said twice: {string.Join(", ", said)}");
            Assert.All(said, text => Assert.Contains(text, _said));
            Assert.True(record.Notes.Count <= _said.Count, $"{Name}: {record.Notes.Count} notes of {_said.Count} orders.");
            foreach (var (note, last) in _confirmed)
            {
                Assert.Single(record.Notes, n => n.Id == note);
                Assert.Contains(last, said);
            }

            var calls = log.Items.Where(i => i.Kind == ModelItemKind.FunctionCall).ToList();
            Assert.True(calls.Count <= _said.Count, $"{Name}: {calls.Count} calls for {_said.Count} orders.");
            var spoken = log.Items.Count(i => i.Kind == ModelItemKind.AgentMessage);
            Assert.True(spoken <= _said.Count, $"{Name}: {spoken} answers to {_said.Count} orders.");
        }

        public async ValueTask DisposeAsync()
        {
            await _page.DisposeAsync();
            _gone.Dispose();
        }

        private async Task OrderOnceAsync(CancellationToken cancellation)
        {
            var text = string.Create(CultureInfo.InvariantCulture, $"gyoza {_said.Count}");
            _said.Add(text);
            await _page.SayAsync(text, cancellation);
            while (true)
            {
                JsonElement note = await _page.UntilToldAsync("call/note", cancellation);
                var known = _confirmed.Exists(c => c.Note == note.GetProperty("id").GetString());
                _confirmed.Add((note.GetProperty("id").GetString()!, text));
                if (!known)
                {
                    return;
                }
            }
        }
    }
}
