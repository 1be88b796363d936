using Bridge.Realtime.Model;
using Bridge.Realtime.Turns;

namespace Bridge.Realtime.Live;

/// <summary>
/// The sessions under a call with a full-duplex model: the one in use and its successor. A session is started as late as can be, for
/// the conversation it is given is fixed then; what the person says from there on is repeated into it.
/// </summary>
internal sealed class LiveSessions
{
    private static readonly TimeSpan RolloverLead = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan MinLifetime = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan SteadyAfter = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan MaxRetryDelay = TimeSpan.FromSeconds(8);

    private static readonly TimeSpan MaxMoveDelay = TimeSpan.FromSeconds(30);

    // Words from before a socket was seen to be lost.
    private static readonly TimeSpan UnheardBefore = TimeSpan.FromSeconds(1);
    private readonly TurnContext _context;
    private readonly Deadline _rollover;
    private readonly Deadline _force;
    private readonly Deadline _retry;
    private readonly Deadline _confirm;
    private ModelLink? _next;
    private TurnOptions? _startedWith;
    private TimeSpan _hearsFrom;
    private TimeSpan _adoptedAt;
    private int _opened;
    private int _failures;
    private bool _starting;
    private bool _forced;
    private bool _closing;

    public LiveSessions(TurnContext context)
    {
        _context = context;
        _rollover = context.Timers.Own(TurnTimer.Rollover);
        _force = context.Timers.Own(TurnTimer.Force);
        _retry = context.Timers.Own(TurnTimer.OpenRetry);
        _confirm = context.Timers.Own(TurnTimer.Confirm);
    }

    /// <summary>A session was in use at some time.</summary>
    public bool WasAdopted { get; private set; }

    /// <summary>A successor waits to be started; it may as soon as nobody speaks, or at once when <see cref="IsForced"/>.</summary>
    public bool CanStart => _next is { Opened: true } && !_starting && !_closing;

    /// <summary>The move to the successor waits for nothing: there is no other session, or not for long.</summary>
    public bool IsForced => _forced || Current is null;

    private ModelLink? Current => _context.Session;

    public bool IsCurrent(int session) => Current?.Number == session;

    public bool IsNext(int session) => _next?.Number == session;

    /// <summary>Opens a successor, unless one is being opened already or the call is ending.</summary>
    public void Open(string reason)
    {
        if (_next is null && !_closing)
        {
            _retry.Clear();
            (_next, _starting) = (new ModelLink(++_opened, reason), false);
            _context.Emit(new TurnCommand.OpenSession(_next.Number, reason));
        }
    }

    /// <summary>Its socket is open.</summary>
    public void OnOpened(TurnInput.SessionOpened opened)
    {
        if (_next?.Number != opened.Session)
        {
            _context.Emit(new TurnCommand.CloseSession(opened.Session));
            return;
        }

        _next.Opened = true;
        _context.Learn(opened.Habits);
    }

    /// <summary>Starts the successor with the conversation so far.</summary>
    public void Start(IReadOnlyList<ModelItem> history)
    {
        _starting = true;
        _startedWith = _context.Options;
        _hearsFrom = Current is null && WasAdopted && _hearsFrom > TimeSpan.Zero ? _hearsFrom : _context.Now;
        _confirm.Set(_context.Now + StartTimeout);
        _context.Emit(new TurnCommand.SendToModel(_next!.Number,
            new LiveCommand.Start(_context.Options.Session, history) { Id = "start" }));
    }

    /// <summary>
    /// <c>session.started</c>: the successor is the session in use, and the one before is closed. False when it is not the successor.
    /// </summary>
    public bool TryAdopt(int session, TimeSpan? lifetime)
    {
        if (!IsNext(session) || !_starting)
        {
            return false;
        }

        _confirm.Clear();
        var before = Current;
        var replay = WasAdopted ? _hearsFrom : (TimeSpan?)null;
        (_context.Session, _next, _starting, _forced, _hearsFrom) = (_next, null, false, false, TimeSpan.Zero);
        (_adoptedAt, WasAdopted) = (_context.Now, true);
        _context.Emit(new TurnCommand.AdoptSession(session, replay));
        if (before is not null)
        {
            _context.Emit(new TurnCommand.CloseSession(before.Number));
        }

        // A life that is over as it begins is a clock that is wrong, here or there.
        Schedule(lifetime > MinLifetime ? lifetime : null);
        return true;
    }

    /// <summary>The options that the session in use was started with differ in what a session has fixed.</summary>
    public bool NeedsAnother(TurnOptions options) => _startedWith is not { } has
        || has.SessionKind != options.SessionKind
        || has.Session.Voice != options.Session.Voice
        || has.Session.Instructions != options.Session.Instructions
        || has.Session.Delegation?.IsClients != options.Session.Delegation?.IsClients;

    /// <summary>The session in use has what can be updated of these options.</summary>
    public void Took(TurnOptions options) => _startedWith = options;

    /// <summary>The call moves to a session of its own, at a quiet moment.</summary>
    public void Replace(string reason)
    {
        if (_next is not null && _starting)
        {
            // It was started with what does not hold any more.
            CloseNext();
        }

        Open(reason);
        if (!(_context.Session?.ExpiresAt < _context.Now + MaxMoveDelay))
        {
            _force.Set(_context.Now + MaxMoveDelay);
        }
    }

    /// <summary>The session in use is gone.</summary>
    /// <param name="reason">Why.</param>
    /// <returns>False when the call has to end.</returns>
    public bool OnCurrentLost(string reason)
    {
        _failures = _context.Now - _adoptedAt > SteadyAfter ? 0 : _failures;
        _hearsFrom = _starting ? _hearsFrom : _context.Now - UnheardBefore;
        _context.Session = null;
        _forced = false;
        _rollover.Clear();
        _force.Clear();
        if (_next is not null)
        {
            return true;
        }

        // A service that accepts and drops at once must not be hammered.
        if (_failures > 0)
        {
            return Retry();
        }

        _failures = 1;
        Open(reason);
        return true;
    }

    /// <summary>The successor could not be opened or started. False when the call has to end.</summary>
    public bool OnNextLost()
    {
        (_next, _starting) = (null, false);
        _confirm.Clear();
        return Retry();
    }

    /// <summary>The timer <see cref="TurnTimer.Confirm"/> is due: the successor was not started in time.</summary>
    public bool OnUnconfirmed()
    {
        CloseNext();
        return Retry();
    }

    /// <summary>The timer <see cref="TurnTimer.Force"/> is due.</summary>
    public void OnForceDue()
    {
        _forced = true;
        Open("expiry");
    }

    /// <summary>The call is ending: no further session is opened.</summary>
    public void StopOpening() => _closing = true;

    /// <summary>Closes the successor.</summary>
    public void CloseNext()
    {
        if (_next is { } link)
        {
            (_next, _starting) = (null, false);
            _confirm.Clear();
            _context.Emit(new TurnCommand.CloseSession(link.Number));
        }
    }

    /// <summary>The call ends: closes every session.</summary>
    public void End()
    {
        CloseNext();
        if (Current is { } link)
        {
            _context.Session = null;
            _context.Emit(new TurnCommand.CloseSession(link.Number));
        }
    }

    private bool Retry()
    {
        _failures++;
        if (_failures >= _context.Options.OpenAttempts && Current is null)
        {
            return false;
        }

        var delay = _context.Options.OpenRetryDelay * Math.Pow(2, Math.Min(_failures - 1, 10));
        _retry.Set(_context.Now + (delay < MaxRetryDelay ? delay : MaxRetryDelay));
        return true;
    }

    private void Schedule(TimeSpan? lifetime)
    {
        _rollover.Clear();
        _force.Clear();
        if (lifetime is { } left)
        {
            _context.Session!.ExpiresAt = _context.Now + left;
            var lead = left / 2 < RolloverLead ? left / 2 : RolloverLead;
            _rollover.Set(_context.Now + left - lead);
            _force.Set(_context.Now + left - (lead / 4));
        }
    }
}
