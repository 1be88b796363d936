using System.Buffers;
using System.Net.WebSockets;
using System.Threading.Channels;
using Bridge.Roles;

namespace Bridge.Rehearsal;

/// <summary>
/// One WebSocket and its session. A reader task feeds a bounded inbox, one loop owns the session: messages, spoken
/// lines and fault changes come in, due work is done on time, outputs go out in order.
/// </summary>
internal sealed class RehearsalConnection(
    WebSocket socket, IScriptedSession session, SpeechCache voice, TimeProvider time, TimeSpan sendTimeout)
{
    // 15 MiB of audio in base64, and room for the rest of the event.
    private const int MaxMessageBytes = 21 * 1024 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    // A socket that is disposed with bytes of the client unread is reset, and the close code is lost on its way.
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(10);
    private readonly Channel<object> _inbox = Channel.CreateBounded<object>(64);
    private readonly long _start = time.GetTimestamp();
    private RehearsalFaults? _change;
    private bool _gone;

    /// <summary>The script to go on with, given the one the session has.</summary>
    public required Func<RehearsalScript, RehearsalScript> Edited { get; init; }

    private TimeSpan Now => time.GetElapsedTime(_start);

    /// <summary>The server that is played; null: OpenAI's.</summary>
    public ServerGuise? Guise { get; init; }

    /// <summary>Says that another session has the only place, and closes with 1008.</summary>
    public async Task RefuseSecondAsync(CancellationToken token)
    {
        await SendAsync(
            """{"type":"error","event_id":"event_guise","error":{"type":"session_limit_reached","message":"All 1 session slots are in use."}}"""u8.ToArray(),
            token).ConfigureAwait(false);
        await CloseAsync(1008, "All session slots are in use").ConfigureAwait(false);
    }

    /// <summary>Changes the faults of the running session; any thread.</summary>
    public void Change(RehearsalFaults faults)
    {
        Volatile.Write(ref _change, faults);
        // When it does not fit, the loop is awake anyway.
        _inbox.Writer.TryWrite(Wake.Instance);
    }

    /// <summary>Says why there will be no session, and closes with 4000.</summary>
    public static async Task RefuseAsync(WebSocket socket, ServiceError error, CancellationToken token)
    {
        var events = new ServerEvents(new RehearsalIds((ulong)error.Message.Length));
        events.Error(error, null);
        try
        {
            while (events.TryTake(out var output))
            {
                if (output is RehearsalOutput.Send(var utf8))
                {
                    await socket.SendAsync(utf8, WebSocketMessageType.Text, true, token).ConfigureAwait(false);
                }
            }
        }
        catch (Exception exception) when (IsGone(exception) || exception is OperationCanceledException)
        {
            // The client did not wait for the answer.
            return;
        }

        await CloseAsync(socket, 4000, $"{ServiceError.InvalidRequest}.{error.Code}", TimeProvider.System).ConfigureAwait(false);
    }

    public async Task RunAsync(CancellationToken shutdown)
    {
        // Cancelling a send or a receive aborts the socket. A shutdown only ends the waiting, so that the close frame can
        // still be sent; a client that does not take it is given up after a while.
        using var stop = new CancellationTokenSource();
        using var late = shutdown.Register(() => stop.CancelAfter(Patience));
        session.Open(Now, time.GetUtcNow());
        var reading = ReadAsync(stop.Token);
        try
        {
            await LoopAsync(shutdown, stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (shutdown.IsCancellationRequested)
        {
            await CloseAsync(1001, "The server is shutting down.").ConfigureAwait(false);
        }
        finally
        {
            if (socket.State == WebSocketState.CloseSent)
            {
                // The client's own close frame is waited for, a little.
                await Task.WhenAny(reading, Task.Delay(Farewell, time, CancellationToken.None)).ConfigureAwait(false);
            }

            await stop.CancelAsync().ConfigureAwait(false);
            _inbox.Writer.TryComplete();
            await reading.ConfigureAwait(false);
        }
    }

    private async Task LoopAsync(CancellationToken shutdown, CancellationToken token)
    {
        // One timer for the session's life: it puts a wake-up into the inbox, so that waiting is waiting for the inbox.
        await using var timer = time.CreateTimer(
            static inbox => ((ChannelWriter<object>)inbox!).TryWrite(Wake.Instance),
            _inbox.Writer, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        TimeSpan? armed = null;
        while (true)
        {
            shutdown.ThrowIfCancellationRequested();
            if (Interlocked.Exchange(ref _change, null) is { } faults)
            {
                session.Faults = faults;
            }

            session.Script = Edited(session.Script);
            var deadline = session.Advance(Now);
            while (session.TryTake(out var output))
            {
                await CarryOutAsync(output, token).ConfigureAwait(false);
            }

            if (session.Ended || _gone)
            {
                return;
            }

            if (!_inbox.Reader.TryRead(out var input))
            {
                var left = (deadline ?? TimeSpan.MaxValue) - Now;
                if (left <= TimeSpan.Zero)
                {
                    continue;
                }

                if (armed != deadline)
                {
                    armed = deadline;
                    timer.Change(deadline is null ? Timeout.InfiniteTimeSpan : Rounded(left), Timeout.InfiniteTimeSpan);
                }

                if (!await _inbox.Reader.WaitToReadAsync(shutdown).ConfigureAwait(false))
                {
                    return;
                }

                continue;
            }

            switch (input)
            {
                case Message message:
                    await ReceiveAsync(message.Utf8.AsMemory(0, message.Length), token).ConfigureAwait(false);
                    ArrayPool<byte>.Shared.Return(message.Utf8);
                    break;
                case Speech speech:
                    session.Spoken(Now, speech.Request, speech.Pcm);
                    break;
                case Hangup hangup:
                    await CloseAsync(hangup.Code, hangup.Reason).ConfigureAwait(false);
                    return;
                case Wake:
                    // Perhaps a moment early: then the timer is set again.
                    armed = null;
                    break;
            }
        }
    }

    private async Task ReceiveAsync(ReadOnlyMemory<byte> utf8, CancellationToken token)
    {
        if (Guise is null)
        {
            session.Receive(Now, utf8);
            return;
        }

        foreach (var message in Guise.Receive(utf8))
        {
            session.Receive(Now, message);
        }

        while (Guise.TryTake(out var own))
        {
            await SendAsync(own, token).ConfigureAwait(false);
        }
    }

    // Timers count whole milliseconds, and at most weeks.
    private static TimeSpan Rounded(TimeSpan left) =>
        TimeSpan.FromMilliseconds(Math.Min(Math.Ceiling(left.TotalMilliseconds), 86_400_000));

    private async Task CarryOutAsync(RehearsalOutput output, CancellationToken token)
    {
        switch (output)
        {
            case RehearsalOutput.Send send:
                if ((Guise is null ? send.Utf8 : Guise.Send(send.Utf8)) is { } utf8)
                {
                    await SendAsync(utf8, token).ConfigureAwait(false);
                }

                while (Guise?.TryTakeMessage(out var message) == true)
                {
                    session.Receive(Now, message);
                }

                break;
            case RehearsalOutput.Speak speak:
                _ = SpeakAsync(speak, token);
                break;
            case RehearsalOutput.Close close:
                await CloseAsync(close.Code, close.Reason).ConfigureAwait(false);
                break;
            case RehearsalOutput.Drop:
                socket.Abort();
                break;
        }
    }

    private async Task SendAsync(ReadOnlyMemory<byte> utf8, CancellationToken token)
    {
        if (_gone)
        {
            return;
        }

        try
        {
            var sending = socket.SendAsync(utf8, WebSocketMessageType.Text, true, token);
            if (sending.IsCompletedSuccessfully)
            {
                sending.GetAwaiter().GetResult();
                return;
            }

            await sending.AsTask().WaitAsync(sendTimeout, time, token).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            socket.Abort();
            _gone = true;
        }
        catch (Exception exception) when (IsGone(exception))
        {
            // The client went without a close frame: nothing is left to do for it.
            _gone = true;
        }
    }

    // The cache turns a failing voice into the synthetic one, so only the end of the session ends this early.
    private async Task SpeakAsync(RehearsalOutput.Speak speak, CancellationToken token)
    {
        try
        {
            var pcm = await voice.SpeakAsync(speak.Text, speak.Voice, speak.Speed, token).ConfigureAwait(false);
            await _inbox.Writer.WriteAsync(new Speech(speak.Request, pcm), token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is OperationCanceledException or ChannelClosedException)
        {
            // The session is over.
        }
    }

    private async Task ReadAsync(CancellationToken token)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(16 * 1024);
        var length = 0;
        try
        {
            while (true)
            {
                if (length == buffer.Length)
                {
                    var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
                    buffer.AsSpan(0, length).CopyTo(larger);
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = larger;
                }

                var read = await socket.ReceiveAsync(buffer.AsMemory(length), token).ConfigureAwait(false);
                length += read.Count;
                if (read.MessageType == WebSocketMessageType.Close)
                {
                    await _inbox.Writer.WriteAsync(new Hangup(1000, ""), token).ConfigureAwait(false);
                    return;
                }

                if (read.MessageType == WebSocketMessageType.Binary)
                {
                    await _inbox.Writer.WriteAsync(new Hangup(1003, "Only text messages are understood."), token).ConfigureAwait(false);
                    return;
                }

                if (length > MaxMessageBytes)
                {
                    await _inbox.Writer.WriteAsync(new Hangup(1009, "The message is too big."), token).ConfigureAwait(false);
                    return;
                }

                if (read.EndOfMessage)
                {
                    await _inbox.Writer.WriteAsync(new Message(buffer, length), token).ConfigureAwait(false);
                    buffer = ArrayPool<byte>.Shared.Rent(16 * 1024);
                    length = 0;
                }
            }
        }
        catch (Exception exception) when (IsGone(exception) || exception is OperationCanceledException or ChannelClosedException)
        {
            // Gone without a close frame, or no longer wanted: the loop sees the completed inbox.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            _inbox.Writer.TryComplete();
        }
    }

    private Task CloseAsync(int code, string reason) => CloseAsync(socket, code, reason, time);

    private static async Task CloseAsync(WebSocket socket, int code, string reason, TimeProvider time)
    {
        if (socket.State is not (WebSocketState.Open or WebSocketState.CloseReceived))
        {
            return;
        }

        // A client that does not read must not hold the session open.
        using var patience = new CancellationTokenSource(Patience, time);
        try
        {
            await socket.CloseOutputAsync((WebSocketCloseStatus)code, reason, patience.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (IsGone(exception) || exception is OperationCanceledException)
        {
            socket.Abort();
        }
    }

    private static bool IsGone(Exception exception) =>
        exception is WebSocketException or IOException or ObjectDisposedException or InvalidOperationException;

    private sealed record Message(byte[] Utf8, int Length);

    private sealed record Speech(int Request, ReadOnlyMemory<short> Pcm);

    private sealed record Hangup(int Code, string Reason);

    private sealed class Wake
    {
        public static Wake Instance { get; } = new();
    }
}
