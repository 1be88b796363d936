using Bridge.Realtime.Model;

namespace Bridge.Realtime.Turns;

/// <summary>
/// The work of the driver (the host's Call), in order, after each <see cref="TurnMachine.Handle"/> or
/// <see cref="TurnMachine.Advance"/>. The driver holds sessions by number and never decides anything itself.
/// </summary>
public abstract record TurnCommand
{
    private TurnCommand() { }

    /// <summary>Send to that session (<see cref="IModelSession.TrySend"/>); ignore when it is gone.</summary>
    public sealed record SendToModel(int Session, ModelCommand Command) : TurnCommand;

    /// <summary>
    /// Append to the playout queue under the name <paramref name="Track"/> (pass it as the queue's item id). Usually the
    /// model's item id; a sentence resumed after a false interruption gets a new track. 24 kHz mono 16 bit little-endian;
    /// the memory stays valid and unchanged.
    /// </summary>
    public sealed record PlayAudio(string Track, int ContentIndex, ReadOnlyMemory<byte> Pcm) : TurnCommand;

    /// <summary>No more audio follows on this track: pad and flush the tail; answer <see cref="TurnInput.PlayoutFinished"/> when its last packet has left.</summary>
    public sealed record FinishPlayout(string Track) : TurnCommand;

    /// <summary>Empty the playout queue at once and answer <see cref="TurnInput.PlayoutCleared"/>; ask the page for its playout position at once.</summary>
    public sealed record ClearPlayout : TurnCommand;

    /// <summary>
    /// Run a tool (never in the loop that feeds the machine); answer <see cref="TurnInput.ToolCompleted"/> exactly once,
    /// and <see cref="TurnInput.ToolProgress"/> as it likes before. Results after <see cref="CancelTool"/> are ignored.
    /// </summary>
    /// <param name="CallId">Unique in the call: the model's call id, or one of ours when the model used that before.</param>
    /// <param name="Name">The function.</param>
    /// <param name="ArgumentsJson">Its arguments as the model wrote them.</param>
    public sealed record InvokeTool(string CallId, string Name, string ArgumentsJson) : TurnCommand
    {
        /// <summary>The call was resumed from storage, and the function may have run before: whoever runs a call id once only can tell.</summary>
        public bool Again { get; init; }
    }

    /// <summary>Stop a running tool; the model has been given an answer for it already.</summary>
    public sealed record CancelTool(string CallId) : TurnCommand;

    /// <summary>Tell the page the state; only sent on change.</summary>
    public sealed record ShowState(CallState State) : TurnCommand;

    /// <summary>Tell the page a transcript (whole, replaces the earlier one of the item).</summary>
    public sealed record ShowTranscript(TranscriptLine Line) : TurnCommand;

    /// <summary>A transcript line was withdrawn (a cough, a sentence nobody heard): the page removes it.</summary>
    public sealed record WithdrawTranscript(string ItemId) : TurnCommand;

    /// <summary>Tell the page that a key of the telephone keypad was pressed.</summary>
    public sealed record ShowDigit(char Digit) : TurnCommand;

    /// <summary>The use of the microphone from now on.</summary>
    public sealed record SetUplink(UplinkMode Mode) : TurnCommand;

    /// <summary>
    /// Open a session; answer <see cref="TurnInput.SessionOpened"/> or <see cref="TurnInput.SessionLost"/>, then forward its
    /// events. It gets no audio before <see cref="AdoptSession"/>.
    /// </summary>
    public sealed record OpenSession(int Session, string Reason) : TurnCommand;

    /// <summary>
    /// From now on microphone audio goes to this session alone. When <paramref name="ReplayInputFrom"/> is set, first append
    /// the microphone audio since that instant of the machine's clock (<see cref="InputHistory"/>): words spoken into a lost session.
    /// </summary>
    public sealed record AdoptSession(int Session, TimeSpan? ReplayInputFrom) : TurnCommand;

    /// <summary>
    /// The options of a <see cref="TurnInput.RoleChanged"/> (or the first) are in force, or were refused: then those before them are.
    /// </summary>
    /// <param name="Version">Their <see cref="TurnOptions.Version"/>.</param>
    /// <param name="Refusal">A sentence for people; null: they are in force.</param>
    public sealed record SettleOptions(int Version, string? Refusal) : TurnCommand;

    /// <summary>The service refuses a function: it is left out, and the others work. Told once.</summary>
    /// <param name="Name">The function.</param>
    /// <param name="Message">A sentence that says why.</param>
    public sealed record RefuseTool(string Name, string Message) : TurnCommand;

    /// <summary>The person has taken another turn, which is being answered now.</summary>
    public sealed record AnswerTurn : TurnCommand;

    /// <summary>
    /// The hold of an answer that was asked for before the role's silence had passed (<see cref="TurnOptions.AnswerHold"/>) is over.
    /// </summary>
    /// <param name="InVain">False: it is heard from now on. True: the person went on, and nothing of it was.</param>
    public sealed record EndHold(bool InVain) : TurnCommand;

    /// <summary>Close and forget that session.</summary>
    public sealed record CloseSession(int Session) : TurnCommand;

    /// <summary>Tokens used since the last such command.</summary>
    /// <param name="Usage">The tokens.</param>
    /// <param name="Purpose"><c>turn</c>, <c>transcription</c>, <c>recap</c>, <c>outcome</c> or <c>summary</c>.</param>
    /// <param name="IsReserved">They are of a response that was reserved for; <see cref="SettleBudget"/> has them again.</param>
    public sealed record RecordUsage(ModelUsage Usage, string Purpose, bool IsReserved = false) : TurnCommand;

    /// <summary>
    /// Reserve what a response may cost at most; answer <see cref="TurnInput.BudgetGranted"/> or
    /// <see cref="TurnInput.BudgetRefused"/>. Only sent with <see cref="TurnOptions.IsBudgeted"/>.
    /// </summary>
    /// <param name="Tag">The response's.</param>
    /// <param name="Bound">The most that it can use.</param>
    /// <param name="IsGoodbye">It says the goodbye of a call whose budget is used up.</param>
    public sealed record ReserveBudget(string Tag, ResponseBound Bound, bool IsGoodbye = false) : TurnCommand;

    /// <summary>A response that was reserved for is over.</summary>
    /// <param name="Tag">The response's.</param>
    /// <param name="Usage">Its usage; nothing when it was not asked for or refused; null when nobody knows (its session was lost).</param>
    public sealed record SettleBudget(string Tag, ModelUsage? Usage) : TurnCommand;

    /// <summary>Tell the page that a budget comes to its end.</summary>
    /// <param name="What">Stable word: the one of <see cref="TurnInput.BudgetWarned"/>, or the reason for which the call ends.</param>
    /// <param name="Words">The role's words, which the agent says, too; empty for none.</param>
    public sealed record ShowNotice(string What, string Words) : TurnCommand;

    /// <summary>The recap, markdown, not sanitised; empty when the model gave none.</summary>
    public sealed record ShowRecap(string Markdown) : TurnCommand;

    /// <summary>
    /// The call's outcome as the model gave it: check it, keep it when it fits, and answer <see cref="TurnInput.OutcomeChecked"/>.
    /// </summary>
    /// <param name="Json">As the model wrote it; may be no JSON at all.</param>
    public sealed record CheckOutcome(string Json) : TurnCommand;

    /// <summary>Something a developer should see (log, metric): a stable code and a sentence without keys, prompts or transcripts.</summary>
    public sealed record ReportProblem(string Code, string Message) : TurnCommand;

    /// <summary>The answer to <see cref="TurnInput.CallLeaves"/>: the log is as the other host is to have it.</summary>
    /// <param name="ReplayInputFrom">The microphone since that instant has to be heard there; null: only what comes.</param>
    /// <param name="CutOff">An answer was cut off.</param>
    public sealed record CallLeft(TimeSpan? ReplayInputFrom, bool CutOff) : TurnCommand;

    /// <summary>The call is over: close every session, tell the page, store the conversation. The last command ever.</summary>
    public sealed record EndCall(string Reason) : TurnCommand;
}
