using Bridge.Rtc.Stun;

namespace Bridge.Rtc.Ice;

/// <summary>
/// Connectivity checks of one peer; RFC 8445. As a server it is lite and only answers; as a client it checks, nominates and keeps consent
/// fresh (RFC 7675).
/// </summary>
internal sealed class IceAgent
{
    // Enough to tell a repeated datagram of the network from a fresh check.
    private const int RememberedChecks = 32;

    // Type preference 110, RFC 8445 §5.1.2.2.
    private const uint PeerReflexivePriority = (110u << 24) | (65535u << 8) | 255;

    private readonly IEntropy _entropy;
    private readonly RtcPeerOptions _options;
    private readonly OutputQueue _output;
    private readonly RtcStats _stats;
    private readonly RouteTable _routes;
    private readonly CheckList _checkList;
    private readonly TransactionId[] _recentChecks;
    private readonly IceRole _role;
    private readonly bool _lite;
    private IceCredentials _local;
    private IceCredentials? _previous;
    private IceCredentials? _remote;
    private int _checkCount;
    private bool _nominated;
    private bool _secured;

    public IceAgent(IEntropy entropy, RtcPeerOptions options, OutputQueue output, RtcStats stats)
    {
        _entropy = entropy;
        _options = options;
        _output = output;
        _stats = stats;
        _routes = output.Routes;
        _checkList = new CheckList(entropy, options);
        _lite = options.Role == RtcRole.Server;
        _recentChecks = _lite ? new TransactionId[RememberedChecks] : [];
        _local = IceCredentials.Draw(entropy);
        _role = new IceRole(_lite, ((ulong)entropy.NextCosmetic() << 32) | entropy.NextCosmetic());
    }

    public string LocalUfrag => _local.Ufrag;

    public string LocalPassword => _local.Password;

    /// <summary>Where to send; null before anything was proved.</summary>
    public Route? Selected { get; private set; }

    /// <summary>A route that was nominated while media flows, and is selected as soon as authentic media come from there.</summary>
    public Route? Pending { get; private set; }

    /// <summary>Rises with every change of the selected route.</summary>
    public int RouteVersion { get; private set; }

    /// <summary>When the latest authentic message arrived; the distant past for never.</summary>
    public Instant LastHeard { get; private set; } = new(long.MinValue);

    /// <summary>The remote fragment in force; null before a description.</summary>
    public string? RemoteUfrag => _remote?.Ufrag;

    public string? RemotePassword => _remote?.Password;

    /// <summary>True for a route whose far end proved to know the password.</summary>
    public bool IsProven(Route route) => Selected == route || _routes.Contains(route);

    /// <summary>Takes the remote credentials of a description.</summary>
    public void SetRemote(string ufrag, string password)
    {
        if (_remote is null || _remote.Ufrag != ufrag || _remote.Password != password)
        {
            _remote = new IceCredentials(ufrag, password);
        }
    }

    /// <summary>Adds what a description or a trickled candidate names.</summary>
    public void AddRemoteCandidate(in IceCandidate candidate) => _checkList.Add(candidate);

    /// <summary>
    /// Draws new credentials; the old ones are answered until the new ones are nominated, so that media flows on (RFC 8445 §9).
    /// </summary>
    public void Restart()
    {
        _previous = _local;
        _local = IceCredentials.Draw(_entropy);
        _stats.IceRestarts++;
        _output.AddIceRestart();
        _checkList.Clear();
    }

    /// <summary>Notes that something authentic arrived by other means than STUN.</summary>
    public void Heard(Instant now) => LastHeard = now;

    /// <summary>Follows a proven route that the DTLS handshake uses, while none is nominated.</summary>
    public void Prefer(Route route)
    {
        if (_lite && !_nominated && !_secured)
        {
            Select(route);
        }
    }

    /// <summary>
    /// The DTLS handshake is complete: what flows from now on goes to where its last flight came from. A route nominated meanwhile waits
    /// for media, like every one nominated later.
    /// </summary>
    public void Secure(Route from)
    {
        _secured = true;
        if (_lite && Selected is { } selected && selected != from && IsProven(from))
        {
            Pending = _nominated ? selected : null;
            Select(from);
        }
    }

    /// <summary>
    /// Authentic media came from a route. The remote side is followed there when it nominated the route, or when a check from there is
    /// newer than any from the selected route: its router gave it another address, and it does not nominate again. RFC 7675 does not
    /// ask for that; Firefox checks without. A check alone moves nothing (browsers also check routes they hold in reserve, and
    /// the source of a check may be forged), nor do media, which on an old route may be late.
    /// </summary>
    public void Follow(Route from)
    {
        if (_lite && Selected is { } selected && from != selected
            && (from == Pending || _routes.CheckedAt(from) > _routes.CheckedAt(selected)))
        {
            Pending = null;
            Select(from);
        }
    }

    /// <summary>Stops sending: consent is gone.</summary>
    public void Forget()
    {
        _nominated = false;
        Selected = null;
        Pending = null;
        _routes.Clear();
    }

    /// <summary>Sends the checks that are due.</summary>
    public Deadline Advance(Instant now)
    {
        if (_lite || _remote is null)
        {
            return Deadline.Never;
        }

        while (_checkList.FindDue(now) is { } pair)
        {
            bool nominate = _role.IsControlling && pair.Succeeded && (!pair.Nominated || _options.RenewsNomination);
            SendCheck(now, pair, nominate);
            _checkList.Sent(now, pair);
        }

        return new Deadline(_checkList.NextAt, DeadlineReason.Ice);
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

        if (_role.HasConflict(message))
        {
            Respond(message.Transaction, from, addressed, 487, 0);
            return true;
        }

        LastHeard = now;

        // The network may repeat a datagram, and an attacker on the path may send it again from elsewhere:
        // only a check not seen before makes its route a newer one.
        bool fresh = !_lite || (addressed == _local && Remember(message.Transaction));
        _routes.Add(from, fresh ? now : new Instant(long.MinValue), message.Size, Selected);
        Respond(message.Transaction, from, addressed, 0, 0);
        if (_lite)
        {
            AcceptNomination(message, from, addressed, fresh);
        }
        else
        {
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
        if (!fresh)
        {
            return;
        }

        _nominated = true;
        if (!_secured || _routes.IsValidated(from))
        {
            Pending = null;
            Select(from);
        }
        else
        {
            Pending = from == Selected ? null : from;
        }
    }

    // A request is proof that this way may work: check it at once (RFC 8445 §7.3.1.4).
    private void Trigger(Instant now, in StunMessage message, Route from)
    {
        IcePair? pair = _checkList.Add(from, message.Priority);
        if (pair is null)
        {
            return;
        }

        if (message.UseCandidate && !_role.IsControlling && _checkList.Nominate(pair))
        {
            Choose(pair);
        }

        if (!pair.Succeeded)
        {
            _checkList.CheckNow(now, pair);
        }
    }

    private bool ReceiveResponse(Instant now, in StunMessage message, Route from)
    {
        if (_lite || _remote is null || !message.Verify(_remote.Key))
        {
            _output.Drops.Add(DropReason.StunIntegrity, message.Size);
            return false;
        }

        IcePair? pair = _checkList.FindSent(message.Transaction, from, out Instant sentAt);
        if (pair is null)
        {
            // An answer from where no check went, or to a check long forgotten (RFC 8445 §7.2.5.2.1).
            _output.Drops.Add(DropReason.StunUnmatched, message.Size);
            return false;
        }

        if (message.Class == StunClass.Error)
        {
            if (message.ErrorCode == 487)
            {
                _role.Switch(!pair.SentAsControlling);
                _checkList.CheckNow(now, pair);
            }

            return true;
        }

        LastHeard = now;
        _stats.RoundTripTime = now - sentAt;
        _routes.Add(from, now, message.Size, Selected);
        if (_checkList.Succeed(now, pair, _role.IsControlling))
        {
            Choose(pair);
        }

        return true;
    }

    private void Choose(IcePair pair)
    {
        _previous = null;
        Select(pair.Route);
    }

    /// <summary>True for a transaction that is not among the latest.</summary>
    private bool Remember(TransactionId transaction)
    {
        if (_recentChecks.AsSpan().Contains(transaction))
        {
            return false;
        }

        _recentChecks[_checkCount++ % RememberedChecks] = transaction;
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
        _output.AddRoute(route);
    }

    private void SendCheck(Instant now, IcePair pair, bool nominate)
    {
        TransactionId transaction = TransactionId.Draw(_entropy);
        pair.Remember(transaction, now);
        pair.SentAsControlling = _role.IsControlling;
        byte[] buffer = OutputQueue.Rent();
        var writer = new StunWriter(buffer, StunClass.Request, transaction);
        writer.AddUsername(_remote!.Ufrag, _local.Ufrag);
        writer.AddPriority(PeerReflexivePriority);
        writer.AddTieBreaker(_role.IsControlling, _role.TieBreaker);
        if (nominate)
        {
            writer.AddUseCandidate();
        }

        _output.AddDatagram(buffer, writer.Finish(_remote.Key), pair.Route);
    }

    private void Respond(TransactionId transaction, Route to, IceCredentials key, int error, ushort unknown)
    {
        byte[] buffer = OutputQueue.Rent();
        var writer = new StunWriter(buffer, error == 0 ? StunClass.Success : StunClass.Error, transaction);
        if (error == 0)
        {
            writer.AddXorMappedAddress(to.Remote);
        }
        else
        {
            writer.AddErrorCode(error, error == 487 ? "Role Conflict"u8 : "Unknown Attribute"u8);
            if (unknown != 0)
            {
                writer.AddUnknownAttributes(unknown);
            }
        }

        _output.AddDatagram(buffer, writer.Finish(key.Key), to);
    }
}
