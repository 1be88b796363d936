using Bridge.Money;
using Bridge.Realtime.Turns;
using Bridge.Timing;

namespace Bridge.Calls;

/// <summary>
/// The time of a call: what the role, the ticket and the operator allow. Minutes of a day are held ahead in the ledger, so that
/// two minutes before the last of them the call can be warned. The goodbye after the limit is not counted.
/// </summary>
internal sealed class CallMinutes : IAsyncDisposable
{
    private static readonly TimeSpan Warning = TimeSpan.FromMinutes(2);

    // More than the warning needs, so that another minute can be asked for twice before it.
    private static readonly TimeSpan HeldAhead = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Block = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LeastBlock = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    private readonly IBudgetLedger _ledger;
    private readonly CallAccounts _accounts;
    private readonly CallRole _role;
    private readonly CallCosts _costs;
    private readonly CallMailbox _mailbox;
    private readonly HostClock _clock;
    private readonly ITimer _timer;
    private readonly Queue<BudgetReservation> _blocks = new();
    private readonly SemaphoreSlim _turn = new(1);
    private TimeSpan? _began;
    private TimeSpan _before;
    private TimeSpan _paid;
    private TimeSpan _settled;
    private TimeSpan _booked;
    private bool _warned;
    private bool _over;
    private bool _held;
    private bool _wanted;

    /// <param name="ledger">Holds minutes of a day.</param>
    /// <param name="accounts">Those of the call.</param>
    /// <param name="role">Its limit holds.</param>
    /// <param name="costs">Where the time is booked.</param>
    /// <param name="mailbox">Told of the warning and the end.</param>
    /// <param name="clock">The host's.</param>
    /// <param name="tick">Done once a second beside.</param>
    public CallMinutes(IBudgetLedger ledger, CallAccounts accounts, CallRole role, CallCosts costs, CallMailbox mailbox, HostClock clock, Action tick)
    {
        _ledger = ledger;
        _accounts = accounts;
        _role = role;
        _costs = costs;
        _mailbox = mailbox;
        _clock = clock;
        _timer = clock.CreateTimer("call budget", () =>
        {
            tick();
            _ = TickAsync();
        });
    }

    private TimeSpan Elapsed => _began is { } began ? _clock.Elapsed - began : TimeSpan.Zero;

    /// <summary>The call's time begins, with its first model session; a line that nobody proved a path of has none.</summary>
    public void Start()
    {
        _wanted = true;
        if (_began is not null || _held)
        {
            return;
        }

        _began = _clock.Elapsed;
        _costs.Began();
        _timer.Change(TimeSpan.Zero, Every);
    }

    /// <summary>The time is another host's until <see cref="Release"/>. By the thread in the call's mailbox, as all of these.</summary>
    public void Hold() => _held = true;

    /// <summary>The time is this host's from now on.</summary>
    public void Release()
    {
        _held = false;
        if (_wanted)
        {
            Start();
        }
    }

    /// <summary>Of a call that goes on after its host crashed some of its time is over; the sums of the day know it already.</summary>
    public void Restore(TimeSpan before) => _before = before;

    /// <summary>The call is over: what it did not use is given back.</summary>
    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync().ConfigureAwait(false);
        await _turn.WaitAsync().ConfigureAwait(false);
        _over = true;
        _turn.Dispose();
        var elapsed = Elapsed;
        Book(elapsed);
        while (_blocks.TryDequeue(out var block))
        {
            var used = Math.Clamp((long)(elapsed - _settled).TotalMilliseconds, 0, block.Amount);
            _settled += TimeSpan.FromMilliseconds(block.Amount);
            await _ledger.SettleAsync(block, used).ConfigureAwait(false);
        }
    }

    private async Task TickAsync()
    {
        if (!await _turn.WaitAsync(TimeSpan.Zero).ConfigureAwait(false))
        {
            // The ledger has not answered the second before.
            return;
        }

        try
        {
            if (!_over)
            {
                await LookAsync(Elapsed).ConfigureAwait(false);
            }
        }
        catch (Exception defect)
        {
            // A ledger elsewhere failed: what is paid is talked to its end.
            _clock.Guard.Failed("call budget", defect);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task LookAsync(TimeSpan elapsed)
    {
        Book(elapsed);
        await SettleAsync(elapsed).ConfigureAwait(false);
        var limit = _accounts.CallTime(_role.Current) - _before;
        if (_accounts.Time() is { Count: > 0 } accounts && await IsAtEndAsync(accounts, elapsed).ConfigureAwait(false) && _paid < limit)
        {
            limit = _paid;
        }

        if (elapsed >= limit)
        {
            _mailbox.Post(new TurnInput.BudgetSpent(CallEnd.TimeLimit));
        }
        else if (!_warned && limit - elapsed <= (limit < 2 * Warning ? limit / 2 : Warning))
        {
            _warned = true;
            _mailbox.Post(new TurnInput.BudgetWarned("time_low"));
        }
    }

    // True when no more than what is held can be had.
    private async Task<bool> IsAtEndAsync(IReadOnlyList<BudgetAccount> accounts, TimeSpan elapsed)
    {
        while (_paid - elapsed < HeldAhead)
        {
            if (await _ledger.ReserveAsync(accounts, (long)LeastBlock.TotalMilliseconds, (long)Block.TotalMilliseconds).ConfigureAwait(false) is not { } block)
            {
                return true;
            }

            _blocks.Enqueue(block);
            _paid += TimeSpan.FromMilliseconds(block.Amount);
        }

        return false;
    }

    private async Task SettleAsync(TimeSpan elapsed)
    {
        while (_blocks.TryPeek(out var block) && TimeSpan.FromMilliseconds(block.Amount) is var length && _settled + length <= elapsed)
        {
            _blocks.Dequeue();
            _settled += length;
            await _ledger.SettleAsync(block, block.Amount).ConfigureAwait(false);
        }
    }

    // Minutes are reported by the minute, so that a long call is seen before its end.
    private void Book(TimeSpan elapsed)
    {
        if (elapsed - _booked >= Block || _over)
        {
            _costs.Lasted(elapsed - _booked);
            _booked = elapsed;
        }
    }
}
