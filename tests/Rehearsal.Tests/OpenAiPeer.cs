using System.ClientModel;
using System.Runtime.InteropServices;
using OpenAI.Realtime;

namespace Bridge.Rehearsal.Tests;

/// <summary>The official OpenAI client, and everything it received, in order.</summary>
internal sealed class OpenAiPeer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly List<RealtimeServerUpdate> _updates = [];
    private readonly Lock _lock = new();
    private TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _over;

    private OpenAiPeer(RealtimeSessionClient client)
    {
        Client = client;
        Pump = PumpAsync();
    }

    public RealtimeSessionClient Client { get; }

    public Task Pump { get; }

    /// <summary>The failure that ended the pump; null after a close.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Messages the client could not parse; it goes on after each.</summary>
    public int Unreadable { get; private set; }

    public IReadOnlyList<RealtimeServerUpdate> Updates
    {
        get
        {
            lock (_lock)
            {
                return [.. _updates];
            }
        }
    }

    public static async Task<OpenAiPeer> ConnectAsync(RehearsalHost host, string model = "rehearsal/test")
    {
        var client = new RealtimeClient(new ApiKeyCredential("test"), new RealtimeClientOptions { Endpoint = host.Endpoint });
        return new OpenAiPeer(await client.StartConversationSessionAsync(model, cancellationToken: TestContext.Current.CancellationToken));
    }

    /// <summary>Waits for the <paramref name="count"/>th update of a type; the test fails when it does not come.</summary>
    public async Task<T> NextAsync<T>(int count = 1)
        where T : RealtimeServerUpdate
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        while (true)
        {
            Task arrived;
            lock (_lock)
            {
                var found = _updates.OfType<T>().Skip(count - 1).FirstOrDefault();
                if (found is not null)
                {
                    return found;
                }

                Assert.False(_over, $"The session ended before a {typeof(T).Name} came: {Failure}. Seen: {Kinds()}");
                arrived = _arrived.Task;
            }

            try
            {
                await arrived.WaitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"No {typeof(T).Name} came. Seen: {Kinds()}");
            }
        }
    }

    /// <summary>Sends audio paced as a microphone does, 20 ms a message.</summary>
    public async Task SpeakAsync(short[] pcm)
    {
        using var clock = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        for (var at = 0; at < pcm.Length; at += 480)
        {
            var frame = MemoryMarshal.AsBytes(pcm.AsSpan(at, Math.Min(480, pcm.Length - at))).ToArray();
            await Client.SendInputAudioAsync(BinaryData.FromBytes(frame), TestContext.Current.CancellationToken);
            await clock.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Client.WebSocket.State == System.Net.WebSockets.WebSocketState.Open)
        {
            await Client.WebSocket.CloseOutputAsync(
                System.Net.WebSockets.WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        }

        await Pump;
        Client.Dispose();
    }

    private string Kinds() => string.Join(", ", Updates.Select(u => u.Kind.ToString()));

    private async Task PumpAsync()
    {
        var goOn = true;
        while (goOn)
        {
            goOn = false;
            try
            {
                await foreach (var update in Client.ReceiveUpdatesAsync(CancellationToken.None))
                {
                    Signal(() => _updates.Add(update));
                }
            }
            catch (System.Text.Json.JsonException)
            {
                // The socket stays open, and a new enumeration goes on.
                Unreadable++;
                goOn = true;
            }
            catch (Exception exception)
            {
                Failure = exception;
            }
        }

        Signal(() => _over = true);
    }

    private void Signal(Action change)
    {
        TaskCompletionSource arrived;
        lock (_lock)
        {
            change();
            arrived = _arrived;
            _arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        arrived.SetResult();
    }
}
