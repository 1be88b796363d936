using Bridge.Rtc.Stun;

namespace Bridge.Rtc.Ice;

/// <summary>Connectivity checks of one peer; RFC 8445. As a server it is lite and only answers; as a client it checks, nominates and keeps consent fresh (RFC 7675).</summary>
internal sealed partial class IceAgent
{
    // A remote side that walks through networks leaves routes behind; the oldest is forgotten.
    private const int MaxRoutes = 16;

    // Enough to tell a repeated datagram of the network from a fresh check.
    private const int RememberedChecks = 32;

    private readonly IEntropy _entropy;
    private readonly RtcPeerOptions _options;
    private readonly OutputQueue _output;
    private readonly RtcStats _stats;
    private readonly List<(Route Route, Instant CheckedAt)> _routes = new(2);
    private readonly TransactionId[] _checks;
    private readonly ulong _tieBreaker;
    private readonly bool _lite;
    private IceCredentials _local;
    private IceCredentials? _previous;
    private IceCredentials? _remote;
    private int _checkCount;
    private bool _controlling;
    private bool _nominated;

    public IceAgent(IEntropy entropy, RtcPeerOptions options, OutputQueue output, RtcStats stats)
    {
        _entropy = entropy;
        _options = options;
        _output = output;
        _stats = stats;
        _lite = options.Role == RtcRole.Server;
        _controlling = !_lite;
        _checks = _lite ? new TransactionId[RememberedChecks] : [];
        _local = IceCredentials.Draw(entropy);
        _tieBreaker = ((ulong)entropy.NextCosmetic() << 32) | entropy.NextCosmetic();
    }

    public string LocalUfrag => _local.Ufrag;

    public string LocalPassword => _local.Password;

    /// <summary>Where to send; null before anything was proved.</summary>
    public Route? Selected { get; private set; }

    /// <summary>When the latest authentic message arrived.</summary>
    public Instant? LastHeard { get; private set; }

    /// <summary>The remote fragment in force; null before a description.</summary>
    public string? RemoteUfrag => _remote?.Ufrag;

    public string? RemotePassword => _remote?.Password;

    /// <summary>True for a route whose far end proved to know the password.</summary>
    public bool IsProven(Route route) => Selected == route || Find(route) >= 0;

    /// <summary>Takes the remote credentials of a description.</summary>
    public void SetRemote(string ufrag, string password)
    {
        if (_remote is null || _remote.Ufrag != ufrag || _remote.Password != password)
        {
            _remote = new IceCredentials(ufrag, password);
        }
    }

    /// <summary>Draws new credentials; the old ones are answered until the new ones are nominated, so that media flows on (RFC 8445 §9).</summary>
    public void Restart()
    {
        _previous = _local;
        _local = IceCredentials.Draw(_entropy);
        _stats.IceRestarts++;
        if (!_lite)
        {
            ClearChecks();
        }
    }

    /// <summary>Notes that something authentic arrived by other means than STUN.</summary>
    public void Heard(Instant now) => LastHeard = now;

    /// <summary>Follows a proven route that DTLS uses, while none is nominated.</summary>
    public void Prefer(Route route)
    {
        if (_lite && !_nominated)
        {
            Select(route);
        }
    }

    /// <summary>
    /// Follows the remote side to where its data comes from, once a check from there is newer than any from the selected route: its
    /// router gave it another address, and it does not nominate again. RFC 7675 does not ask for that; Firefox checks without.
    /// A check alone moves nothing (browsers also check routes they hold in reserve), nor do data, which on an old route may be late.
    /// </summary>
    public void Follow(Route from)
    {
        if (_lite && Selected is { } selected && from != selected && CheckedAt(from) > CheckedAt(selected))
        {
            Select(from);
        }
    }

    /// <summary>Stops sending: consent is gone.</summary>
    public void Forget()
    {
        _nominated = false;
        Selected = null;
        _routes.Clear();
    }

    /// <summary>Takes a STUN datagram; true when its integrity holds.</summary>
    public bool Receive(Instant now, ReadOnlySpan<byte> datagram, Route from)
    {
        if (!StunMessage.TryParse(datagram, out StunMessage message))
        {
            _output.Drops.Add(DropReason.StunMalformed, datagram.Length);
            return false;
        }

        return message.Class switch
        {
            StunClass.Request => ReceiveRequest(now, message, from),
            StunClass.Success or StunClass.Error => ReceiveResponse(now, message, from),
            _ => false,
        };
    }

    private bool ReceiveRequest(Instant now, in StunMessage message, Route from)
    {
        IceCredentials? addressed = Addressed(message.Username);
        if (addressed is null || !message.Verify(addressed.Key))
        {
            _output.Drops.Add(addressed is null ? DropReason.StunUsername : DropReason.StunIntegrity, message.Size);
            return false;
        }

        if (message.Unknown != 0)
        {
            Respond(message.Transaction, from, addressed, 420, message.Unknown);
            return true;
        }

        if (HasRoleConflict(message))
        {
            Respond(message.Transaction, from, addressed, 487, 0);
            return true;
        }

        LastHeard = now;
        Respond(message.Transaction, from, addressed, 0, 0);
        if (_lite)
        {
            // The network may repeat a datagram, and an attacker on the path may send it again from elsewhere:
            // only a check not seen before makes its route a newer one.
            bool fresh = addressed == _local && Remember(message.Transaction);
            Prove(from, fresh ? now : new Instant(long.MinValue));
            AcceptNomination(message, from, addressed, fresh);
        }
        else
        {
            Prove(from, now);
            Trigger(now, message, from);
        }

        return true;
    }

    // username = receiver's fragment ":" sender's fragment; RFC 8445 §7.2.2.
    private IceCredentials? Addressed(ReadOnlySpan<byte> username)
    {
        int colon = username.IndexOf((byte)':');
        if (colon < 0)
        {
            return null;
        }

        ReadOnlySpan<byte> ufrag = username[..colon];
        return _local.UfragIs(ufrag) ? _local : _previous is not null && _previous.UfragIs(ufrag) ? _previous : null;
    }

    // A lite agent never controls, so whoever claims to be controlled has to switch; RFC 8445 §7.3.1.1.
    private bool HasRoleConflict(in StunMessage message)
    {
        if (_controlling && message.Controlling is { } theirs)
        {
            if (_tieBreaker >= theirs)
            {
                return true;
            }

            _controlling = false;
        }
        else if (!_controlling && message.Controlled is { } controlled)
        {
            if (_lite || _tieBreaker < controlled)
            {
                return true;
            }

            _controlling = true;
        }

        return false;
    }

    private void AcceptNomination(in StunMessage message, Route from, IceCredentials addressed, bool fresh)
    {
        if (Selected is null)
        {
            // Until a nomination, answers go where the latest proof came from.
            Select(from);
        }

        if (!message.UseCandidate || addressed != _local)
        {
            return;
        }

        _previous = null;
        if (fresh)
        {
            _nominated = true;
            Select(from);
        }
    }

    /// <summary>True for a transaction that is not among the latest.</summary>
    private bool Remember(TransactionId transaction)
    {
        if (_checks.AsSpan().Contains(transaction))
        {
            return false;
        }

        _checks[_checkCount++ % RememberedChecks] = transaction;
        return true;
    }

    private void Select(Route route)
    {
        if (Selected == route)
        {
            return;
        }

        if (Selected is not null)
        {
            _stats.RouteChanges++;
        }

        Selected = route;
        RouteVersion++;
    }

    /// <summary>Rises with every change of the selected route.</summary>
    public int RouteVersion { get; private set; }

    private void Prove(Route route, Instant checkedAt)
    {
        int known = Find(route);
        if (known >= 0)
        {
            if (checkedAt > _routes[known].CheckedAt)
            {
                _routes[known] = (route, checkedAt);
            }

            return;
        }

        if (_routes.Count == MaxRoutes)
        {
            _routes.RemoveAt(_routes[0].Route == Selected ? 1 : 0);
        }

        _routes.Add((route, checkedAt));
    }

    private int Find(Route route)
    {
        for (int i = 0; i < _routes.Count; i++)
        {
            if (_routes[i].Route == route)
            {
                return i;
            }
        }

        return -1;
    }

    private Instant CheckedAt(Route route) => Find(route) is >= 0 and var known ? _routes[known].CheckedAt : new Instant(long.MinValue);

    private void Respond(TransactionId transaction, Route to, IceCredentials key, int error, ushort unknown)
    {
        byte[] buffer = OutputQueue.Rent();
        var writer = new StunWriter(buffer, error == 0 ? StunClass.Success : StunClass.Error, transaction);
        if (error == 0)
        {
            writer.AddMapped(to.Remote);
        }
        else
        {
            writer.AddError(error, error == 487 ? "Role Conflict"u8 : "Unknown Attribute"u8);
            if (unknown != 0)
            {
                writer.AddUnknown(unknown);
            }
        }

        _output.AddDatagram(buffer, writer.Finish(key.Key), to);
    }
}
