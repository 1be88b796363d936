using System.Text;
using Bridge.Realtime.OpenAi;

namespace Bridge.Realtime.Tests.OpenAi;

public class SendQueueTests
{
    private static readonly short[] Frame = [.. Enumerable.Range(0, 480).Select(i => (short)i)];

    [Fact]
    public void Audio_is_framed_as_an_append()
    {
        var queue = new SendQueue(2000, 10);
        Assert.True(queue.TryAudio(Frame, 0));
        Assert.True(queue.TryTake(out var entry));
        using var document = System.Text.Json.JsonDocument.Parse(entry.Buffer.AsMemory(0, entry.Length));
        Assert.Equal("input_audio_buffer.append", document.RootElement.GetProperty("type").GetString());
        Assert.Equal(
            System.Runtime.InteropServices.MemoryMarshal.AsBytes<short>(Frame).ToArray(),
            document.RootElement.GetProperty("audio").GetBytesFromBase64());
    }

    [Fact]
    public void Audio_in_a_steady_stream_costs_no_garbage()
    {
        var queue = new SendQueue(2000, 10);
        for (var i = 0; i < 100; i++)
        {
            Pass(queue);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            Pass(queue);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static void Pass(SendQueue queue)
    {
        queue.TryAudio(Frame, 0);
        if (queue.TryTake(out var entry))
        {
            queue.Return(entry);
        }
    }

    [Fact]
    public void A_stalled_socket_loses_the_oldest_audio_and_no_command()
    {
        var queue = new SendQueue(audioBoundMilliseconds: 200, commandBound: 100);
        for (var i = 0; i < 50; i++)
        {
            Assert.True(queue.TryAudio(Frame, i));
            if (i % 10 == 0)
            {
                Assert.True(queue.TryCommand(Encoding.UTF8.GetBytes($"c{i}"), 2, null));
            }
        }

        var (audio, commands) = (new List<long>(), 0);
        while (queue.TryTake(out var entry))
        {
            if (entry.Samples > 0)
            {
                audio.Add(entry.Timestamp);
            }
            else
            {
                commands++;
            }
        }

        Assert.Equal(Enumerable.Range(40, 10).Select(i => (long)i), audio);
        Assert.Equal(5, commands);
        Assert.Equal(40 * 480, queue.DroppedSamples);
    }

    [Fact]
    public void Commands_and_audio_leave_in_the_order_of_the_calls()
    {
        var queue = new SendQueue(2000, 10);
        queue.TryAudio(Frame, 1);
        queue.TryCommand([1], 1, null);
        queue.TryAudio(Frame, 2);
        queue.TryTake(out var a);
        queue.TryTake(out var b);
        queue.TryTake(out var c);
        Assert.Equal((1L, 0, 2L), (a.Timestamp, b.Samples, c.Timestamp));
    }

    [Fact]
    public void Audio_is_taken_by_the_thread_that_brought_it_and_a_command_by_another()
    {
        var queue = new SendQueue(2000, 10);
        using var taken = new ManualResetEventSlim();
        var thread = 0;
        _ = AwaitAsync();
        queue.TryAudio(Frame, 0);
        Assert.Equal((true, Environment.CurrentManagedThreadId), (taken.IsSet, thread));

        taken.Reset();
        queue.TryTake(out _);
        _ = AwaitAsync();
        var bringing = new Thread(() => queue.TryCommand([1], 1, null));
        bringing.Start();
        bringing.Join();
        taken.Wait(TestContext.Current.CancellationToken);
        Assert.NotEqual(bringing.ManagedThreadId, thread);

        // A continuation of the wait runs on the thread that ended it, or on the pool.
        async Task AwaitAsync()
        {
            await queue.WaitAsync().ConfigureAwait(false);
            thread = Environment.CurrentManagedThreadId;
            taken.Set();
        }
    }

    [Fact]
    public async Task The_waiting_side_is_woken_by_an_entry_and_by_the_end()
    {
        var queue = new SendQueue(2000, 1);
        var waiting = queue.WaitAsync();
        Assert.False(waiting.IsCompleted);
        queue.TryCommand([1], 1, null);
        Assert.True(await waiting);
        Assert.False(queue.TryCommand([1], 1, null));
        queue.Close();
        Assert.True(await queue.WaitAsync());
        queue.TryTake(out _);
        Assert.False(await queue.WaitAsync());
        Assert.False(queue.TryAudio(Frame, 0));
    }
}
