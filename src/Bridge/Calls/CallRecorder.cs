using System.Text.Json;
using Bridge.Realtime.Conversation;
using Bridge.Realtime.Turns;
using Bridge.Records;
using Bridge.Timing;

namespace Bridge.Calls;

/// <summary>
/// The facts of a call, posted to the store as it happens. Nothing here waits for the store but a note, which is durable
/// before the model hears that it is saved, and the end, for a while.
/// </summary>
internal sealed class CallRecorder
{
    // A record that takes longer is written all the same; the page does not wait for it.
    private static readonly TimeSpan CloseTime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan HeardEvery = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly CallIdentity _identity;
    private readonly CallRole _role;
    private readonly CallCosts _costs;
    private readonly RecordDesk _desk;
    private readonly HostClock _clock;
    private RoleRecords _records;
    private RecordPolicy _policy;
    private IReadOnlyList<string> _tokens = [];
    private Task _begun = Task.CompletedTask;
    private bool _wanted;
    private bool _hasBegun;
    private bool _closed;
    private int _entries;
    private int _offset;
    private int _turns;
    private int _missing;
    private string? _heardItem;
    private TimeSpan _heardAt;

    /// <param name="identity">The call.</param>
    /// <param name="role">Its role of the moment.</param>
    /// <param name="costs">Its usage.</param>
    /// <param name="desk">Where records go.</param>
    /// <param name="clock">The host's.</param>
    /// <param name="before">The record so far, of a call that goes on after its host crashed.</param>
    public CallRecorder(
        CallIdentity identity, CallRole role, CallCosts costs, RecordDesk desk, HostClock clock, UnfinishedCall? before = null)
    {
        (_identity, _role, _costs, _desk, _clock) = (identity, role, costs, desk, clock);
        _records = role.Current.Records;
        _policy = desk.PolicyOf(_records);
        if (before is not null)
        {
            _wanted = true;
            _hasBegun = before.Written is not 0;
            _turns = before.Turns;
        }
    }

    /// <summary>The recap, once there is one.</summary>
    public string? Recap { get; set; }

    /// <summary>The typed outcome of the call, once it is known; it fits the schema of its role.</summary>
    public JsonElement? Outcome { get; set; }

    /// <summary>True once the store has the call.</summary>
    public bool HasBegun => Volatile.Read(ref _hasBegun);

    /// <summary>
    /// Completes once the beginning of the call is durable; fails with <see cref="IOException"/> while the store is away.
    /// </summary>
    public Task Begun => _begun;

    /// <summary>A page has made an offer: from now on the call is kept.</summary>
    public void Begin()
    {
        lock (_gate)
        {
            _wanted = true;
            TryBegin();
        }
    }

    /// <summary>
    /// Other tokens lead back into the call now. Once the call is kept, this returns when that is durable, or after a moment in any case.
    /// </summary>
    /// <param name="tokens">Their hashes.</param>
    public Task RenewAsync(IReadOnlyList<string> tokens)
    {
        lock (_gate)
        {
            _tokens = tokens;
            return _hasBegun && Policy().Transcript == TranscriptPolicy.Yes
                ? _desk.SettleAsync(new RecordWrite.Tokens(_identity.Id, tokens))
                : Task.CompletedTask;
        }
    }

    /// <summary>The log of a call that goes on: its first entries are in the store.</summary>
    /// <param name="written">How many.</param>
    /// <param name="next">The place of the next one.</param>
    public void GoOn(int written, int next) => (_entries, _offset) = (written, next - written);

    /// <summary>The call that another host led is this one's from now on, and kept here.</summary>
    public void TakeOver(RevivedCall revived)
    {
        lock (_gate)
        {
            (_wanted, _turns) = (true, revived.Before.Turns);
            Volatile.Write(ref _hasBegun, revived.Before.Written is not 0);
            GoOn(revived.Written, revived.Before.NextEntry);
        }
    }

    /// <summary>Takes over what the log has got since; called by the thread in the call's mailbox.</summary>
    public void Follow(ConversationLog log)
    {
        lock (_gate)
        {
            if (_closed || !_wanted || !TryBegin())
            {
                return;
            }

            var policy = Policy();
            var used = false;
            for (; _entries < log.Entries.Count; _entries++)
            {
                var fact = log.Entries[_entries];
                used |= fact is ConversationEntry.UsageRecorded;
                Post(new RecordWrite.Entry(_identity.Id, _entries + _offset, fact, policy.Transcript));
            }

            if (used)
            {
                Post(new RecordWrite.Bill(_identity.Id, _costs.Usage, _costs.Cost));
            }
        }
    }

    /// <summary>A line is shown: of an answer that is still playing, with how much was heard.</summary>
    public void Heard(TranscriptLine line)
    {
        lock (_gate)
        {
            var now = _clock.Elapsed;
            if (line.Speaker == Speaker.Agent && !line.Final && _hasBegun && !_closed && Policy().Transcript == TranscriptPolicy.Yes
                && (_heardItem != line.ItemId || now - _heardAt >= HeardEvery))
            {
                (_heardItem, _heardAt) = (line.ItemId, now);
                Post(new RecordWrite.Heard(_identity.Id, line.ItemId, line.Text));
            }
        }
    }

    /// <summary>An answer's first packet has left. Called by the packet clock's thread, which must not wait for a lock.</summary>
    /// <param name="modelMs">See <see cref="TurnTimes"/>.</param>
    /// <param name="downlinkMs">See <see cref="TurnTimes"/>.</param>
    public void Answered(double? modelMs, double downlinkMs) => ThreadPool.UnsafeQueueUserWorkItem(
        static answer =>
            answer.Recorder.Measured(answer.Times), (Recorder: this, Times: new TurnTimes(_clock.UtcNow, modelMs, downlinkMs)),
            preferLocal: false);

    /// <summary>The call is about to handle an input.</summary>
    public void Look(TurnInput input)
    {
        if (input is TurnInput.BudgetWarned warned)
        {
            lock (_gate)
            {
                if (_hasBegun && !_closed)
                {
                    _desk.Writer.Post(new RecordWrite.BudgetWarned(_identity.Id, warned.What, _clock.UtcNow));
                }
            }
        }
    }

    /// <summary>Keeps a note: it is durable when this returns.</summary>
    /// <exception cref="IOException">It could not be written, and is not kept.</exception>
    public async Task SaveAsync(CallNote note, CancellationToken cancellation)
    {
        Task saved;
        lock (_gate)
        {
            if (_closed)
            {
                throw new IOException("The call is over.");
            }

            if (!TryBegin())
            {
                throw new IOException("The call's record can't be queued; the store can't be reached.");
            }

            saved = _desk.Writer.SaveAsync(new RecordWrite.Note(_identity.Id, note), cancellation);
        }

        await saved.ConfigureAwait(false);
    }

    /// <summary>The call is over: writes the rest. Returns once that is durable, or after a while in any case.</summary>
    public async Task CloseAsync(string reason, ConversationLog conversation)
    {
        Begin();
        Follow(conversation);
        Task written;
        lock (_gate)
        {
            if (_closed || !TryBegin())
            {
                return;
            }

            _closed = true;
            if (reason == CallEnd.Moved && _desk.IsShared)
            {
                // It goes on in the same record.
                written = _desk.SettleAsync(new RecordWrite.Probe(), CloseTime);
            }
            else
            {
                written = _desk.SettleAsync(Ended(reason), CloseTime);
            }
        }

        await written.ConfigureAwait(false);
    }

    private RecordWrite.Ended Ended(string reason)
    {
        var policy = Policy();
        var now = _clock.UtcNow;
        return new RecordWrite.Ended(
            _identity.Id,
            new CallClosing(
                _role.Current.Slug,
                now,
                reason,
                Redaction.Apply(Recap, policy.Transcript),
                _missing,
                policy.Keep is { } keep ? now + keep : null)
            {
                Outcome = Outcome is { } outcome ? Redaction.Apply(outcome, policy.Transcript) : null,
            });
    }

    // The strictest of the roles that the call has had. The call asks with each input, a role changes seldom.
    private RecordPolicy Policy()
    {
        var records = _role.Current.Records;
        if (!ReferenceEquals(records, _records))
        {
            _policy = _policy.Within(_desk.PolicyOf(records));
            _records = records;
        }

        return _policy;
    }

    private bool TryBegin()
    {
        if (!_hasBegun)
        {
            var resumable = Policy().Transcript == TranscriptPolicy.Yes && _tokens.Count > 0;
            var origin = new CallOrigin(
                _desk.Owner, _role.Current.Slug, _identity.Model.Name, _identity.Started, _identity.Caller.Subject,
                resumable ? CallPassport.Write(_identity.Caller, _role.Context) : null, resumable ? _tokens : []);
            _begun = _desk.Writer.PostAsync(new RecordWrite.Begun(_identity.Id, origin));
            Volatile.Write(ref _hasBegun, !_begun.IsFaulted);
        }

        return _hasBegun;
    }

    private void Measured(TurnTimes times)
    {
        lock (_gate)
        {
            if (_hasBegun && !_closed)
            {
                Post(new RecordWrite.Turn(_identity.Id, _turns++, times));
            }
        }
    }

    private void Post(RecordWrite write)
    {
        if (!_desk.Writer.Post(write))
        {
            _missing++;
        }
    }
}
