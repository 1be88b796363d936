using Bridge.Rtc.Stun;

namespace Bridge.Rtc.Ice;

/// <summary>The checking half: a client's pairs, nomination and consent.</summary>
internal sealed partial class IceAgent
{
    private const int MaxPairs = 64;
    private const int MaxTries = 10;

    // RFC 8445 §14.2 lets Ta fall to 5 ms; the first check leaves at once.
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromMilliseconds(1600);

    // RFC 7675 §5.1 asks for 5 s; browsers check a live pair every 2.5 s, which also moves the server after an address change.
    private static readonly TimeSpan ConsentInterval = TimeSpan.FromMilliseconds(2500);
    private static readonly TimeSpan ConsentRetry = TimeSpan.FromMilliseconds(500);

    private readonly List<IcePair> _pairs = [];
    private Instant _nextCheck;
    private IcePair? _chosen;

    /// <summary>Adds what a description or a trickled candidate names; ignores what can't be reached from here.</summary>
    public void AddRemoteCandidate(in IceCandidate candidate)
    {
        if (candidate.Address is not { } address || candidate.Component != 1
            || (address.Protocol == TransportProtocol.Tcp && candidate.TcpType != "passive"))
        {
            return;
        }

        if (_pairs.Count == 0)
        {
            _nextCheck = new Instant(long.MinValue);
        }

        foreach (LocalCandidate local in _options.LocalCandidates)
        {
            if (local.Address.Protocol == address.Protocol && local.Address.IsIPv4 == address.IsIPv4)
            {
                AddPair(new Route(address, local.Local), candidate.Priority);
            }
        }
    }

    /// <summary>Sends the checks that are due.</summary>
    public Deadline Advance(Instant now)
    {
        if (_lite || _remote is null)
        {
            return Deadline.Never;
        }

        Instant next = Instant.Distant;
        if (_chosen is { Succeeded: true })
        {
            if (_chosen.NextTry <= now)
            {
                SendCheck(now, _chosen, nominate: _controlling && (!_chosen.Nominated || _options.RenewsNomination));

                // A lost consent check is repeated soon: silence must be judged by several of them.
                _chosen.NextTry = now + (_chosen.Outstanding ? ConsentRetry : Jitter(ConsentInterval));
                _chosen.Outstanding = true;
            }

            next = _chosen.NextTry;
        }

        foreach (IcePair pair in _pairs)
        {
            if (pair.Succeeded || pair.Tries >= MaxTries || (_chosen is { Nominated: true } && pair != _chosen))
            {
                continue;
            }

            Instant due = pair.Tries == 0 && _nextCheck > pair.NextTry ? _nextCheck : pair.NextTry;
            if (due <= now)
            {
                if (pair.Tries == 0)
                {
                    _nextCheck = now + Pace;
                }

                SendCheck(now, pair, nominate: false);
                pair.Retry = pair.Tries == 0 ? FirstRetry : TimeSpan.FromTicks(Math.Min(pair.Retry.Ticks * 2, LongestRetry.Ticks));
                pair.Tries++;
                pair.NextTry = now + pair.Retry;
                due = pair.NextTry;
            }

            next = Instant.Min(next, due);
        }

        return new Deadline(next, DeadlineReason.Ice);
    }

    private TimeSpan Jitter(TimeSpan interval) => interval * (0.8 + (0.4 * (_entropy.NextCosmetic() / 4294967296.0)));

    private void ClearChecks()
    {
        _pairs.Clear();
        _chosen = null;
    }

    private IcePair? AddPair(Route route, uint priority)
    {
        foreach (IcePair existing in _pairs)
        {
            if (existing.Route == route)
            {
                return existing;
            }
        }

        if (_pairs.Count == MaxPairs)
        {
            return null;
        }

        var pair = new IcePair(route, priority) { NextTry = new Instant(long.MinValue) };
        int at = _pairs.FindIndex(other => other.Priority < priority);
        _pairs.Insert(at < 0 ? _pairs.Count : at, pair);
        return pair;
    }

    // A request is proof that this way may work: check it at once (RFC 8445 §7.3.1.4).
    private void Trigger(Instant now, in StunMessage message, Route from)
    {
        IcePair? pair = AddPair(from, message.Priority);
        if (pair is null)
        {
            return;
        }

        if (message.UseCandidate && !_controlling)
        {
            pair.NominatedByRemote = true;
            if (pair.Succeeded)
            {
                Choose(pair);
                pair.Nominated = true;
            }
        }

        if (!pair.Succeeded)
        {
            pair.Tries = 0;
            pair.NextTry = now;
            _nextCheck = now;
        }
    }

    private bool ReceiveResponse(Instant now, in StunMessage message, Route from)
    {
        if (_lite || _remote is null || !message.Verify(_remote.Key))
        {
            _output.Drops.Add(DropReason.StunIntegrity, message.Size);
            return false;
        }

        IcePair? pair = FindSent(message.Transaction, from, out Instant sentAt);
        if (pair is null)
        {
            // An answer from where no check went, or to a check long forgotten (RFC 8445 §7.2.5.2.1).
            _output.Drops.Add(DropReason.StunUnmatched, message.Size);
            return false;
        }

        if (message.Class == StunClass.Error)
        {
            if (message.Error == 487)
            {
                _controlling = !pair.SentAsControlling;
                pair.Tries = 0;
                pair.NextTry = now;
                _nextCheck = now;
            }

            return true;
        }

        LastHeard = now;
        _stats.RoundTripTime = now - sentAt;
        Prove(from, now);
        pair.Outstanding = false;
        if (!pair.Succeeded)
        {
            pair.Succeeded = true;
            if (_controlling ? _chosen is null : pair.NominatedByRemote || _chosen is null)
            {
                Choose(pair);
            }

            // The one chosen is nominated at once: the first pair that works is good enough for audio.
            pair.NextTry = pair == _chosen && _controlling ? now : now + Jitter(ConsentInterval);
        }
        else if (pair == _chosen)
        {
            pair.Nominated = true;
            pair.NextTry = now + Jitter(ConsentInterval);
        }

        return true;
    }

    private void Choose(IcePair pair)
    {
        _chosen = pair;
        _previous = null;
        Select(pair.Route);
    }

    private IcePair? FindSent(TransactionId transaction, Route from, out Instant sentAt)
    {
        foreach (IcePair pair in _pairs)
        {
            if (pair.Route == from && pair.TryFindSent(transaction, out sentAt))
            {
                return pair;
            }
        }

        sentAt = default;
        return null;
    }

    private void SendCheck(Instant now, IcePair pair, bool nominate)
    {
        TransactionId transaction = TransactionId.Draw(_entropy);
        pair.Remember(transaction, now);
        pair.SentAsControlling = _controlling;
        byte[] buffer = OutputQueue.Rent();
        var writer = new StunWriter(buffer, StunClass.Request, transaction);
        writer.AddUsername(_remote!.Ufrag, _local.Ufrag);
        writer.AddPriority(PeerReflexivePriority);
        writer.AddRole(_controlling, _tieBreaker);
        if (nominate && _controlling)
        {
            writer.AddUseCandidate();
        }

        _output.AddDatagram(buffer, writer.Finish(_remote.Key), pair.Route);
    }

    // Type preference 110, RFC 8445 §5.1.2.2.
    private const uint PeerReflexivePriority = (110u << 24) | (65535u << 8) | 255;
}
