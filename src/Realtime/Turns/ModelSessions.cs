using Bridge.Realtime.Model;

namespace Bridge.Realtime.Turns;

/// <summary>
/// The sessions under a call: the one in use, its successor (opened early, configured, filled from the log, adopted at a
/// quiet moment) and its predecessor (kept a little for late transcripts).
/// </summary>
internal sealed class ModelSessions
{
    // The successor is opened so long before a session's end (at most half its lifetime is used): time for a quiet moment.
    private static readonly TimeSpan RolloverLead = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan MinLifetime = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan MaxRetryDelay = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan RetireDelay = TimeSpan.FromSeconds(2);
    private readonly TurnContext _context;
    private readonly Deadline _rollover;
    private readonly Deadline _force;
    private readonly Deadline _openRetry;
    private readonly Deadline _retire;
    private ModelLink? _next;
    private ModelLink? _retired;
    private int _opened;
    private int _adopted;
    private int _openFailures;
    private bool _forced;
    private bool _givenUp;
    private bool _closing;

    public ModelSessions(TurnContext context)
    {
        _context = context;
        _rollover = context.Timers.Own(TurnTimer.Rollover);
        _force = context.Timers.Own(TurnTimer.Force);
        _openRetry = context.Timers.Own(TurnTimer.OpenRetry);
        _retire = context.Timers.Own(TurnTimer.Retire);
    }

    /// <summary>The move to the successor no longer waits for a quiet moment.</summary>
    public bool IsMoveForced => _forced;

    /// <summary>A successor is open, and there is a session to leave.</summary>
    public bool CanMove => _next is { Opened: true } && Current is not null;

    /// <summary>A session was adopted at some time.</summary>
    public bool WasAdopted => _adopted > 0;

    public ResponseBlockers Blockers =>
        (Current is null ? ResponseBlockers.NoSession : ResponseBlockers.None)
        | (_givenUp ? ResponseBlockers.SessionGivenUp : ResponseBlockers.None);

    private ModelLink? Current => _context.Session;

    public bool IsCurrent(int session) => Current?.Number == session;

    public bool IsNext(int session) => _next?.Number == session;

    public bool IsRetired(int session) => _retired?.Number == session;

    /// <summary>Opens a successor, unless one is being opened already or the call is ending.</summary>
    public void OpenNext(string reason)
    {
        if (_next is null && !_closing)
        {
            _openRetry.Clear();
            _next = new ModelLink(++_opened, reason);
            _context.Emit(new TurnCommand.OpenSession(_next.Number, reason));
        }
    }

    /// <summary>A session is open. True when it is to be adopted at once, because there is no other.</summary>
    /// <param name="session">Its number.</param>
    /// <param name="lifetime">Time until the service ends it; null: unknown.</param>
    public bool OnOpened(int session, TimeSpan? lifetime)
    {
        if (_next?.Number != session)
        {
            _context.Emit(new TurnCommand.CloseSession(session));
            return false;
        }

        _next.Opened = true;

        // A life that is over as it begins is a clock that is wrong, here or there: better no plan than a storm of moves.
        _next.ExpiresAt = lifetime > MinLifetime ? _context.Now + lifetime : null;
        Configure(_next);
        return Current is null;
    }

    /// <summary>The predecessor has ended by itself.</summary>
    public void OnRetiredLost()
    {
        _retired = null;
        _retire.Clear();
    }

    /// <summary>The successor could not be opened, or was lost before it was adopted. False when the call has to end.</summary>
    public bool OnNextLost()
    {
        _next = null;
        return RetryOpening();
    }

    /// <summary>The session in use is gone. The successor is asked for with <see cref="TryReplaceLost"/>.</summary>
    public void OnCurrentLost()
    {
        _context.Session = null;
        _forced = false;
        _rollover.Clear();
        _force.Clear();
    }

    /// <summary>Finds a successor for the session that was lost.</summary>
    /// <param name="reason">Why it was lost.</param>
    /// <param name="adopt">A successor is open: it is to be adopted at once.</param>
    /// <returns>False when the call has to end.</returns>
    public bool TryReplaceLost(string reason, out bool adopt)
    {
        adopt = _next is { Opened: true };
        if (_next is not null)
        {
            return true;
        }

        // A service that accepts and drops at once must not be hammered.
        if (_openFailures > 0)
        {
            return RetryOpening();
        }

        _openFailures = 1;
        OpenNext(reason);
        return true;
    }

    /// <summary>The session in use is beyond help: no response is asked of it any more.</summary>
    public void GiveUp(string reason)
    {
        _givenUp = true;
        _forced = true;
        OpenNext(reason);
    }

    /// <summary>A response ended well.</summary>
    public void OnSucceeded() => _openFailures = 0;

    /// <summary>The timer <see cref="TurnTimer.Force"/> is due.</summary>
    public void OnForceDue() => _forced = true;

    /// <summary>The successor becomes the session in use; the one before is kept for a little.</summary>
    public ModelLink Adopt()
    {
        if (_retired is not null)
        {
            Retire();
        }

        _retired = Current;
        if (_retired is not null)
        {
            _retire.Set(_context.Now + RetireDelay);
        }

        var link = _next!;
        (_context.Session, _next, _forced, _givenUp) = (link, null, false, false);
        _adopted++;
        ScheduleRollover(link);
        return link;
    }

    /// <summary>True when the session in use is the first that was adopted.</summary>
    public bool IsFirst => _adopted == 1;

    /// <summary>The predecessor is closed.</summary>
    public void Retire()
    {
        _retire.Clear();
        if (_retired is { } link)
        {
            _retired = null;
            _context.Emit(new TurnCommand.CloseSession(link.Number));
        }
    }

    /// <summary>
    /// The options have changed: configures the sessions again. True when the call has to move to a session of its own for
    /// them. The service fixes the voice with the first audio: another voice, like another model, needs another session.
    /// </summary>
    /// <param name="before">The options before.</param>
    public bool Reconfigure(TurnOptions before)
    {
        var link = Current!;
        var options = _context.Options;
        var otherKind = options.SessionKind != before.SessionKind;
        var opened = _next is { Opened: true } ? _next : null;
        if (!otherKind && !(link.Spoke && options.Session.Voice != link.Voice))
        {
            Configure(link);
            if (opened is not null)
            {
                Configure(opened);
            }

            return false;
        }

        if (_next is not null && otherKind)
        {
            _context.Emit(new TurnCommand.CloseSession(_next.Number));
            _next = null;
        }
        else if (opened is not null)
        {
            Configure(opened);
        }

        GiveUp("role");
        return true;
    }

    /// <summary>The call is ending: no further session is opened.</summary>
    public void StopOpening() => _closing = true;

    /// <summary>The call ends: closes every session.</summary>
    public void End()
    {
        foreach (var link in new[] { _retired, _next, Current })
        {
            if (link is not null)
            {
                _context.Emit(new TurnCommand.CloseSession(link.Number));
            }
        }

        (_retired, _next, _context.Session) = (null, null, null);
    }

    // What a session fixes once (its voice with the first audio, its tracing) is not sent to it again.
    private void Configure(ModelLink link)
    {
        var settings = _context.Options.Session;
        if (link.Configured)
        {
            settings = settings with { Tracing = null, Voice = link.Spoke ? null : settings.Voice };
        }

        (link.Configured, link.Voice) = (true, _context.Options.Session.Voice);
        _context.Emit(new TurnCommand.SendToModel(link.Number, new ModelCommand.UpdateSession(settings) { Id = "configure" }));
    }

    private bool RetryOpening()
    {
        _openFailures++;
        if (_openFailures >= _context.Options.OpenAttempts && (Current is null || _givenUp))
        {
            return false;
        }

        var delay = _context.Options.OpenRetryDelay * Math.Pow(2, Math.Min(_openFailures - 1, 10));
        _openRetry.Set(_context.Now + (delay < MaxRetryDelay ? delay : MaxRetryDelay));
        return true;
    }

    private void ScheduleRollover(ModelLink link)
    {
        _rollover.Clear();
        _force.Clear();
        if (link.ExpiresAt is { } end)
        {
            var half = (end - _context.Now) / 2;
            var lead = half < RolloverLead ? half : RolloverLead;
            _rollover.Set(end - lead);
            _force.Set(end - (lead / 4));
        }
    }
}
