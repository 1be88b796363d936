using Bridge.Realtime.Turns;
using Bridge.Timing;

namespace Bridge.Calls;

/// <summary>When a call ends by itself: once the agent has said what it is saying.</summary>
internal sealed class CallEnding : IAsyncDisposable
{
    // A goodbye that never begins does not keep the call, nor does one that broke off. The time counts silence, not speech.
    private static readonly TimeSpan GoodbyeTime = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan SilenceTime = TimeSpan.FromSeconds(5);

    private readonly CallMailbox _mailbox;
    private readonly ITimer _goodbye;
    private volatile string? _wanted;
    private bool _givenUp;

    public CallEnding(CallMailbox mailbox, HostClock clock)
    {
        _mailbox = mailbox;
        _goodbye = clock.CreateTimer("call goodbye", Quiet);
    }

    /// <summary>True once the call ends because its page did not come back; see <see cref="Call.IsGivenUp"/>.</summary>
    public bool IsGivenUp => Volatile.Read(ref _givenUp);

    /// <summary>Hangs up when the agent has said what it is saying, or after a while of silence in any case.</summary>
    public void AfterPlayout(string reason)
    {
        _wanted = _wanted is null or CallEnd.EndedByAgent ? reason : _wanted;
        _goodbye.Change(GoodbyeTime, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The agent is heard, or is about to be: the goodbye is not over.</summary>
    public void Speaks()
    {
        if (_wanted == CallEnd.EndedByAgent)
        {
            _goodbye.Change(SilenceTime, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>The person went on talking: what the agent wanted to end goes on, until it asks again. A limit stays one.</summary>
    public void TakeBack()
    {
        if (_wanted == CallEnd.EndedByAgent)
        {
            _wanted = null;
            _goodbye.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>The call is about to handle an input.</summary>
    public void Look(TurnInput input)
    {
        if (input is TurnInput.HangUpRequested { Reason: CallEnd.ConnectionLost })
        {
            Volatile.Write(ref _givenUp, true);
        }
    }

    /// <summary>Nothing is being said or heard: the moment for an end that was asked for.</summary>
    public void Quiet()
    {
        if (_wanted is { } because)
        {
            _wanted = null;
            _mailbox.Post(new TurnInput.HangUpRequested(because));
        }
    }

    public ValueTask DisposeAsync() => _goodbye.DisposeAsync();
}
