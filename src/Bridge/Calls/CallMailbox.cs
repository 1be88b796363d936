using System.Threading.Channels;
using Bridge.Realtime.Turns;

namespace Bridge.Calls;

/// <summary>
/// The inputs of one call on their way to its turn machine, in order. Anybody may post. One thread at a time handles what waits:
/// a pool thread, or the one that delivers an event of the model.
/// </summary>
internal sealed class CallMailbox : IThreadPoolWorkItem
{
    private const int Size = 8_192;

    private readonly Channel<TurnInput?> _inputs = Channel.CreateBounded<TurnInput?>(
        new BoundedChannelOptions(Size) { SingleReader = true });
    private Func<bool> _take = () => false;
    private int _busy = 1; // 1 while a thread handles inputs, before the start and after the end
    private int _pending;
    private volatile bool _ending;
    private volatile bool _completed;
    private volatile InvalidOperationException? _overrun;

    /// <summary>Inputs that wait, with the one that is being handled; none once the call is over.</summary>
    public int Pending => _completed ? 0 : Volatile.Read(ref _pending);

    /// <summary>True while no thread handles inputs.</summary>
    public bool IsIdle => Volatile.Read(ref _busy) == 0;

    /// <summary>True once the end of the call was posted.</summary>
    public bool IsEnding => _ending || _completed;

    /// <summary>True once nothing more can be posted: the call was ended, or its mailbox ran over.</summary>
    public bool IsClosed => _completed || _overrun is not null;

    /// <summary>Set when the mailbox ran over; the call cannot go on.</summary>
    public InvalidOperationException? Overrun => _overrun;

    /// <summary>From now on inputs are handled, those that wait already too.</summary>
    /// <param name="take">
    /// Takes and handles inputs until none waits, one thread at a time; it must not throw. False when the call is over: it is not
    /// called again.
    /// </param>
    public void Start(Func<bool> take)
    {
        _take = take;
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>Posts an input, waiting while the mailbox is full. After the end of the call it is dropped.</summary>
    public async ValueTask PostAsync(TurnInput input)
    {
        if (await WriteAsync(input).ConfigureAwait(false))
        {
            WorkOnPool();
        }
    }

    /// <summary>
    /// Posts as <see cref="PostAsync"/> does. Unless another thread handles inputs just now, the calling one does it: an answer's
    /// audio reaches its encoder without a change of threads. For threads that hold no lock and may take their time.
    /// </summary>
    public async ValueTask DeliverAsync(TurnInput input)
    {
        if (await WriteAsync(input).ConfigureAwait(false) && TryEnter())
        {
            Work();
        }
    }

    /// <summary>Posts an input from a thread that must not wait.</summary>
    public void Post(TurnInput input)
    {
        Note(input);
        if (!_inputs.Writer.TryWrite(input))
        {
            Interlocked.Decrement(ref _pending);

            // Thousands of inputs wait: the call is stuck, and dropping one would corrupt the conversation silently.
            var overrun = new InvalidOperationException("The call's mailbox is full.");
            if (_inputs.Writer.TryComplete(overrun))
            {
                _overrun = overrun;
            }
        }

        WorkOnPool();
    }

    /// <summary>Has the call look at its deadlines and options; does nothing where inputs wait anyway.</summary>
    public void Wake()
    {
        Interlocked.Increment(ref _pending);
        if (!_inputs.Writer.TryWrite(null))
        {
            Interlocked.Decrement(ref _pending);
        }

        WorkOnPool();
    }

    /// <summary>Takes the next input; null for a mere <see cref="Wake"/>. <see cref="Handled"/> follows each.</summary>
    public bool TryTake(out TurnInput? input) => _inputs.Reader.TryRead(out input);

    /// <summary>The input that was taken has been carried out.</summary>
    public void Handled() => Interlocked.Decrement(ref _pending);

    /// <summary>Takes nothing more.</summary>
    public void Complete()
    {
        _completed = true;
        _inputs.Writer.TryComplete();
        WorkOnPool();
    }

    void IThreadPoolWorkItem.Execute() => Work();

    private async ValueTask<bool> WriteAsync(TurnInput input)
    {
        Note(input);
        try
        {
            await _inputs.Writer.WriteAsync(input).ConfigureAwait(false);
            return true;
        }
        catch (ChannelClosedException)
        {
            Interlocked.Decrement(ref _pending);
            return false;
        }
    }

    private bool TryEnter() => Interlocked.CompareExchange(ref _busy, 1, 0) == 0;

    private void WorkOnPool()
    {
        if (TryEnter())
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    // An input that is written while the last one is being handled is seen here, or by its writer: one of the two enters.
    private void Work()
    {
        do
        {
            if (!_take())
            {
                return;
            }

            Interlocked.Exchange(ref _busy, 0);
        }
        while ((IsClosed || _inputs.Reader.Count > 0) && TryEnter());
    }

    private void Note(TurnInput input)
    {
        Interlocked.Increment(ref _pending);
        if (input is TurnInput.HangUpRequested)
        {
            _ending = true;
        }
    }
}
