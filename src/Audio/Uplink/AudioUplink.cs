using Bridge.Audio.Codecs;

namespace Bridge.Audio.Uplink;

/// <summary>
/// From the caller's RTP packets to the model's 24 kHz mono int16: puts packets in order, decodes, fills what is missing.
/// The model is not an ear, so audio that is in order goes up at once, with no playout delay.
/// </summary>
/// <remarks>Time is the caller's, from any origin. One owner; no lock inside.</remarks>
internal sealed class AudioUplink
{
    /// <summary>
    /// Samples that the longest packet (120 ms) decodes to; a buffer this long is never too short for <see cref="Pull"/>.
    /// </summary>
    public const int MaxPull = 2880;

    private const int ModelRate = 24000;
    private const int Step = 20; // ms of a hole that are filled at a time
    private const int MaxTakenBackCount = 3; // packets in a row: concealment has faded by then, and so many are no accident
    private const long Never = long.MaxValue;

    // Longest pause of the sender in the middle of speech before silence is made in its place. Until then the network counts as
    // stalled and its packets as under way. The model is not an ear: late speech is better than none.
    private static readonly TimeSpan StallPatience = TimeSpan.FromMilliseconds(400);

    // Longest hole that is filled with sound made from the speech before it; the rest of it is silence.
    private static readonly TimeSpan MaxConcealment = TimeSpan.FromMilliseconds(100);

    // Longest jump of the sender's timestamp that is taken for silence; beyond it, or where less time than that has passed,
    // the stream starts anew.
    private static readonly TimeSpan MaxGap = TimeSpan.FromSeconds(10);

    private readonly ReorderBuffer _buffer = new();
    private readonly TransitClock _transit = new();
    private readonly SenderPace _pace = new(MaxGap);
    private readonly WallTimeLimit _limit = new(ModelRate);
    private readonly IAudioCodec _codec;
    private readonly UplinkSound _sound;
    private readonly LevelGuard _guard = new();
    private bool _anchored;
    private bool _silent;
    private ExtendedTimestamp _expected; // of the next sample to give out
    private int _missing; // packets lost right before the head
    private int _packetSamples;
    private int _takenBack; // packets taken back in a row
    private int _concealed; // samples made up since the last packet
    private long _deadline = Never;
    private long _received;
    private long _corrupt;
    private long _recovered;
    private long _concealedPackets;
    private long _silenceSamples;

    /// <summary>Makes the uplink of one call.</summary>
    /// <param name="codec">Codec of the packets. Not disposed by the uplink.</param>
    public AudioUplink(IAudioCodec codec)
    {
        ArgumentNullException.ThrowIfNull(codec);
        _codec = codec;
        _sound = new UplinkSound(codec.SampleRate);
        _packetSamples = codec.SampleRate / 50;
    }

    /// <summary>When <see cref="Pull"/> has to be called next even if no packet arrives; null when there is nothing to wait for.</summary>
    /// <remarks>Safe from any thread.</remarks>
    public TimeSpan? NextDeadline => Volatile.Read(ref _deadline) is var ticks && ticks == Never ? null : new TimeSpan(ticks);

    /// <summary>Whether the sound that <see cref="Pull"/> gave out last was made in place of packets that did not come.</summary>
    public bool IsMadeUp { get; private set; }

    /// <summary>Counters since the start.</summary>
    public AudioUplinkStats Stats => new()
    {
        Received = _received,
        Late = _buffer.Late,
        Lost = _buffer.Lost,
        Duplicate = _buffer.Duplicate,
        Reordered = _buffer.Reordered,
        Corrupt = _corrupt,
        Recovered = _recovered,
        Concealed = _concealedPackets,
        Subdued = _guard.Caught,
        SilenceSamples = _silenceSamples,
        AheadSamples = _limit.Refused,
        DriftSamples = _sound.Slipped,
        Samples = _sound.Samples,
        Wait = _buffer.Wait,
    };

    /// <summary>Takes in a packet.</summary>
    /// <param name="now">Arrival.</param>
    /// <param name="sequence">RTP sequence number.</param>
    /// <param name="timestamp">RTP timestamp.</param>
    /// <param name="payload">
    /// RTP payload; copied. Empty, and no later than what came before it, is padding: it has a number and no sound.
    /// </param>
    /// <param name="level">
    /// The packet's audio level in -dBov (RFC 6464), when the sender gave one: it keeps a corrupt payload from being louder than
    /// the speech.
    /// </param>
    /// <param name="source">RTP's SSRC: another one has a clock and numbers of its own.</param>
    public void Push(TimeSpan now, ushort sequence, uint timestamp, ReadOnlySpan<byte> payload, byte? level = null, uint source = 0)
    {
        _received++;
        if (_buffer.TryPush(now, source, sequence, timestamp, level, payload) && !payload.IsEmpty)
        {
            if (!_anchored)
            {
                _anchored = true;
                _expected = new ExtendedTimestamp(timestamp);
                _pace.StartAt(now, _expected);
            }

            _transit.Observe(now, _expected.Nearest(timestamp), _codec.ClockRate);
        }
    }

    /// <summary>Gives out what is due. Call it after each push and at <see cref="NextDeadline"/>, until it answers 0.</summary>
    /// <param name="now">The time.</param>
    /// <param name="pcm24k">Where the samples go; any length.</param>
    /// <returns>Samples written; 0 when nothing is due.</returns>
    public int Pull(TimeSpan now, Span<short> pcm24k)
    {
        if (pcm24k.IsEmpty)
        {
            return 0;
        }

        while (true)
        {
            int ready = _sound.Take(pcm24k);
            if (ready > 0 && (ready = _limit.Grant(now, ready)) > 0)
            {
                return ready;
            }

            if (!TryProduce(now))
            {
                return 0;
            }
        }
    }

    private bool TryProduce(TimeSpan now)
    {
        switch (_buffer.Look(now, out TimeSpan deadline))
        {
            case ReorderState.Ready:
                PlayHead(now);
                return true;
            case ReorderState.GivenUp:
                _missing = _buffer.SkipHole();
                return true;
            case ReorderState.Waiting:
                Volatile.Write(ref _deadline, deadline.Ticks);
                return false;
            default:
                return TryPassTime(now);
        }
    }

    private void PlayHead(TimeSpan now)
    {
        if (_buffer.Payload.IsEmpty && (!_anchored || _buffer.HasNewSource || _expected.Nearest(_buffer.Timestamp) < _expected))
        {
            // Padding, with which browsers probe the path: a number of its own, and the timestamp of the packet before it.
            _buffer.Advance();
            return;
        }

        ExtendedTimestamp timestamp = _expected.Nearest(_buffer.Timestamp);
        int hole = ToSamples(timestamp - _expected);
        if (_buffer.HasNewSource || Math.Abs((long)hole) > ToSamples(MaxGap)
            || (hole > 0 && !_pace.Allows(now, timestamp, _codec.ClockRate)))
        {
            // Another source, or no pause is that long, or there was no time for it: the sender has restarted its clock.
            _buffer.HasNewSource = false;
            hole = RestartClock(now, timestamp);
        }

        if (hole > 0)
        {
            FillBeforeHead(hole);
            return;
        }

        if (hole < 0)
        {
            // Time was passed with silence that this packet now turns out to have sounded in. It is played all the same,
            // and the next silence is shortened by as much.
            _sound.Owe(-hole);
            _expected = timestamp;
        }

        _pace.Play(now, timestamp, _codec.ClockRate);
        Decode();
    }

    /// <summary>Goes on at a timestamp that has nothing in common with those before it.</summary>
    /// <returns>Samples that are missing before it by the wall clock.</returns>
    private int RestartClock(TimeSpan now, ExtendedTimestamp timestamp)
    {
        TimeSpan behind = _pace.Behind(now, _expected, _codec.ClockRate);
        int hole = ToSamples(behind < TimeSpan.Zero ? TimeSpan.Zero : behind > MaxGap ? MaxGap : behind);
        _expected = timestamp - ((long)hole * _codec.ClockRate / _codec.SampleRate);
        _pace.StartAt(now, timestamp);
        _transit.Reset();
        _sound.ForgetDrift();
        _transit.Observe(now, timestamp, _codec.ClockRate);
        return hole;
    }

    private void Decode()
    {
        ReadOnlySpan<byte> packet = _buffer.Payload;
        byte? level = _buffer.Level;
        int samples = _codec.Decode(packet, _sound.Room);
        bool joined = true;
        if (samples <= 0)
        {
            _corrupt++;
            int told = _codec.Duration(packet);
            samples = Math.Max(0, _codec.Conceal([], _sound.Room[..(told > 0 ? told : _packetSamples)]));
            joined = Bound(_guard.JudgeConcealed(_sound.Room[..samples], level), samples);
            _silent = false;
        }
        else
        {
            float excess = _guard.Judge(_sound.Room[..samples], level);
            _takenBack = excess > LevelGuard.Margin ? _takenBack + 1 : 0;
            if (_takenBack is > 0 and <= MaxTakenBackCount && _codec.TakeBack())
            {
                samples = Replace(samples, level);
                joined = false;
            }
            else
            {
                joined = Bound(excess, samples);
                _packetSamples = samples;
                _silent = _codec.IsSilence(packet);
            }
        }

        _buffer.Advance();
        _missing = 0;
        _concealed = 0;
        IsMadeUp = false;
        GiveOut(samples, joined);
    }

    /// <summary>Puts in the place of a packet that was taken back what would be there had it been lost.</summary>
    private int Replace(int samples, byte? level)
    {
        int made = _codec.Conceal([], _sound.Room[..samples]);
        if (made <= 0)
        {
            _sound.Room[..samples].Clear();
            return samples;
        }

        Bound(_guard.JudgeConcealed(_sound.Room[..made], level), made);
        return made;
    }

    /// <summary>Turns what is in the room down by so many dB.</summary>
    /// <returns>Whether nothing had to be done.</returns>
    private bool Bound(float excess, int samples)
    {
        if (excess <= 0)
        {
            return true;
        }

        float gain = MathF.Pow(10, -excess / 20);
        foreach (ref short sample in _sound.Room[..samples])
        {
            sample = (short)(sample * gain);
        }

        return false;
    }

    /// <summary>Fills one step of the time between the last sample given out and the packet at the head.</summary>
    private void FillBeforeHead(int hole)
    {
        bool lost = _missing > 0 && !_silent;
        bool redundant = lost && _codec.HasRedundancy(_buffer.Payload);
        if (redundant && hole <= _packetSamples)
        {
            int rebuilt = _codec.Conceal(_buffer.Payload, _sound.Room[..hole]);
            if (rebuilt > 0)
            {
                _recovered++;
                _missing--;
                GiveOut(rebuilt, Bound(_guard.JudgeConcealed(_sound.Room[..rebuilt], _buffer.Level), rebuilt));
                return;
            }
        }

        if (lost && _concealed == 0)
        {
            _concealedPackets += redundant ? _missing - 1 : _missing;
        }

        int most = redundant && hole > _packetSamples ? hole - _packetSamples : hole;
        PassTime(Math.Min(most, _codec.SampleRate * Step / 1000), lost, _buffer.Level);
    }

    /// <summary>Nothing has come: when it is time, lets silence pass so that the model's clock goes on.</summary>
    private bool TryPassTime(TimeSpan now)
    {
        if (!_anchored || !_transit.HasEstimate)
        {
            Volatile.Write(ref _deadline, Never);
            return false;
        }

        TimeSpan patience = _silent ? Later(_buffer.Wait, _transit.Jitter) : Later(StallPatience, _transit.Jitter);
        TimeSpan deadline = _transit.Arrival(_expected, _codec.ClockRate) + patience;
        Volatile.Write(ref _deadline, deadline.Ticks);
        if (now < deadline)
        {
            return false;
        }

        PassTime(_codec.SampleRate * Step / 1000, lost: !_silent, null);
        return true;
    }

    private void PassTime(int samples, bool lost, byte? next)
    {
        // libopus conceals in units of 2.5 ms; what a crooked timestamp leaves over is plain silence.
        int unit = _codec.SampleRate / 400;
        bool comfort = _silent || (lost && _concealed < ToSamples(MaxConcealment));
        int made = comfort && samples >= unit ? _codec.Conceal([], _sound.Room[..(samples / unit * unit)]) : 0;
        IsMadeUp = true;
        bool joined = made > 0 && Bound(_guard.JudgeConcealed(_sound.Room[..made], next), made);
        if (made <= 0)
        {
            made = samples;
            _sound.Room[..samples].Clear();
        }

        if (lost)
        {
            _concealed += made;
        }
        else
        {
            _silenceSamples += (long)made * ModelRate / _codec.SampleRate;
        }

        GiveOut(made, joined);
    }

    private void GiveOut(int samples, bool joined)
    {
        _expected += (long)samples * _codec.ClockRate / _codec.SampleRate;
        _sound.Add(samples, joined, _transit.Drift);
    }

    private int ToSamples(long clockUnits) =>
        (int)Math.Clamp(clockUnits * _codec.SampleRate / _codec.ClockRate, int.MinValue + 1, int.MaxValue);

    private int ToSamples(TimeSpan time) => (int)(time.Ticks * _codec.SampleRate / TimeSpan.TicksPerSecond);

    private static TimeSpan Later(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
