using Bridge.Configuration;
using Bridge.Money;
using Bridge.Realtime.Model;
using Bridge.Realtime.Turns;

namespace Bridge.Calls;

/// <summary>
/// The money for transcriptions, which the service makes by itself once the caller has spoken: while somebody speaks, what was
/// said so far and a minute more is held. May be used from any thread.
/// </summary>
/// <param name="reserve">Holds an amount; null when it can't be.</param>
/// <param name="ledger">Settles what was held.</param>
/// <param name="time">The host's.</param>
internal sealed class SpeechHold(Func<long, Task<BudgetReservation?>> reserve, IBudgetLedger ledger, TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan Ahead = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Lead = TimeSpan.FromSeconds(2);

    // A transcript that has not come by then never does: its session was lost.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Queue<BudgetReservation> _held = new();
    private long _began;
    private bool _speaks;
    private int _untranscribed;
    private TimeSpan _committed;
    private long _lastCommit;
    private bool _busy;

    /// <summary>An input of the call: speech begins, becomes a turn, is transcribed.</summary>
    public void Look(TurnInput input)
    {
        var now = time.GetTimestamp();
        lock (_gate)
        {
            switch (input)
            {
                case TurnInput.PushToTalk(true) or TurnInput.ModelEventReceived(_, ModelEvent.SpeechStarted) when !_speaks:
                    (_speaks, _began) = (true, now);
                    break;
                case TurnInput.ModelEventReceived(_, ModelEvent.InputCommitted):
                    _committed += (_speaks ? time.GetElapsedTime(_began, now) : TimeSpan.Zero) + Lead;
                    (_speaks, _lastCommit) = (false, now);
                    _untranscribed++;
                    break;
                case TurnInput.ModelEventReceived(_, ModelEvent.InputTranscriptCompleted or ModelEvent.InputTranscriptFailed) when _untranscribed > 0:
                    _untranscribed--;
                    break;
            }

            if (_untranscribed > 0 && time.GetElapsedTime(_lastCommit, now) > Patience)
            {
                _untranscribed = 0;
            }

            if (_untranscribed == 0)
            {
                _committed = TimeSpan.Zero;
            }
        }
    }

    /// <summary>Holds more when what is held does not pay what may be transcribed.</summary>
    public async Task TopUpAsync(PriceOptions price)
    {
        long missing;
        lock (_gate)
        {
            var speech = _committed + (_speaks ? time.GetElapsedTime(_began) : TimeSpan.Zero) + Ahead;
            missing = CallPrices.MicroDollars(speech, price) - _held.Sum(h => h.Amount);
            if (missing <= 0 || _busy)
            {
                return;
            }

            _busy = true;
        }

        var money = await reserve(missing).ConfigureAwait(false);
        lock (_gate)
        {
            _busy = false;
            if (money is not null)
            {
                _held.Enqueue(money);
            }
        }
    }

    /// <summary>Pays a transcription from what is held; returns what that did not pay.</summary>
    public async Task<long> PayAsync(long cost)
    {
        while (cost > 0 && TryTake(out var money))
        {
            var part = Math.Min(cost, money.Amount);
            await ledger.SettleAsync(money, part).ConfigureAwait(false);
            cost -= part;
        }

        return cost;
    }

    /// <summary>The rest that is held is given back; speech that was said last and not transcribed is spent.</summary>
    public async ValueTask DisposeAsync()
    {
        bool owes;
        lock (_gate)
        {
            owes = _untranscribed > 0;
        }

        while (TryTake(out var money))
        {
            await ledger.SettleAsync(money, owes ? money.Amount : 0).ConfigureAwait(false);
        }
    }

    private bool TryTake([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out BudgetReservation? money)
    {
        lock (_gate)
        {
            return _held.TryDequeue(out money);
        }
    }
}
