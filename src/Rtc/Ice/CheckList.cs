using Bridge.Rtc.Stun;

namespace Bridge.Rtc.Ice;

/// <summary>A client's candidate pairs and when each is to be checked (RFC 8445 §6.1.2, RFC 7675 §5.1).</summary>
internal sealed class CheckList(IEntropy entropy, RtcPeerOptions options)
{
    private const int MaxPairs = 64;
    private const int MaxTries = 10;

    // RFC 8445 §14.2 lets Ta fall to 5 ms; the first check leaves at once.
    private static readonly TimeSpan Ta = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan FirstRto = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan MaxRto = TimeSpan.FromMilliseconds(1600);

    // RFC 7675 §5.1 asks for 5 s; browsers check a live pair every 2.5 s, which also moves the server after an address change.
    private static readonly TimeSpan ConsentInterval = TimeSpan.FromMilliseconds(2500);
    private static readonly TimeSpan ConsentRetry = TimeSpan.FromMilliseconds(500);

    private readonly List<IcePair> _pairs = [];
    private Instant _nextCheck;

    /// <summary>The pair in use; null before one succeeded.</summary>
    public IcePair? Chosen { get; private set; }

    /// <summary>When the next check is due.</summary>
    public Instant NextAt
    {
        get
        {
            Instant next = Chosen is { Succeeded: true } chosen ? chosen.NextTry : Instant.Distant;
            foreach (IcePair pair in _pairs)
            {
                next = IsOpen(pair) ? Instant.Min(next, DueAt(pair)) : next;
            }

            return next;
        }
    }

    /// <summary>Adds the pairs of a candidate; ignores what can't be reached from here.</summary>
    public void Add(in IceCandidate candidate)
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

        foreach (LocalCandidate local in options.LocalCandidates)
        {
            if (local.Address.Protocol == address.Protocol && local.Address.IsIPv4 == address.IsIPv4)
            {
                Add(new Route(address, local.Local), candidate.Priority);
            }
        }
    }

    /// <summary>The pair of a route, added if need be; null when there are too many.</summary>
    public IcePair? Add(Route route, uint priority)
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

    /// <summary>The pair whose check is due; null when none is.</summary>
    public IcePair? FindDue(Instant now)
    {
        if (Chosen is { Succeeded: true } chosen && chosen.NextTry <= now)
        {
            return chosen;
        }

        foreach (IcePair pair in _pairs)
        {
            if (IsOpen(pair) && DueAt(pair) <= now)
            {
                return pair;
            }
        }

        return null;
    }

    /// <summary>A check of a pair was sent: says when the next one is due.</summary>
    public void Sent(Instant now, IcePair pair)
    {
        if (pair.Succeeded)
        {
            // A lost consent check is repeated soon: silence must be judged by several of them.
            pair.NextTry = now + (pair.Outstanding ? ConsentRetry : Jitter(ConsentInterval));
            pair.Outstanding = true;
            return;
        }

        if (pair.Tries == 0)
        {
            _nextCheck = now + Ta;
        }

        pair.Retry = pair.Tries == 0 ? FirstRto : TimeSpan.FromTicks(Math.Min(pair.Retry.Ticks * 2, MaxRto.Ticks));
        pair.Tries++;
        pair.NextTry = now + pair.Retry;
    }

    /// <summary>Checks a pair at once: a triggered check (RFC 8445 §7.3.1.4), or a repaired role conflict.</summary>
    public void CheckNow(Instant now, IcePair pair)
    {
        pair.Tries = 0;
        pair.NextTry = now;
        _nextCheck = now;
    }

    /// <summary>A check of a pair was answered. True when the pair is the one in use from now on.</summary>
    public bool Succeed(Instant now, IcePair pair, bool controlling)
    {
        pair.Outstanding = false;
        if (pair.Succeeded)
        {
            if (pair == Chosen)
            {
                pair.Nominated = true;
                pair.NextTry = now + Jitter(ConsentInterval);
            }

            return false;
        }

        pair.Succeeded = true;
        bool chosen = Chosen is null || (!controlling && pair.NominatedByRemote);
        if (chosen)
        {
            Chosen = pair;
        }

        // The one chosen is nominated at once: the first pair that works is good enough for audio.
        pair.NextTry = chosen && controlling ? now : now + Jitter(ConsentInterval);
        return chosen;
    }

    /// <summary>The remote side nominates a pair. True when the pair is the one in use from now on.</summary>
    public bool Nominate(IcePair pair)
    {
        pair.NominatedByRemote = true;
        if (!pair.Succeeded)
        {
            return false;
        }

        Chosen = pair;
        pair.Nominated = true;
        return true;
    }

    /// <summary>The pair that a check was sent on; null for a check that was never sent there, or is long forgotten.</summary>
    public IcePair? FindSent(TransactionId transaction, Route from, out Instant sentAt)
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

    public void Clear()
    {
        _pairs.Clear();
        Chosen = null;
    }

    private bool IsOpen(IcePair pair) =>
        !pair.Succeeded && pair.Tries < MaxTries && (Chosen is not { Nominated: true } || pair == Chosen);

    private Instant DueAt(IcePair pair) => pair.Tries == 0 && _nextCheck > pair.NextTry ? _nextCheck : pair.NextTry;

    private TimeSpan Jitter(TimeSpan interval) => interval * (0.8 + (0.4 * (entropy.NextCosmetic() / 4294967296.0)));
}
