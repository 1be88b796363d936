namespace Bridge.Rpc.Tests;

/// <summary>Real threads and real time: what the stories in virtual time can not see.</summary>
public sealed class ManyThreadsTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private static RpcRequestOptions Patient(string callId) => new() { CallId = callId, AckDeadline = Minute, ResponseDeadline = Minute };

    [Fact]
    public async Task Callers_on_many_threads_while_the_channel_comes_and_goes_lose_nothing_and_run_nothing_twice()
    {
        const int Callers = 4;
        const int CallsEach = 400;
        await using var link = new PageLink(TimeProvider.System);
        var runs = new int[Callers * CallsEach];
        link.Server.Handle("page/ping", (_, _) => ValueTask.FromResult<object?>(true));
        link.Page.HandleOnce("tool/call", async (parameters, context) =>
        {
            var n = parameters.GetProperty("n").GetInt32();
            Interlocked.Increment(ref runs[n]);
            switch (n % 4)
            {
                case 1:
                    await Task.Yield();
                    break;
                case 2:
                    await Task.Delay(1, context.CancellationToken);
                    break;
                case 3:
                    try
                    {
                        await context.Peer.RequestAsync("page/ping", null);
                    }
                    catch (RpcException)
                    {
                        // The channel went meanwhile; that request was not a once-only one.
                    }

                    break;
            }

            return n;
        });

        using var done = new CancellationTokenSource();
        var cutting = Task.Run(async () =>
        {
            var random = new Random(7);
            while (!done.IsCancellationRequested)
            {
                await Task.Delay(random.Next(1, 8));
                link.Cut();
                await Task.Delay(random.Next(0, 3));
                link.Connect();
            }
        });

        await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            var open = new Queue<(int N, Task<System.Text.Json.JsonElement> Answer)>();
            for (var i = 0; i < CallsEach; i++)
            {
                var n = (caller * CallsEach) + i;
                open.Enqueue((n, link.Server.RequestAsync("tool/call", new { n }, Patient("call_" + n))));
                if (open.Count > 50)
                {
                    var (first, answer) = open.Dequeue();
                    Assert.Equal(first, (await answer).GetInt32());
                }
            }

            foreach (var (n, answer) in open)
            {
                Assert.Equal(n, (await answer).GetInt32());
            }
        }))).WaitAsync(TimeSpan.FromSeconds(60));

        await done.CancelAsync();
        await cutting;
        Assert.All(runs, count => Assert.Equal(1, count));
        Assert.Equal(0, link.Server.Stats.PendingRequests);
    }

    [Fact]
    public async Task A_port_may_pause_and_resume_the_peer_from_under_the_lock_that_its_sending_takes()
    {
        var port = new LockingPort();
        await using var peer = new RpcPeer(new RpcOptions(), TimeProvider.System);
        peer.Attach(port);
        var sending = Task.Run(() =>
        {
            for (var i = 0; i < 20_000; i++)
            {
                peer.Notify("n", null);
            }
        });
        var pausing = Task.Run(() =>
        {
            for (var i = 0; i < 20_000; i++)
            {
                lock (port)
                {
                    peer.Pause();
                    peer.Resume();
                }
            }
        });
        await Task.WhenAll(sending, pausing).WaitAsync(Minute);
        Assert.Equal(20_000, peer.Stats.MessagesSent);
    }

    private sealed class LockingPort : IMessagePort
    {
        public long BufferedAmount
        {
            get
            {
                lock (this)
                {
                    return 0;
                }
            }
        }

        public int MaxMessageSize => 262_144;

        public bool TrySend(ReadOnlySpan<byte> utf8)
        {
            lock (this)
            {
                return true;
            }
        }
    }

    [Fact]
    public async Task A_caller_that_gives_up_at_any_moment_leaves_nothing_behind()
    {
        await using var link = new PageLink(TimeProvider.System);
        link.Page.HandleOnce("tool/call", async (_, context) =>
        {
            await Task.Delay(1, context.CancellationToken);
            return 1;
        });
        var random = new Random(11);
        await Task.WhenAll(Enumerable.Range(0, 500).Select(async n =>
        {
            using var cancel = new CancellationTokenSource(TimeSpan.FromMilliseconds(random.Next(0, 6)));
            try
            {
                await link.Server.RequestAsync("tool/call", null, Patient("call_" + n), cancel.Token);
            }
            catch (OperationCanceledException)
            {
            }
        })).WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(0, link.Server.Stats.PendingRequests);

        // One more round trip behind all of them: the page has then seen every acknowledgement, and its runs have ended.
        await link.Server.RequestAsync("tool/call", null, Patient("last")).WaitAsync(TimeSpan.FromSeconds(30));
        for (var i = 0; i < 1_000 && (link.Page.Stats.IncomingRequests > 0 || link.Page.Journal.Count > 0); i++)
        {
            await Task.Delay(5);
        }

        Assert.Equal(0, link.Page.Stats.IncomingRequests);
        Assert.Equal(0, link.Page.Journal.Count);
    }
}
