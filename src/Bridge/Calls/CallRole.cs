using Bridge.Realtime.Turns;
using Bridge.Roles;

namespace Bridge.Calls;

/// <summary>The role of a call, and how it changes under it: by an edit, by a transfer, by the tools of the page.</summary>
/// <param name="role">The snapshot that the call begins with.</param>
/// <param name="context">Caller, locale and time zone for the templates; their time is the moment of rendering.</param>
/// <param name="find">The role of a slug as it is now; null when there is none.</param>
/// <param name="sessionKind">Names the model of a role's sessions.</param>
/// <param name="accounts">The budget of the call.</param>
/// <param name="time">For the templates.</param>
internal sealed class CallRole(
    Role role, RoleContext context, Func<string, Role?> find, Func<Role, string> sessionKind, CallAccounts accounts, TimeProvider time)
{
    // Options that were taken and not settled: a call whose page changes its tools all the time keeps no more.
    private const int MaxTaken = 16;

    private readonly Lock _gate = new();
    private readonly Queue<(int Version, Role Role)> _taken = new();
    private Role _current = role;
    private Role _inForce = role;
    private (Role? Role, DateTimeOffset At) _rendered;
    private string? _refusedRevision;
    private int _version;
    private bool _released;
    private bool _economises;
    private bool _optionsChanged;

    /// <summary>The role is another one now. Raised by whichever thread changed it, one at a time.</summary>
    public event Action<Role>? Changed;

    /// <summary>The options are others than those taken last. Raised on any thread.</summary>
    public event Action? OptionsChanged;

    /// <summary>The role's snapshot; another one after an edit (<c>reload: live</c>) or a transfer.</summary>
    public Role Current => Volatile.Read(ref _current);

    /// <summary>The templates' view of the call.</summary>
    public RoleContext Context => context;

    /// <summary>Each response is paid before it is asked for.</summary>
    public bool IsBudgeted => accounts.Limit(Current);

    /// <summary>From now on the call takes the cheaper model of its role, where it names one.</summary>
    public void Economise()
    {
        lock (_gate)
        {
            _economises = true;
            if (!_released && Current.Economical() is var cheaper && cheaper != Current)
            {
                Use(cheaper);
            }
        }
    }

    /// <summary>Roles were edited. A role that reloads live goes on with its new text and tools at its next turn.</summary>
    public void Edited()
    {
        lock (_gate)
        {
            // Read within the gate: of two edits at once the later one stays, and a transfer is not undone.
            if (!_released && _current.Reload == ReloadPolicy.Live && find(_current.Slug) is { } edited
                && edited.Revision != _current.Revision && edited.Revision != _refusedRevision && IsLive(edited) == IsLive(_current))
            {
                Use(edited);
            }
        }
    }

    /// <summary>Goes on with another role; null when that is so, else a sentence that says why not.</summary>
    public string? TransferTo(string slug)
    {
        lock (_gate)
        {
            if (find(slug) is not { } other)
            {
                return $"There is no role {slug}.";
            }

            if (accounts.IsUnpriced(other))
            {
                return $"The model of the role {slug} has no price, and this call has a budget.";
            }

            if (IsLive(other) != IsLive(_current))
            {
                return $"The role {slug} speaks with another kind of model; a call can't move there.";
            }

            if (!_released)
            {
                Use(other);
            }

            return null;
        }
    }

    /// <summary>
    /// Options that were taken are in force, or the service refused them: then the call goes on with the role before. True when it
    /// went back to that.
    /// </summary>
    /// <param name="version">Their <see cref="TurnOptions.Version"/>.</param>
    /// <param name="refused">They were refused.</param>
    public bool Settle(int version, bool refused)
    {
        lock (_gate)
        {
            Role? settled = null;
            while (_taken.TryPeek(out var taken) && taken.Version <= version)
            {
                settled = _taken.Dequeue().Role;
            }

            if (settled is null)
            {
                return false;
            }

            if (!refused)
            {
                _inForce = settled;
                return false;
            }

            // The tools of the page alone: there is no other role to go back to. And a later change is tried first.
            if (ReferenceEquals(settled, _inForce) || !ReferenceEquals(settled, _current) || _released)
            {
                return false;
            }

            // A cheaper model that is refused is not asked for again; the same role with its own model is no refused revision.
            if (_economises && settled.Revision == _inForce.Revision)
            {
                _economises = false;
            }
            else
            {
                _refusedRevision = settled.Revision;
            }

            Use(_inForce);
            return true;
        }
    }

    /// <summary>The call is over: nothing changes its role any more.</summary>
    public void Release()
    {
        lock (_gate)
        {
            _released = true;
        }
    }

    /// <summary>Role or tools have changed; the call takes its options again when it gets there.</summary>
    public void ChangeOptions()
    {
        Volatile.Write(ref _optionsChanged, true);
        OptionsChanged?.Invoke();
    }

    /// <summary>True once after each <see cref="ChangeOptions"/>, or after several: what the call reads then is never older.</summary>
    public bool TakeOptionsChange() => Interlocked.Exchange(ref _optionsChanged, false);

    /// <summary>Options of the turn machine with the role as it is now.</summary>
    /// <exception cref="InvalidOperationException">The role's text grows beyond its bound with this caller's attributes.</exception>
    public TurnOptions Options(IReadOnlyList<ToolDeclaration> tools)
    {
        var current = Current;
        var options = RoleTurns.Options(current, context with { Now = Moment(current) }, tools, sessionKind(current));
        lock (_gate)
        {
            if (_taken.Count == MaxTaken)
            {
                _taken.Dequeue();
            }

            _taken.Enqueue((++_version, current));

            // A full-duplex model is paid by the second, whatever it says.
            return options with { Version = _version, IsBudgeted = accounts.Limit(current) && options.Session.Delegation is null };
        }
    }

    // The text of a full-duplex model is fixed with its session: another time in it would ask for another session.
    private DateTimeOffset Moment(Role current)
    {
        lock (_gate)
        {
            if (!IsLive(current) || !ReferenceEquals(_rendered.Role, current))
            {
                _rendered = (current, time.GetUtcNow());
            }

            return _rendered.At;
        }
    }

    private bool IsLive(Role of) => RoleTurns.IsLive(of, sessionKind(of));

    private void Use(Role next)
    {
        next = _economises ? next.Economical() : next;
        Volatile.Write(ref _current, next);
        Changed?.Invoke(next);
        ChangeOptions();
    }
}
