using System.Net.WebSockets;
using System.Text;
using Bridge.Realtime.Live;
using Bridge.Realtime.Model;
using Bridge.Realtime.OpenAi;
using Bridge.Realtime.Turns;

namespace Bridge.Realtime.Tests.Live;

/// <summary>Bytes that the steady audio of a full-duplex call allocates, both ways; of the microphone's none.</summary>
public sealed class LiveAllocationTests
{
    private const int Rounds = 1_000;
    private static readonly short[] Chunk = [.. Enumerable.Range(0, 480).Select(i => (short)(i * 50))];

    [Fact]
    public async Task From_the_microphones_chunk_to_the_socket_nothing_is_allocated()
    {
        var web = new KeepingSocket();
        await using var socket = new ModelSocket(
            web, web, ModelSocket.Queue(TimeSpan.FromSeconds(2), "session.input_audio.append"), TimeProvider.System,
            (_, _) => ValueTask.CompletedTask, () => { });
        await using var filler = new SilenceFiller(TimeProvider.System, pcm => socket.TryAppendAudio(pcm));
        socket.Start();

        // The thread that brings audio writes it, once the sender waits for some.
        while (web.Thread != Environment.CurrentManagedThreadId)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            filler.TryAppend(Chunk);
            Thread.Yield();
        }

        var sent = web.Sent;
        Assert.Equal(0, Measure(() => filler.TryAppend(Chunk)));
        Assert.Equal(sent + Rounds + 1, web.Sent);
        Assert.StartsWith("""{"type":"session.input_audio.append","audio":"AAAyAGQA""", web.Last, StringComparison.Ordinal);
    }

    [Fact]
    public void A_delta_of_silence_costs_nothing()
    {
        var lab = Lab();
        var (reader, message, commands) = (new LiveEventReader(TimeProvider.System), Message(0), new List<TurnCommand>(8));
        var input = new TurnInput.ModelEventReceived(lab.Current, reader.Read(message));
        lab.Machine.Handle(lab.Now, input, commands);
        var each = Measure(() =>
        {
            reader.Read(message);
            lab.Machine.Handle(lab.Now, input, commands);
        }) / Rounds;

        Assert.Equal(0, each);
        Assert.Empty(commands);
    }

    [Fact]
    public void A_delta_of_speech_costs_its_sound_and_three_small_objects_up_to_the_playout()
    {
        var lab = Lab();
        var (reader, message, commands) = (new LiveEventReader(TimeProvider.System), Message(7), new List<TurnCommand>(2 * Rounds));
        for (var i = 0; i < 20; i++)
        {
            lab.Machine.Handle(lab.Now, new TurnInput.ModelEventReceived(lab.Current, reader.Read(message)), commands);
        }

        commands.Clear();
        var each = Measure(() =>
            lab.Machine.Handle(lab.Now, new TurnInput.ModelEventReceived(lab.Current, reader.Read(message)), commands)) / Rounds;

        // 4,800 bytes of PCM; the event, the event of its utterance, the command, and what the driver wraps around an event.
        Assert.InRange(each, 4_800, 5_150);
        Assert.Equal(Rounds + 1, commands.OfType<TurnCommand.PlayAudio>().Count());
    }

    private static LiveLab Lab()
    {
        var lab = new LiveLab(LiveLab.Options(true));
        lab.Start();
        return lab;
    }

    private static byte[] Message(byte sample)
    {
        var pcm = new byte[4800];
        Array.Fill(pcm, sample);
        return Encoding.UTF8.GetBytes($$"""{"type":"session.output_audio.delta","delta":"{{Convert.ToBase64String(pcm)}}"}""");
    }

    private static long Measure(Action round)
    {
        round();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Rounds; i++)
        {
            round();
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    /// <summary>A socket that takes everything at once and keeps what was sent last.</summary>
    private sealed class KeepingSocket : WebSocket
    {
        private readonly TaskCompletionSource<WebSocketReceiveResult> _closed = new();
        private readonly byte[] _last = new byte[4096];
        private volatile int _length;
        private volatile int _thread;
        private volatile int _sent;

        public int Sent => _sent;

        /// <summary>The thread that sent last.</summary>
        public int Thread => _thread;

        public string Last => Encoding.UTF8.GetString(_last, 0, _length);

        public override WebSocketCloseStatus? CloseStatus => null;

        public override string? CloseStatusDescription => null;

        public override WebSocketState State => WebSocketState.Open;

        public override string? SubProtocol => null;

        public override ValueTask SendAsync(
            ReadOnlyMemory<byte> buffer, WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken)
        {
            buffer.Span.CopyTo(_last);
            (_length, _thread) = (buffer.Length, Environment.CurrentManagedThreadId);
            _sent++;
            return ValueTask.CompletedTask;
        }

        public override Task<WebSocketReceiveResult> ReceiveAsync(ArraySegment<byte> buffer, CancellationToken cancellationToken) =>
            _closed.Task.WaitAsync(cancellationToken);

        public override Task SendAsync(
            ArraySegment<byte> buffer, WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken) =>
            SendAsync(buffer.AsMemory(), messageType, endOfMessage, cancellationToken).AsTask();

        public override Task CloseAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) =>
            Task.CompletedTask;

        public override Task CloseOutputAsync(
            WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) => Task.CompletedTask;

        public override void Abort() => _closed.TrySetCanceled();

        public override void Dispose()
        {
        }
    }
}
