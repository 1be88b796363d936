using System.Threading.Channels;
using Bridge.Realtime.Turns;

namespace Bridge.Calls;

/// <summary>The inputs of one call on their way to its turn machine, in order. Anybody may post; the call's loop alone takes.</summary>
internal sealed class CallMailbox
{
    private const int Size = 8_192;

    private readonly Channel<TurnInput?> _inputs = Channel.CreateBounded<TurnInput?>(
        new BoundedChannelOptions(Size) { SingleReader = true });
    private int _pending;
    private volatile bool _ending;
    private volatile bool _completed;

    /// <summary>Inputs that wait, with the one that is being handled; none once the call is over.</summary>
    public int Pending => _completed ? 0 : Volatile.Read(ref _pending);

    /// <summary>True once the end of the call was posted.</summary>
    public bool IsEnding => _ending || _completed;

    /// <summary>Posts an input, waiting while the mailbox is full. After the end of the call it is dropped.</summary>
    public async ValueTask PostAsync(TurnInput input)
    {
        Note(input);
        try
        {
            await _inputs.Writer.WriteAsync(input).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            Interlocked.Decrement(ref _pending);
        }
    }

    /// <summary>Posts an input from a thread that must not wait.</summary>
    public void Post(TurnInput input)
    {
        Note(input);
        if (!_inputs.Writer.TryWrite(input))
        {
            Interlocked.Decrement(ref _pending);

            // Thousands of inputs wait: the loop is stuck, and dropping one would corrupt the conversation silently.
            _inputs.Writer.TryComplete(new InvalidOperationException("The call's mailbox is full."));
        }
    }

    /// <summary>Has the loop look at its deadlines and options; does nothing where inputs wait anyway.</summary>
    public void Wake()
    {
        Interlocked.Increment(ref _pending);
        if (!_inputs.Writer.TryWrite(null))
        {
            Interlocked.Decrement(ref _pending);
        }
    }

    /// <summary>Waits for an input; false once the call is over.</summary>
    /// <exception cref="InvalidOperationException">The mailbox ran over.</exception>
    public ValueTask<bool> WaitAsync() => _inputs.Reader.WaitToReadAsync();

    /// <summary>Takes the next input; null for a mere <see cref="Wake"/>. <see cref="Handled"/> follows each.</summary>
    public bool TryTake(out TurnInput? input) => _inputs.Reader.TryRead(out input);

    /// <summary>What was taken has been carried out.</summary>
    public void Handled() => Interlocked.Decrement(ref _pending);

    /// <summary>Takes nothing more.</summary>
    public void Complete()
    {
        _completed = true;
        _inputs.Writer.TryComplete();
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
