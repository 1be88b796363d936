using Bridge.Rtc.Stun;

namespace Bridge.Rtc.Ice;

/// <summary>A way that is or was checked; RFC 8445 §6.1.2.</summary>
internal sealed class IcePair(Route route, uint priority)
{
    private readonly (TransactionId Transaction, Instant SentAt)[] _sent = new (TransactionId, Instant)[4];
    private int _sentCount;

    public Route Route { get; } = route;

    public uint Priority { get; } = priority;

    public bool Succeeded { get; set; }

    public bool Nominated { get; set; }

    public bool NominatedByRemote { get; set; }

    /// <summary>A consent check was sent and not answered yet.</summary>
    public bool Outstanding { get; set; }

    public bool SentAsControlling { get; set; }

    public int Tries { get; set; }

    public TimeSpan Retry { get; set; }

    public Instant NextTry { get; set; }

    /// <summary>Each check has its own transaction, so that a late answer to an earlier one still counts.</summary>
    public void Remember(TransactionId transaction, Instant sentAt) => _sent[_sentCount++ % _sent.Length] = (transaction, sentAt);

    public bool TryFindSent(TransactionId transaction, out Instant sentAt)
    {
        for (int i = 0; i < Math.Min(_sentCount, _sent.Length); i++)
        {
            if (_sent[i].Transaction == transaction)
            {
                sentAt = _sent[i].SentAt;
                return true;
            }
        }

        sentAt = default;
        return false;
    }
}
