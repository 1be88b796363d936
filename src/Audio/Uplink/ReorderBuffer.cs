namespace Bridge.Audio.Uplink;

/// <summary>The head of the buffer as <see cref="ReorderBuffer.Look"/> sees it.</summary>
internal enum ReorderState
{
    /// <summary>Nothing is stored.</summary>
    Empty,

    /// <summary>The next packet in sequence is there.</summary>
    Ready,

    /// <summary>The next packet is missing, later ones are there, and its time is not up.</summary>
    Waiting,

    /// <summary>The next packet is missing and its time is up.</summary>
    GivenUp,
}

/// <summary>
/// Puts RTP packets in order. Packets in sequence pass at once; a missing one is waited for as long as the reordering
/// seen of late makes worth while, then given up.
/// </summary>
internal sealed class ReorderBuffer
{
    // Packets that may wait behind a hole. 64 of 20 ms are far more than the longest wait lets in.
    private const int Window = 64;

    // RFC 3550 A.1: a jump this large is accepted only when the packet after it follows in sequence, and so is another source.
    private const int MaxJump = 3000;

    // The estimate of reordering halves in about 28 s of packets that come in order.
    private const double Decay = 0.9995;

    // A packet that others have overtaken is waited for this long at least and at most; the observed reordering decides between.
    private static readonly TimeSpan MinWait = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan MaxWait = TimeSpan.FromMilliseconds(80);

    private readonly Slot[] _slots = new Slot[Window];
    private readonly TimeSpan[] _noticed = new TimeSpan[Window];
    private bool _started;
    private ExtendedSequence _next;
    private ExtendedSequence _highest;
    private ulong _seen;
    private int _count;
    private uint _source;
    private uint _jumpSource;
    private ushort? _afterJump; // number that has to follow for a jump to be accepted
    private double _reordering;

    internal ReorderBuffer()
    {
        for (int i = 0; i < Window; i++)
        {
            _slots[i].Payload = [];
        }
    }

    internal long Late { get; private set; }

    internal long Lost { get; private set; }

    internal long Duplicate { get; private set; }

    internal long Reordered { get; private set; }

    /// <summary>How long a hole is waited for: the longest recent reordering and a margin, within the bounds.</summary>
    internal TimeSpan Wait
    {
        get
        {
            TimeSpan wait = TimeSpan.FromMilliseconds((_reordering * 1.1) + 2);
            return wait < MinWait ? MinWait : wait > MaxWait ? MaxWait : wait;
        }
    }

    internal uint Timestamp => Head.Timestamp;

    internal ReadOnlySpan<byte> Payload => Head.Payload.AsSpan(0, Head.Length);

    /// <summary>Level that the sender wrote beside the packet, -dBov (RFC 6464).</summary>
    internal byte? Level => Head.Level;

    /// <summary>
    /// Whether what is stored comes from another source than what was taken out before; whoever begins anew with it takes the mark away.
    /// </summary>
    internal bool HasNewSource { get; set; }

    private ref Slot Head => ref _slots[_next.Value & (Window - 1)];

    /// <summary>Stores a packet.</summary>
    /// <returns>Whether it will come out again.</returns>
    internal bool TryPush(TimeSpan now, uint source, ushort sequence, uint timestamp, byte? level, ReadOnlySpan<byte> payload)
    {
        if (!_started)
        {
            _started = true;
            _source = source;
            _next = new ExtendedSequence(sequence);
            _highest = _next - 1;
        }

        int ahead = _next.Ahead(sequence);
        if (source != _source || ahead <= -MaxJump || ahead >= MaxJump)
        {
            if (sequence != _afterJump || source != _jumpSource)
            {
                _afterJump = unchecked((ushort)(sequence + 1));
                _jumpSource = source;
                Late++;
                return false;
            }

            HasNewSource |= source != _source;
            _source = source;
            RestartAt(_next + ahead);
            ahead = 0;
        }

        _afterJump = null;
        ExtendedSequence extended = _next + ahead;
        if (ahead < 0)
        {
            NoteBehind(now, extended, -ahead);
            return false;
        }

        if (ahead >= Window)
        {
            // The caller pushes without pulling, or the hole is longer than a second: waiting has no sense.
            Lost += ahead - _count;
            RestartAt(extended);
        }

        ref Slot slot = ref _slots[extended.Value & (Window - 1)];
        if (slot.Full)
        {
            Duplicate++;
            return false;
        }

        Decayed(0);
        if (extended > _highest)
        {
            for (ExtendedSequence hole = _highest + 1; hole < extended; hole++)
            {
                _noticed[hole.Value & (Window - 1)] = now;
            }

            _highest = extended;
        }
        else
        {
            Reordered++;
            Decayed((now - _noticed[extended.Value & (Window - 1)]).TotalMilliseconds);
        }

        slot.Store(timestamp, level, payload);
        _count++;
        return true;
    }

    /// <summary>Says what is at the head.</summary>
    /// <param name="now">The time.</param>
    /// <param name="deadline">When waiting ends, for <see cref="ReorderState.Waiting"/>.</param>
    internal ReorderState Look(TimeSpan now, out TimeSpan deadline)
    {
        deadline = default;
        if (_count == 0)
        {
            return ReorderState.Empty;
        }

        if (Head.Full)
        {
            return ReorderState.Ready;
        }

        deadline = _noticed[_next.Value & (Window - 1)] + Wait;
        return now >= deadline ? ReorderState.GivenUp : ReorderState.Waiting;
    }

    /// <summary>Steps over the hole at the head, to the next packet that is there.</summary>
    /// <returns>How many packets are lost.</returns>
    internal int SkipHole()
    {
        int missing = 0;
        while (!Head.Full)
        {
            _next++;
            _seen <<= 1;
            missing++;
        }

        Lost += missing;
        return missing;
    }

    /// <summary>Takes the packet at the head out.</summary>
    internal void Advance()
    {
        Head.Full = false;
        _count--;
        _next++;
        _seen = (_seen << 1) | 1;
    }

    private void NoteBehind(TimeSpan now, ExtendedSequence extended, int behind)
    {
        if (behind <= Window && ((_seen >> (behind - 1)) & 1) != 0)
        {
            Duplicate++;
            return;
        }

        Late++;
        if (behind <= Window)
        {
            // It was given up too early: next time wait as long as this one needed.
            _seen |= 1UL << (behind - 1);
            Decayed((now - _noticed[extended.Value & (Window - 1)]).TotalMilliseconds);
        }
    }

    private void Decayed(double observed) =>
        _reordering = Math.Min(Math.Max(observed, _reordering * Decay), MaxWait.TotalMilliseconds);

    private void RestartAt(ExtendedSequence extended)
    {
        for (int i = 0; i < Window; i++)
        {
            _slots[i].Full = false;
        }

        _count = 0;
        _seen = 0;
        _next = extended;
        _highest = extended - 1;
    }

    private struct Slot
    {
        internal byte[] Payload;
        internal int Length;
        internal uint Timestamp;
        internal byte? Level;
        internal bool Full;

        internal void Store(uint timestamp, byte? level, ReadOnlySpan<byte> payload)
        {
            if (Payload.Length < payload.Length)
            {
                // Grows to the largest packet of the call and stays: no allocation once the call is under way.
                Payload = new byte[Math.Max(256, payload.Length + (payload.Length / 2))];
            }

            payload.CopyTo(Payload);
            Length = payload.Length;
            Timestamp = timestamp;
            Level = level;
            Full = true;
        }
    }
}
