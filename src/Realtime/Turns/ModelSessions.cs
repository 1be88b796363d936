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
    private readonly ConfirmationWatch _confirmations;
    private readonly RefusedSettings _refused;
    private ModelLink? _next;
    private ModelLink? _retired;
    private int _opened;
    private int _adopted;
    private int _openFailures;
    private bool _forced;
    private bool _givenUp;
    private bool _closing;
    private string? _closesFirst;

    public ModelSessions(TurnContext context)
    {
        _context = context;
        _rollover = context.Timers.Own(TurnTimer.Rollover);
        _force = context.Timers.Own(TurnTimer.Force);
        _openRetry = context.Timers.Own(TurnTimer.OpenRetry);
        _retire = context.Timers.Own(TurnTimer.Retire);
        _confirmations = new ConfirmationWatch(context);
        _refused = new RefusedSettings(context);
    }

    /// <summary>The move to the successor no longer waits for a quiet moment.</summary>
    public bool IsMoveForced => _forced;

    /// <summary>A successor has confirmed its configuration, and there is a session to leave.</summary>
    public bool CanMove => _next is { IsReady: true } && Current is not null;

    /// <summary>A successor has confirmed its configuration, and there is no other session.</summary>
    public bool MustAdopt => _next is { IsReady: true } && Current is null;

    /// <summary>A session was adopted at some time.</summary>
    public bool WasAdopted => _adopted > 0;

    public ResponseBlockers Blockers =>
        (Current is null ? ResponseBlockers.NoSession
            : Current.Configuration.IsConfirmed ? ResponseBlockers.None : ResponseBlockers.ConfigurationPending)
        | (_givenUp ? ResponseBlockers.SessionGivenUp : ResponseBlockers.None);

    private ModelLink? Current => _context.Session;

    public bool IsCurrent(int session) => Current?.Number == session;

    public bool IsNext(int session) => _next?.Number == session;

    public bool IsRetired(int session) => _retired?.Number == session;

    /// <summary>Opens a successor, unless one is being opened already or the call is ending.</summary>
    public void OpenNext(string reason)
    {
        if (_next is not null || _closing)
        {
            return;
        }

        if (Current is not null && _context.Has(ServerHabits.OneSession))
        {
            _closesFirst = reason;
            _openRetry.Clear();
        }
        else
        {
            if (Current is not null)
            {
                // A call never has more than two sessions.
                Retire();
            }

            _openRetry.Clear();
            _next = new ModelLink(++_opened, reason);
            _context.Emit(new TurnCommand.OpenSession(_next.Number, reason));
        }
    }

    /// <summary>Why the session in use is to be closed at a quiet moment, so that its successor can be opened; null: it is not.</summary>
    public string? ClosesFirst => Current is null ? null : _closesFirst;

    /// <summary>The server has no room for a second session: the one in use goes first.</summary>
    public void OnOneAtATime(string reason)
    {
        _context.Learn(ServerHabits.OneSession);
        _context.Report("one_session", "the model's server takes one session at a time; the call's own is closed before its successor is opened");
        _next = null;
        OpenNext(reason);
    }

    /// <summary>True when the server need not confirm, and never did.</summary>
    public bool TryAssumeConfirmed() => _confirmations.TryAssume();

    /// <summary>A session is open: it is configured.</summary>
    public void OnOpened(TurnInput.SessionOpened opened)
    {
        var (session, lifetime) = opened;
        if (_next?.Number != session)
        {
            _context.Emit(new TurnCommand.CloseSession(session));
            return;
        }

        _next.Opened = true;
        _context.Learn(opened.Habits);
        _refused.Lack(opened.Habits);
        _context.Options = Allowed(_context.Options);

        // A life that is over as it begins is a clock that is wrong: better no plan than a storm of moves.
        _next.ExpiresAt = lifetime > MinLifetime ? _context.Now + lifetime : null;
        Configure(_next);
    }

    /// <summary><c>session.updated</c>, or the end of the wait for it.</summary>
    public void OnUpdated(int session, bool assumed)
    {
        if (Find(session) is { } link)
        {
            _confirmations.OnUpdated();
            link.Configuration.OnUpdated(_context.Now, assumed);
            WatchConfigurations();
        }
    }

    /// <summary>
    /// The service refused a command. The refused part of an update is left out and the rest sent again. None: it was no update;
    /// Left: it was, and something was left out; Whole: a session can not do without what was refused.
    /// </summary>
    public ConfigurationRefusal OnRefused(int session, ModelEvent.Error error)
    {
        if (Find(session) is not { } link || link.Configuration.TakeRefused(_context.Now, error) is not { } sent)
        {
            return ConfigurationRefusal.None;
        }

        // An update that crosses the first audio is too late for a voice: no voice that the service lacks.
        var isLate = error.Code == "cannot_update_voice";
        link.Spoke |= isLate;
        if (isLate || _refused.TryNote(error, sent))
        {
            _context.Options = Allowed(_context.Options);
            Configure(link);
            return ConfigurationRefusal.Left;
        }

        WatchConfigurations();
        return ConfigurationRefusal.Whole;
    }

    /// <summary>The options without what the service refused before.</summary>
    public TurnOptions Allowed(TurnOptions options) => options with { Session = _refused.Apply(options.Session) };

    /// <summary>The session's number whose update was not answered in time; null: none waits so long.</summary>
    public int? TakeUnconfirmed()
    {
        foreach (var link in new[] { _next, Current })
        {
            if (_confirmations.IsOverdue(link))
            {
                return link!.Number;
            }
        }

        WatchConfigurations();
        return null;
    }

    /// <summary>The role that a successor was opened for was refused: the session in use stays. Another is opened only when it ends soon.</summary>
    public void KeepCurrent()
    {
        CloseNext();
        (_givenUp, _forced) = (false, false);
        if (Current is { ExpiresAt: not null } && !_rollover.IsSet)
        {
            OpenNext("expiry");
        }
    }

    /// <summary>Closes the successor.</summary>
    public void CloseNext()
    {
        if (_next is { } link)
        {
            _next = null;
            _context.Emit(new TurnCommand.CloseSession(link.Number));
            WatchConfigurations();
        }
    }

    /// <summary>Configures the successor again, with the options of now.</summary>
    public void ConfigureNext() => Configure(_next is { Opened: true } ? _next : null);

    /// <summary>Configures the session in use if it has no configuration.</summary>
    public void ConfigureBare() => Configure(Current is { Configuration.IsNone: true } ? Current : null);

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
        (_forced, _closesFirst) = (false, null);
        _rollover.Clear();
        _force.Clear();
    }

    /// <summary>Finds a successor for the session that was lost.</summary>
    /// <param name="reason">Why it was lost.</param>
    /// <param name="adopt">A successor is open: it is to be adopted at once.</param>
    /// <returns>False when the call has to end.</returns>
    public bool TryReplaceLost(string reason, out bool adopt)
    {
        adopt = _next is { IsReady: true };
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
        var (link, options) = (Current!, _context.Options);
        var otherKind = options.SessionKind != before.SessionKind;
        if (otherKind)
        {
            _refused.Forget();
            CloseNext();
        }

        ConfigureNext();
        if (!otherKind && !(link.Configuration.Latest is { } has && SessionSettingFields.NeedsAnotherSession(has, options.Session, link.Spoke)))
        {
            Configure(link);
            return false;
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

    // A setting that a session has fixed is not sent to it again: its voice after the first audio, its tracing once it is on.
    private void Configure(ModelLink? link)
    {
        if (link is null)
        {
            return;
        }

        var settings = _context.Options.Session;
        var update = link.Configuration.Ask(_context.Now, settings);
        var sent = settings with
        {
            Voice = link.Spoke ? null : settings.Voice,
            Tracing = update.Before?.Tracing is null ? settings.Tracing : null,
        };
        link.Size.OnSent(update);
        _context.Emit(new TurnCommand.SendToModel(link.Number, update with { Settings = sent }));
        WatchConfigurations();
    }

    private ModelLink? Find(int session) => IsCurrent(session) ? Current : IsNext(session) ? _next : null;

    private void WatchConfigurations() => _confirmations.Watch(Current, _next);

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
