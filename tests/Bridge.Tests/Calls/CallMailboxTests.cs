using System.Globalization;
using Bridge.Calls;
using Bridge.Realtime.Turns;

namespace Bridge.Tests.Calls;

/// <summary>The order and the threads of what comes into a call.</summary>
public sealed class CallMailboxTests
{
    [Fact]
    public async Task An_event_of_the_model_is_handled_by_the_thread_that_delivers_it()
    {
        var mailbox = new CallMailbox();
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = 0;
        mailbox.Start(() =>
        {
            while (mailbox.TryTake(out _))
            {
                thread = Environment.CurrentManagedThreadId;
                mailbox.Handled();
            }

            started.TrySetResult();
            return true;
        });
        await started.Task;
        SpinWait.SpinUntil(() => mailbox.IsIdle);

        // A thread of its own: no thread of the pool can have its number.
        var delivering = 0;
        var own = new Thread(() =>
        {
            delivering = Environment.CurrentManagedThreadId;
            mailbox.DeliverAsync(new TurnInput.PageInterrupt()).AsTask().Wait();
        });
        own.Start();
        own.Join();

        Assert.Equal(delivering, thread);
        Assert.Equal(0, mailbox.Pending);
    }

    [Fact]
    public async Task Inputs_of_many_threads_are_handled_once_one_at_a_time_and_in_the_order_of_each()
    {
        const int Writers = 6;
        const int Each = 5_000;
        var mailbox = new CallMailbox();
        var inside = 0;
        var crossed = 0;
        var disordered = 0;
        var taken = 0;
        var last = new int[Writers];
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        mailbox.Start(() =>
        {
            crossed += Interlocked.Increment(ref inside) - 1;
            while (mailbox.TryTake(out var input))
            {
                if (input is TurnInput.PageText { Text: { } text })
                {
                    var numbers = text.Split(' ').Select(part => int.Parse(part, CultureInfo.InvariantCulture)).ToArray();
                    var (writer, number) = (numbers[0], numbers[1]);
                    disordered += number == last[writer] + 1 ? 0 : 1;
                    last[writer] = number;
                    if (++taken == Writers * Each)
                    {
                        all.SetResult();
                    }
                }

                mailbox.Handled();
            }

            Interlocked.Decrement(ref inside);
            return true;
        });

        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            for (var number = 1; number <= Each; number++)
            {
                var input = new TurnInput.PageText($"{writer} {number}");
                switch (writer % 3)
                {
                    case 0:
                        await mailbox.DeliverAsync(input);
                        break;
                    case 1:
                        await mailbox.PostAsync(input);
                        break;
                    default:
                        // Never more than the mailbox holds: this one may not wait.
                        SpinWait.SpinUntil(() => mailbox.Pending < 1_000);
                        mailbox.Post(input);
                        break;
                }

                mailbox.Wake();
            }
        }, TestContext.Current.CancellationToken)));
        await all.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        Assert.Equal((0, 0, Writers * Each), (crossed, disordered, taken));
        Assert.Null(mailbox.Overrun);
    }

    [Fact]
    public async Task Nothing_is_handled_after_the_end()
    {
        var mailbox = new CallMailbox();
        var rounds = 0;
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        mailbox.Post(new TurnInput.PageInterrupt());
        mailbox.Start(() =>
        {
            rounds++;
            if (!mailbox.IsClosed)
            {
                return true;
            }

            ended.TrySetResult();
            return false;
        });
        mailbox.Complete();
        await ended.Task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        var before = rounds;

        await mailbox.DeliverAsync(new TurnInput.PageInterrupt());
        await mailbox.PostAsync(new TurnInput.PageInterrupt());
        mailbox.Post(new TurnInput.PageInterrupt());
        mailbox.Wake();
        mailbox.Complete();

        Assert.Equal((before, 0), (rounds, mailbox.Pending));
        Assert.Null(mailbox.Overrun);
    }

    [Fact]
    public void A_mailbox_that_nobody_empties_runs_over_and_says_so()
    {
        var mailbox = new CallMailbox();

        for (var i = 0; i < 8_192; i++)
        {
            mailbox.Post(new TurnInput.PageInterrupt());
        }

        Assert.False(mailbox.IsClosed);
        mailbox.Post(new TurnInput.PageInterrupt());

        Assert.True(mailbox.IsClosed);
        Assert.NotNull(mailbox.Overrun);
        Assert.Equal(8_192, mailbox.Pending);
    }
}
