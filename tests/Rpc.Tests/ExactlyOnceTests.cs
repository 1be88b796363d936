using System.Text.Json;

namespace Bridge.Rpc.Tests;

public sealed class ExactlyOnceTests
{
    [Fact]
    public async Task A_call_whose_answer_was_lost_is_answered_from_the_journal()
    {
        var pair = new Pair();
        var runs = 0;
        pair.Page.HandleOnce("tool/call", (_, _) => ValueTask.FromResult<object?>(++runs));
        var call = pair.Server.RequestAsync("tool/call", new { name = "add_item" }, new RpcRequestOptions { CallId = "call_4" });
        Assert.True(pair.DeliverOne());
        Assert.Single(pair.FromPage.Sent);
        pair.Cut();

        pair.Connect();
        Assert.Equal(
            """{"jsonrpc":"2.0","id":1,"method":"tool/call","params":{"name":"add_item","callId":"call_4"}}""",
            Assert.Single(pair.FromServer.Sent));
        pair.Deliver();
        Assert.Equal(1, (await call).GetInt32());
        Assert.Equal(1, runs);
        Assert.Equal(1, pair.Server.Stats.Resent);
        Assert.Equal(1, pair.Page.Journal.AnsweredCount);

        // The last acknowledgement may have been lost, too: it is said again first.
        pair.Cut();
        pair.Connect();
        Assert.Equal("""{"jsonrpc":"2.0","method":"$/acknowledge","params":{"callIds":["call_4"]}}""", Assert.Single(pair.FromServer.Sent));
    }

    [Fact]
    public async Task A_call_that_still_runs_is_joined_and_answered_on_the_new_channel()
    {
        var pair = new Pair();
        var source = new TaskCompletionSource<object?>();
        var progress = new List<int>();
        OnceContext? context = null;
        pair.Page.HandleOnce("tool/call", (_, given) =>
        {
            Assert.Null(context);
            context = given;
            return new ValueTask<object?>(source.Task);
        });
        var call = pair.Server.RequestAsync(
            "tool/call",
            null,
            new RpcRequestOptions
            {
                CallId = "call_1",
                Progress = new CancelAndProgressTests.Seen(value => progress.Add(value.GetInt32())),
            });
        pair.Deliver();
        pair.Cut();
        Assert.False(context!.Report(1));
        pair.Time.Advance(60_000);
        pair.Connect();
        pair.Deliver();
        pair.Time.Advance(100);
        Assert.Contains("$/received", Assert.Single(pair.FromPage.Sent));
        Assert.True(context.Report(2));
        source.SetResult("done");
        pair.Deliver();
        Assert.Equal("done", (await call).GetString());
        Assert.Equal([2], progress);
    }

    [Fact]
    public void An_answer_to_the_old_page_never_reaches_the_new_one_whose_ids_mean_something_else()
    {
        var pair = new Pair();
        var sources = new List<TaskCompletionSource<object?>>();
        pair.Server.Handle("page/text", (_, _) =>
        {
            sources.Add(new TaskCompletionSource<object?>());
            return new ValueTask<object?>(sources[^1].Task);
        });
        pair.Server.Receive("""{"jsonrpc":"2.0","id":1,"method":"page/text"}"""u8);
        pair.Cut();
        pair.Connect();
        pair.Server.Receive("""{"jsonrpc":"2.0","id":1,"method":"page/text"}"""u8);
        Assert.Equal(2, pair.Server.Stats.IncomingRequests);
        sources[0].SetResult("for the old page");
        Assert.Empty(pair.FromServer.Sent);
        sources[1].SetResult("for the new one");
        Assert.Equal("""{"jsonrpc":"2.0","id":1,"result":"for the new one"}""", Assert.Single(pair.FromServer.Sent));
    }

    [Fact]
    public async Task A_new_page_with_the_old_journal_goes_on_where_the_old_page_was()
    {
        var journal = new OnceJournal();
        var pair = new Pair(journal: journal);
        var runs = 0;
        pair.Page.HandleOnce("tool/call", (_, _) => ValueTask.FromResult<object?>(++runs));
        var call = pair.Server.RequestAsync("tool/call", null, new RpcRequestOptions { CallId = "call_1" });
        pair.DeliverOne();
        pair.Cut();
        pair.Page = new PagePeer(new RpcOptions(), pair.Time, journal);
        pair.Page.HandleOnce("tool/call", (_, _) => ValueTask.FromResult<object?>(++runs));
        pair.Connect();
        pair.Deliver();
        Assert.Equal(1, (await call).GetInt32());
        Assert.Equal(1, runs);
        Assert.Equal(0, journal.Count);
    }

    [Fact]
    public async Task A_call_made_without_a_channel_waits_for_one_and_its_deadlines_with_it()
    {
        var pair = new Pair(attach: false);
        pair.Page.HandleOnce("tool/call", Pair.ReturnsOnce("late"));
        var call = pair.Server.RequestAsync("tool/call", null, new RpcRequestOptions { CallId = "call_1" });
        pair.Time.Advance(TimeSpan.FromHours(1));
        Assert.False(call.IsCompleted);
        pair.Connect();
        pair.Deliver();
        Assert.Equal("late", (await call).GetString());
        Assert.Equal(0, pair.Server.Stats.Resent);
    }

    [Fact]
    public async Task A_call_cancelled_while_there_is_no_channel_is_cancelled_at_the_page_after_the_rejoin()
    {
        var pair = new Pair();
        CancellationToken token = default;
        pair.Page.HandleOnce("tool/call", (_, context) =>
        {
            token = context.CancellationToken;
            return new ValueTask<object?>(new TaskCompletionSource<object?>().Task);
        });
        using var cancel = new CancellationTokenSource();
        var call = pair.Server.RequestAsync("tool/call", null, new RpcRequestOptions { CallId = "call_1" }, cancel.Token);
        pair.Deliver();
        pair.Cut();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        pair.Connect();
        pair.Deliver();
        Assert.True(token.IsCancellationRequested);
        Assert.DoesNotContain(pair.FromServer.Sent, message => message.Contains("tool/call"));
    }

    [Fact]
    public async Task The_same_call_id_twice_in_flight_is_refused_here()
    {
        var pair = new Pair();
        _ = pair.Server.RequestAsync("tool/call", null, new RpcRequestOptions { CallId = "a" });
        var error = await Assert.ThrowsAsync<RpcException>(
            () => pair.Server.RequestAsync("tool/call", null, new RpcRequestOptions { CallId = "a" }));
        Assert.Equal((RpcErrorCode.Duplicate, "in_use"), (error.Code, error.ErrorData.GetProperty("reason").GetString()));
    }

    /// <summary>
    /// The story of issue 6: calls that answer at once, later, with progress, with an error, or after asking back; the channel is cut
    /// after every n-th message and, in a second sweep, at every pair of moments. The page is the same one or a new one.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_channel_is_cut_at_every_message_boundary_and_nothing_is_lost_or_run_twice(bool reload)
    {
        var whole = await Play([], reload);
        Assert.InRange(whole, 40, 200);
        for (var first = 0; first <= whole; first++)
        {
            await Play([first], reload);
            for (var second = first; second <= whole; second += 3)
            {
                await Play([first, second], reload);
            }
        }
    }

    private static async Task<int> Play(int[] cuts, bool reload)
    {
        const int Calls = 10;
        var journal = new OnceJournal();
        var pair = new Pair(journal: journal);
        var runs = new Dictionary<string, int>();
        var open = new Queue<TaskCompletionSource<object?>>();
        var askedBack = 0;
        pair.Server.Handle("page/ping", (_, _) => ValueTask.FromResult<object?>(++askedBack));

        void Serve(PagePeer page) => page.HandleOnce("tool/call", async (parameters, context) =>
        {
            runs[context.CallId] = runs.GetValueOrDefault(context.CallId) + 1;
            var n = parameters.GetProperty("n").GetInt32();
            if (n % 5 == 1)
            {
                context.Report(new { kind = "report", message = "half" });
            }

            if (n % 5 == 3)
            {
                throw new RpcException((RpcErrorCode)(-32050), "no " + n);
            }

            if (n % 5 == 4)
            {
                page.Notify("page/speech", new { active = true });
                _ = page.RequestAsync("page/ping", null).ContinueWith(task => task.Exception, TaskScheduler.Default);
            }

            if (n % 5 != 0)
            {
                // Without ConfigureAwait and with a source that runs continuations inline: it goes on when the test says so, on its thread.
                var source = new TaskCompletionSource<object?>();
                open.Enqueue(source);
                await source.Task.ConfigureAwait(false);
            }

            return n * 10;
        });

        Serve(pair.Page);
        var answers = new List<Task<JsonElement>>();
        for (var n = 0; n < Calls; n++)
        {
            answers.Add(pair.Server.RequestAsync("tool/call", new { n }, new RpcRequestOptions
            {
                CallId = "call_" + n,
                Progress = n % 5 == 1 ? new CancelAndProgressTests.Seen(_ => { }) : null,
            }));
            if (n % 3 == 0)
            {
                pair.Server.Notify("call/state", new { state = "thinking" });
            }
        }

        var toCut = new Queue<int>(cuts);
        while (true)
        {
            if (toCut.TryPeek(out var next) && pair.Delivered >= next)
            {
                toCut.Dequeue();
                pair.Cut();
                if (reload)
                {
                    pair.Page = new PagePeer(new RpcOptions(), pair.Time, journal);
                    Serve(pair.Page);
                }

                pair.Connect();
            }

            if (!pair.DeliverOne())
            {
                if (!open.TryDequeue(out var source))
                {
                    break;
                }

                source.SetResult(null);
            }
        }

        var where = $"cuts {string.Join(',', cuts)}, reload {reload}";
        for (var n = 0; n < Calls; n++)
        {
            Assert.True(answers[n].IsCompleted, $"call {n} is lost: {where}");
            Assert.True(runs["call_" + n] == 1, $"call {n} ran {runs["call_" + n]} times: {where}");
            if (n % 5 == 3)
            {
                Assert.Equal("no " + n, (await Assert.ThrowsAsync<RpcException>(() => answers[n])).Message);
            }
            else
            {
                Assert.Equal(n * 10, (await answers[n]).GetInt32());
            }
        }

        Assert.True(journal.Count == 0, $"{journal.Count} results are kept for nobody: {where}");
        Assert.Equal(0, pair.Server.Stats.PendingRequests);
        return pair.Delivered;
    }
}
