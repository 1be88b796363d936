using Bridge.Realtime.Turns;
using Bridge.Timing;

namespace Bridge.Calls;

/// <summary>Lets the caller notice an answer that takes long, as the role says (<c>turn.waiting</c>): by a quiet sound, or by a line on the page.</summary>
internal sealed class CallWaiting : IAsyncDisposable
{
    // Longer than an ordinary answer takes: most turns are not accompanied.
    private static readonly TimeSpan After = TimeSpan.FromSeconds(3);

    private readonly Lock _gate = new();
    private readonly CallRole _role;
    private readonly CallMedia _media;
    private readonly PageView _view;
    private readonly ITimer _timer;
    private bool _thinking;
    private WaitingSign _shown;

    public CallWaiting(CallRole role, CallMedia media, PageView view, HostClock clock)
    {
        _role = role;
        _media = media;
        _view = view;
        _timer = clock.CreateTimer("call waiting", Begin);
    }

    /// <summary>The call's state is another one.</summary>
    public void OnState(CallState state)
    {
        lock (_gate)
        {
            _thinking = state is CallState.Thinking or CallState.Working;
            if (_thinking)
            {
                _timer.Change(After, Timeout.InfiniteTimeSpan);
                return;
            }

            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            switch (_shown)
            {
                case WaitingSign.Sound:
                    _media.EndWaitingSound();
                    break;
                case WaitingSign.Words:
                    _view.ShowWaiting(null);
                    break;
            }

            _shown = WaitingSign.None;
        }
    }

    public ValueTask DisposeAsync() => _timer.DisposeAsync();

    private void Begin()
    {
        lock (_gate)
        {
            var turn = _role.Current.Turn;
            if (!_thinking)
            {
                return;
            }

            _shown = turn.Waiting;
            switch (_shown)
            {
                case WaitingSign.Sound:
                    _media.BeginWaitingSound();
                    break;
                case WaitingSign.Words:
                    _view.ShowWaiting(turn.WaitingWords);
                    break;
            }
        }
    }
}
