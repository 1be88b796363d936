using Bridge.Realtime.Conversation;
using Bridge.Realtime.Model;

namespace Bridge.Realtime.Turns;

/// <summary>
/// Responses outside the conversation (<c>conversation: "none"</c>), at most one at a time: the summary of a long
/// conversation, the recap, and the outcome.
/// </summary>
internal sealed class OutOfBand
{
    private const string Recap = "recap";
    private const string SummaryInstructions =
        "Summarise this conversation for an assistant that will carry it on: who the person is, what they want, what was "
        + "agreed, decided and shown, facts and figures, open questions. At most 300 words, no greeting.";

    private readonly TurnContext _context;
    private readonly ConversationWriter _conversation;
    private string _purpose = "";
    private ResponseSettings? _planned;
    private ResponseSettings? _asked;
    private bool _asHeard;
    private string? _tag;
    private string? _id;
    private bool _paid;
    private bool _reported;
    private int _summaryTriedAt = -1;
    private string? _summaryUpTo;

    public OutOfBand(TurnContext context, ConversationWriter conversation)
    {
        _context = context;
        _conversation = conversation;
        Money = new Reservation(context);
    }

    /// <summary>The most that the next one may cost.</summary>
    public Reservation Money { get; }

    /// <summary>One is on its way, or its money is.</summary>
    public bool IsActive => _tag is not null || _planned is not null;

    /// <summary>The call is ending: a server that knows no such responses is asked within the conversation, which does no harm any more.</summary>
    public bool IsAtEnd { get; set; }

    /// <summary>Asks for a recap; false when there can be none now.</summary>
    public bool TryRecap()
    {
        if (IsActive || _context.Session is null || _context.Options.RecapInstructions is not { } instructions)
        {
            return false;
        }

        if (_context.Has(ServerHabits.NoOutOfBand) && !IsAtEnd)
        {
            ReportNone();
            return false;
        }

        Start(Recap, new ResponseSettings { Instructions = instructions });
        return true;
    }

    /// <summary>Asks for the arguments of the outcome's function, unless something else is under way. True when it was asked for.</summary>
    public bool TryOutcome(ModelTool function, string instructions)
    {
        if (IsActive || _context.Session is null)
        {
            return false;
        }

        Start(ResponseSettings.OutcomeTag, new ResponseSettings { Instructions = instructions, MustCall = function });
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

    /// <summary><c>response.created</c>; false when it is not of this response.</summary>
    /// <param name="id">The response's id.</param>
    /// <param name="tag">Its tag; null when the service does not return tags.</param>
    /// <param name="otherAwaited">A response of the conversation waits for its id too.</param>
    public bool TryCreated(string id, string? tag, bool otherAwaited)
    {
        var isOurs = tag is null
            ? !otherAwaited && !_context.ReturnsTags && _context.Session is not { Answers.IsComing: true }
            : tag == _tag;
        if (_tag is null || _id is not null || !isOurs)
        {
            return false;
        }

        _id = id;
        return true;
    }

    /// <summary>This is the response that is on its way.</summary>
    public bool Is(string responseId) => _id == responseId;

    /// <summary><c>response.done</c>; false when it is not of this response.</summary>
    /// <param name="done">The event.</param>
    /// <param name="answer">The recap or the outcome; null when it was a summary, which is logged.</param>
    public bool TryDone(ModelEvent.ResponseDone done, out OutOfBandAnswer? answer)
    {
        answer = null;
        if (_tag is null || !(_id == done.ResponseId || (done.Tag is not null && done.Tag == _tag)))
        {
            return false;
        }

        _conversation.RecordUsage(done.Usage, _purpose, _paid);
        Settle(done.Usage);
        var text = string.Concat(done.Output.Where(item => item.Kind == ModelItemKind.AgentMessage).Select(item => item.Text)).Trim();
        var arguments = done.Output.FirstOrDefault(item => item.Kind == ModelItemKind.FunctionCall)?.Arguments;
        answer = End(arguments ?? text);
        if (answer is null && text.Length > 0 && _summaryUpTo is not null)
        {
            _conversation.Append(new ConversationEntry.Summarised(_context.CallTime, _summaryUpTo, text));
        }

        return true;
    }

    /// <summary>The service refused a command; false when it was not the one that asked for this response.</summary>
    /// <param name="commandId">The command.</param>
    /// <param name="error">The refusal.</param>
    /// <param name="answer">None of the recap or the outcome; null when it was a summary, or is to be asked for in another way.</param>
    public bool TryRefused(string commandId, ModelEvent.Error error, out OutOfBandAnswer? answer)
    {
        var ours = _tag is not null && _id is null && _tag == commandId;
        if (ours)
        {
            Settle(default(ModelUsage));
            if (error.Param?.StartsWith("response.conversation", StringComparison.Ordinal) == true && !_context.Has(ServerHabits.NoOutOfBand))
            {
                _context.Learn(ServerHabits.NoOutOfBand);
                if (IsAtEnd)
                {
                    // It is asked for once more, as a response of the conversation.
                    answer = null;
                    End(null);
                    return true;
                }

                ReportNone();
            }
            else if (_asked is { } asked && HasReferences(asked))
            {
                // A server without references: what it remembers of the conversation has to do.
                (_tag, _planned, _asHeard, answer) = (null, asked with { Input = null }, false, null);
                return true;
            }
        }

        answer = ours ? End(null) : null;
        return ours;
    }

    /// <summary>The session goes, and the response with it: none of the recap or the outcome; null when it was neither.</summary>
    public OutOfBandAnswer? Drop()
    {
        if (!IsActive)
        {
            return null;
        }

        if (_tag is not null)
        {
            Settle(null);
        }

        Money.Release();
        return End(null);
    }

    /// <summary>After each input: asks for the one that is planned, once what it may cost is reserved.</summary>
    public void Continue()
    {
        if (_planned is not { } settings || _context.Session is not { } session)
        {
            return;
        }

        // Only now: what waited for its money would refer to items that are gone since.
        settings = _asHeard ? settings with { Input = HeardConversation.Of(_context, _conversation.Log) } : settings;
        _paid = _context.Options.IsBudgeted;
        // References are to what the session holds, and its tools are read with any input.
        var input = session.Size.Largest + (settings.Input is { } part ? Size(part) : default);
        var words = ContextSize.TextTokens(settings.Instructions) + ContextSize.ToolTokens(settings.MustCall);
        var own = new ModelUsage(words, ContextSize.AudioTokens(TimeSpan.Zero), 0, 0, 0, 0, 0, 0);
        if (_paid && !Money.TryHold(ResponseBound.Of(input + own, _context.Options.Session.MaxOutputTokens, textOnly: true), _purpose))
        {
            return;
        }

        var (tag, most) = _paid ? Money.Take() : (_context.NextTag(_purpose), settings.MaxOutputTokens);
        (_tag, _planned, _asked) = (tag, null, settings);
        _context.Send(new ModelCommand.CreateResponse(settings with { Tag = _tag, MaxOutputTokens = most }) { Id = _tag });
    }

    private static bool HasReferences(ResponseSettings settings) => settings.Input?.Any(item => item.Kind == ModelItemKind.Reference) == true;

    private static ModelUsage Size(IReadOnlyList<ModelItem> part)
    {
        var size = new ContextSize();
        foreach (var item in part)
        {
            size.OnSent(new ModelCommand.CreateItem(item));
        }

        return size.Largest;
    }

    private OutOfBandAnswer? End(string? text)
    {
        (_tag, _id, _planned, _asked) = (null, null, null, null);
        return _purpose == ResponseSettings.SummaryTag ? null : new OutOfBandAnswer(_purpose == ResponseSettings.OutcomeTag, text);
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
        _asHeard = settings.Input is null;
        (_purpose, _planned) = (purpose, settings with { OutOfBand = outOfBand, TextOnly = true, AllowTools = settings.MustCall is not null });
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
