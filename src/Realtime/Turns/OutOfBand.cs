using Bridge.Realtime.Conversation;
using Bridge.Realtime.Model;

namespace Bridge.Realtime.Turns;

/// <summary>
/// Responses outside the conversation (<c>conversation: "none"</c>), at most one at a time: the summary of a long
/// conversation, and the recap.
/// </summary>
internal sealed class OutOfBand
{
    private const string Recap = "recap";
    private const string SummaryInstructions =
        "Summarise this conversation for an assistant that will carry it on: who the person is, what they want, what was "
        + "agreed, decided and shown, facts and figures, open questions. At most 300 words, no greeting.";

    // Long enough for a recap of an hour's call; somebody who has hung up waits no longer.
    private static readonly TimeSpan RecapTimeout = TimeSpan.FromSeconds(10);
    private readonly TurnContext _context;
    private readonly ConversationWriter _conversation;
    private readonly Deadline _recapTimeout;
    private string _purpose = "";
    private ResponseSettings? _planned;
    private string? _tag;
    private string? _id;
    private bool _paid;
    private bool _recapAtEnd;
    private bool _reported;
    private int _summaryTriedAt = -1;
    private string? _summaryUpTo;

    public OutOfBand(TurnContext context, ConversationWriter conversation)
    {
        _context = context;
        _conversation = conversation;
        _recapTimeout = context.Timers.Own(TurnTimer.Recap);
        Money = new Reservation(context);
    }

    /// <summary>What the next one may cost.</summary>
    public Reservation Money { get; }

    /// <summary>One is on its way, or its money is.</summary>
    public bool IsActive => _tag is not null || _planned is not null;

    /// <summary>The call ends with a recap.</summary>
    public bool IsRecapAtEnd => _recapAtEnd;

    /// <summary>Asks for a recap; false when there can be none now.</summary>
    public bool TryRecap()
    {
        if (IsActive || _context.Session is null || _context.Options.RecapInstructions is not { } instructions)
        {
            return false;
        }

        // At the end of the call it does no harm to the conversation.
        if (_context.Has(ServerHabits.NoOutOfBand) && !_recapAtEnd)
        {
            ReportNone();
            return false;
        }

        Start(Recap, new ResponseSettings { Instructions = instructions });
        return true;
    }

    /// <summary>Asks for a summary of the oldest part when the conversation has grown long. Only to be called at a quiet moment.</summary>
    public void TrySummarise()
    {
        var log = _conversation.Log;
        if (!IsActive && log.Items.Count != _summaryTriedAt && log.ReplayLength() > _context.Options.SummariseAbove
            && log.TryGetOldestPart(out var part, out var last))
        {
            _summaryTriedAt = log.Items.Count;
            if (_context.Has(ServerHabits.NoOutOfBand))
            {
                ReportNone();
                return;
            }

            _summaryUpTo = last;
            Start(ResponseSettings.SummaryTag, new ResponseSettings { Instructions = SummaryInstructions, Input = part });
        }
    }

    /// <summary>The call is ending: a recap is wanted if the role has one and there is something to tell. The wait for it is bounded.</summary>
    public void PlanRecapAtEnd()
    {
        _recapAtEnd = _context.Options.RecapInstructions is not null && _conversation.Log.Items.Count > 0;
        if (_recapAtEnd)
        {
            _recapTimeout.Set(_context.Now + RecapTimeout);
        }
    }

    /// <summary><c>response.created</c>; false when it is not of this response.</summary>
    /// <param name="id">The response's id.</param>
    /// <param name="tag">Its tag; null when the service does not return tags.</param>
    /// <param name="otherAwaited">A response of the conversation waits for its id too.</param>
    public bool TryCreated(string id, string? tag, bool otherAwaited)
    {
        if (_tag is null || _id is not null || !(tag == _tag || (tag is null && !otherAwaited)))
        {
            return false;
        }

        _id = id;
        return true;
    }

    /// <summary><c>response.done</c>; false when it is not of this response.</summary>
    /// <param name="done">The event.</param>
    /// <param name="recap">The recap; null when it was a summary, which is logged.</param>
    public bool TryDone(ModelEvent.ResponseDone done, out string? recap)
    {
        recap = null;
        if (_tag is null || !(_id == done.ResponseId || (done.Tag is not null && done.Tag == _tag)))
        {
            return false;
        }

        _conversation.RecordUsage(done.Usage, _purpose, _paid);
        Settle(done.Usage);
        var text = string.Concat(done.Output.Where(item => item.Kind == ModelItemKind.AgentMessage).Select(item => item.Text)).Trim();
        if (End())
        {
            recap = text;
        }
        else if (text.Length > 0 && _summaryUpTo is not null)
        {
            _conversation.Append(new ConversationEntry.Summarised(_context.CallTime, _summaryUpTo, text));
        }

        return true;
    }

    /// <summary>The service refused a command; false when it was not the one that asked for this response.</summary>
    /// <param name="commandId">The command.</param>
    /// <param name="error">The refusal.</param>
    /// <param name="recap">A recap was refused.</param>
    public bool TryRefused(string commandId, ModelEvent.Error error, out bool recap)
    {
        var ours = _tag is not null && _id is null && _tag == commandId;
        if (ours)
        {
            Settle(default(ModelUsage));
            if (error.Param?.StartsWith("response.conversation", StringComparison.Ordinal) == true && !_context.Has(ServerHabits.NoOutOfBand))
            {
                _context.Learn(ServerHabits.NoOutOfBand);
                if (_recapAtEnd)
                {
                    // Once more, as a response of the conversation.
                    recap = false;
                    End();
                    TryRecap();
                    return true;
                }

                ReportNone();
            }
        }

        recap = ours && End();
        return ours;
    }

    /// <summary>The session goes, and the response with it. True when it was a recap.</summary>
    public bool Drop()
    {
        if (!IsActive)
        {
            return false;
        }

        if (_tag is not null)
        {
            Settle(null);
        }

        Money.Release();
        return End();
    }

    /// <summary>After each input: asks for the one that is planned, once what it may cost is reserved.</summary>
    public void Continue()
    {
        if (_planned is not { } settings || _context.Session is not { } session)
        {
            return;
        }

        _paid = _context.Options.IsBudgeted;
        var input = settings.Input is { } part ? Size(part) : session.Size.Largest;
        var own = new ModelUsage(ContextSize.TextTokens(settings.Instructions), ContextSize.AudioTokens(TimeSpan.Zero), 0, 0, 0, 0, 0, 0);
        if (_paid && !Money.TryHold(ResponseBound.Of(input + own, _context.Options.Session.MaxOutputTokens, textOnly: true), _purpose))
        {
            return;
        }

        var (tag, most) = _paid ? Money.Take() : (_context.NextTag(_purpose), settings.MaxOutputTokens);
        (_tag, _planned) = (tag, null);
        _context.Send(new ModelCommand.CreateResponse(settings with { Tag = _tag, MaxOutputTokens = most }) { Id = _tag });
    }

    private static ModelUsage Size(IReadOnlyList<ModelItem> part)
    {
        var size = new ContextSize();
        foreach (var item in part)
        {
            size.OnSent(new ModelCommand.CreateItem(item));
        }

        return size.Largest;
    }

    private bool End()
    {
        (_tag, _id, _planned) = (null, null, null);
        return _purpose == Recap;
    }

    private void Settle(ModelUsage? usage)
    {
        if (_paid)
        {
            _context.Emit(new TurnCommand.SettleBudget(_tag!, usage));
        }
    }

    private void Start(string purpose, ResponseSettings settings)
    {
        var outOfBand = !_context.Has(ServerHabits.NoOutOfBand);
        (_purpose, _planned) = (purpose, settings with { OutOfBand = outOfBand, TextOnly = true, AllowTools = false });
        Continue();
    }

    private void ReportNone()
    {
        if (!_reported)
        {
            _reported = true;
            _context.Report("no_out_of_band", "the model's server knows no conversation \"none\": no recap before the call's end, no summary of a long conversation");
        }
    }
}
