using Bridge.Configuration;
using Bridge.Money;
using Bridge.Realtime.Model;
using Bridge.Realtime.Turns;

namespace Bridge.Calls;

/// <summary>
/// The money of a call: what a response can cost at most is held in the ledger before the turn machine asks the model for it,
/// and settled by what it used. Warns once at 80 % of any budget. The goodbye is held from the first response on.
/// </summary>
internal sealed class CallBudget : IAsyncDisposable
{
    /// <summary>The share of a budget at which the call is to come to its end.</summary>
    public const double WarnAt = 0.8;

    private readonly Lock _gate = new();
    private readonly IBudgetLedger _ledger;
    private readonly CallAccounts _accounts;
    private readonly CallRole _role;
    private readonly CallCosts _costs;
    private readonly CallMailbox _mailbox;
    private readonly CallReports _reports;
    private readonly SpeechHold _speech;
    private readonly SessionHold _session;
    private readonly Dictionary<string, (BudgetReservation Money, PriceOptions? Price)> _held = [];
    private BudgetReservation? _goodbye;
    private bool _hasGoodbye;
    private bool _warned;
    private bool _closed;

    public CallBudget(IBudgetLedger ledger, CallAccounts accounts, CallRole role, CallCosts costs, CallMailbox mailbox, CallReports reports, TimeProvider time)
    {
        _ledger = ledger;
        _accounts = accounts;
        _role = role;
        _costs = costs;
        _mailbox = mailbox;
        _reports = reports;
        _speech = new SpeechHold(ReserveAheadAsync, ledger, time);
        _session = new SessionHold(ReserveAheadAsync, ledger);
    }

    /// <summary>Goes on from what the call had cost before its host crashed; the sums of the day know it already.</summary>
    public void Restore(decimal cost) => Run(async () =>
    {
        // In a ledger of several nodes its account is still there, with what the dead one held in reserve.
        BudgetAccount[] own = [.. _accounts.Dollars(_role.Current).Where(a => a.Key.Day is null)];
        await _ledger.CloseAsync(own).ConfigureAwait(false);
        await _ledger.ChargeAsync(own, (long)Math.Ceiling(cost * CallPrices.PerDollar)).ConfigureAwait(false);
    });

    /// <summary>The call is about to handle an input.</summary>
    public void Look(TurnInput input)
    {
        if (_role.IsBudgeted)
        {
            _speech.Look(input);
        }
    }

    /// <summary>Once a second: speech that goes on is paid ahead.</summary>
    public void Tick()
    {
        if (_role.IsBudgeted && _costs.Price is { } price)
        {
            Run(() => price.SessionSecond > 0 ? _session.TopUpAsync(price) : _speech.TopUpAsync(price));
        }
    }

    /// <summary>Holds what a response may cost, and reports to the turn machine whether it could.</summary>
    public void Reserve(TurnCommand.ReserveBudget asked) => Run(() => ReserveAsync(asked), () => Refuse(asked.Tag));

    /// <summary>A response is over.</summary>
    public void Settle(TurnCommand.SettleBudget settled)
    {
        (BudgetReservation Money, PriceOptions? Price) held;
        lock (_gate)
        {
            if (!_held.Remove(settled.Tag, out held))
            {
                return;
            }
        }

        var used = settled.Usage is { } usage ? Cost(usage, held.Price) : held.Money.Amount;
        if (used > held.Money.Amount)
        {
            _reports.Problem("budget_underestimated", $"a response cost {used} micro-dollars, and {held.Money.Amount} were reserved for it");
        }

        Run(() => SettleAsync(held.Money, used));
    }

    /// <summary>Tokens were used that no response was reserved for: a transcription, or a response of the service's own making.</summary>
    public void Charge(ModelUsage usage, string purpose)
    {
        if (_role.IsBudgeted && Cost(usage, _costs.PriceOf(purpose)) is > 0 and var cost)
        {
            Run(async () =>
            {
                var rest = purpose switch
                {
                    "transcription" => await _speech.PayAsync(cost).ConfigureAwait(false),
                    "session" => await _session.PayAsync(cost).ConfigureAwait(false),
                    _ => cost,
                };
                if (rest > 0)
                {
                    await _ledger.ChargeAsync(_accounts.Dollars(_role.Current), rest).ConfigureAwait(false);
                }

                await WarnAsync().ConfigureAwait(false);
            });
        }
    }

    /// <summary>The call is over. The usage of a response still on its way is not known: all that was held for it is spent.</summary>
    public async ValueTask DisposeAsync()
    {
        List<BudgetReservation> open;
        BudgetReservation? goodbye;
        lock (_gate)
        {
            _closed = true;
            open = [.. _held.Values.Select(h => h.Money)];
            (goodbye, _goodbye) = (_goodbye, null);
            _held.Clear();
        }

        foreach (var money in open)
        {
            await _ledger.SettleAsync(money, money.Amount).ConfigureAwait(false);
        }

        if (goodbye is not null)
        {
            await _ledger.SettleAsync(goodbye, 0).ConfigureAwait(false);
        }

        await _speech.DisposeAsync().ConfigureAwait(false);
        await _session.DisposeAsync().ConfigureAwait(false);
        await _ledger.CloseAsync(_accounts.Dollars(_role.Current)).ConfigureAwait(false);
    }

    private static long Cost(ModelUsage usage, PriceOptions? price) => price is null ? 0 : CallPrices.MicroDollars(usage, price);

    private async Task ReserveAsync(TurnCommand.ReserveBudget asked)
    {
        var (bound, price) = (asked.Bound, _costs.Price);
        if (price is null)
        {
            // Without a price nobody knows what it costs.
            Refuse(asked.Tag);
            return;
        }

        if (!Interlocked.Exchange(ref _hasGoodbye, true))
        {
            await HoldGoodbyeAsync().ConfigureAwait(false);
        }

        var accounts = _accounts.Dollars(_role.Current);
        var (least, most) = (CallPrices.MicroDollars(bound, bound.LeastOutput, price), CallPrices.MicroDollars(bound, bound.MostOutput, price));
        var money = await _ledger.ReserveAsync(accounts, least, most).ConfigureAwait(false);
        if (money is null && asked.IsGoodbye)
        {
            money = TakeGoodbye(most);
        }

        if (money is null)
        {
            Refuse(asked.Tag);
            return;
        }

        if (await _ledger.LeftAsync(accounts).ConfigureAwait(false) + money.Amount < 2 * least)
        {
            // There may be no other one after this, whatever share is spent by then.
            Warn();
        }

        lock (_gate)
        {
            if (!_closed)
            {
                _held[asked.Tag] = (money, price);
                _mailbox.Post(new TurnInput.BudgetGranted(asked.Tag, CallPrices.OutputTokens(bound, money.Amount, price)));
                return;
            }
        }

        await _ledger.SettleAsync(money, 0).ConfigureAwait(false);
    }

    private async Task SettleAsync(BudgetReservation money, long used)
    {
        await _ledger.SettleAsync(money, used).ConfigureAwait(false);
        await WarnAsync().ConfigureAwait(false);
    }

    private async Task HoldGoodbyeAsync()
    {
        if (_role is not { IsBudgeted: true, Current.Words.Goodbye: { Length: > 0 } words } || _costs.Price is not { } price)
        {
            return;
        }

        var bound = ResponseBound.OfWords(words);
        var cost = CallPrices.MicroDollars(bound, bound.MostOutput, price);
        var money = await _ledger.ReserveAsync(_accounts.Dollars(_role.Current), cost, cost).ConfigureAwait(false);
        lock (_gate)
        {
            if (!_closed)
            {
                _goodbye = money;
                return;
            }
        }

        if (money is not null)
        {
            await _ledger.SettleAsync(money, 0).ConfigureAwait(false);
        }
    }

    private BudgetReservation? TakeGoodbye(long needed)
    {
        lock (_gate)
        {
            if (_goodbye is not { } held || held.Amount < needed)
            {
                return null;
            }

            _goodbye = null;
            return held;
        }
    }

    private async Task WarnAsync()
    {
        if (!_warned && await _ledger.ShareAsync(_accounts.Dollars(_role.Current)).ConfigureAwait(false) >= WarnAt)
        {
            Warn();
        }
    }

    private void Warn()
    {
        if (!Interlocked.Exchange(ref _warned, true))
        {
            _mailbox.Post(new TurnInput.BudgetWarned("cost_low"));
            _role.Economise();
        }
    }

    private async Task<BudgetReservation?> ReserveAheadAsync(long amount)
    {
        var money = await _ledger.ReserveAsync(_accounts.Dollars(_role.Current), amount, amount).ConfigureAwait(false);
        if (money is null)
        {
            Spent();
        }

        return money;
    }

    private void Refuse(string tag) => _mailbox.Post(new TurnInput.BudgetRefused(tag, CallEnd.CostLimit));

    private void Spent() => _mailbox.Post(new TurnInput.BudgetSpent(CallEnd.CostLimit));

    // A ledger elsewhere may fail; then nothing is spent that it does not know of.
    private void Run(Func<Task> step, Action? failed = null)
    {
        var running = step();
        if (!running.IsCompletedSuccessfully)
        {
            _ = WatchAsync(running, failed ?? Spent);
        }
    }

    private async Task WatchAsync(Task running, Action failed)
    {
        try
        {
            await running.ConfigureAwait(false);
        }
        catch (Exception defect)
        {
            _reports.Failed(defect);
            failed();
        }
    }
}
