using Bridge.Realtime.Conversation;
using Bridge.Realtime.Model;

namespace Bridge.Realtime.Turns;

/// <summary>
/// Everything that can happen to a call, as the <see cref="TurnMachine"/> receives it. Sessions are distinguished by the
/// number the machine gave them in <see cref="TurnCommand.OpenSession"/>.
/// </summary>
public abstract record TurnInput
{
    private TurnInput() { }

    /// <summary>The call begins (at Join, while ICE runs): the machine opens the first session.</summary>
    public sealed record CallStarted : TurnInput;

    /// <summary>The page can (or can no longer) hear and be heard: media connected and the data channel open. The greeting waits for the first true.</summary>
    public sealed record PageConnectionChanged(bool Connected) : TurnInput
    {
        /// <summary>Nothing had come from the page for this long when its connection was given up; null when that is not known.</summary>
        public TimeSpan? SilentFor { get; init; }
    }

    /// <summary>A session the machine asked for is open.</summary>
    /// <param name="Session">Its number.</param>
    /// <param name="Lifetime">Time until the service ends it (<see cref="IModelSession.ExpiresAt"/> minus now); null when unknown.</param>
    public sealed record SessionOpened(int Session, TimeSpan? Lifetime) : TurnInput
    {
        /// <summary>How its server deviates from OpenAI's.</summary>
        public ServerHabits Habits { get; init; }
    }

    /// <summary>A session ended, or could not be opened. Not after <see cref="TurnCommand.CloseSession"/> (harmless then).</summary>
    /// <param name="Session">Its number.</param>
    /// <param name="Reason">Why, without a key.</param>
    /// <param name="IsFinal">The service refuses the key, the account or the model: no retry changes that.</param>
    public sealed record SessionLost(int Session, string Reason, bool IsFinal = false) : TurnInput
    {
        /// <summary>It was not opened because the server takes no further session now.</summary>
        public bool IsBusy { get; init; }
    }

    /// <summary>A session said something. In the order of its <see cref="IModelSession.Events"/>.</summary>
    public sealed record ModelEventReceived(int Session, ModelEvent Event) : TurnInput;

    /// <summary>
    /// How far a track has been played.
    /// </summary>
    /// <param name="Track">The track given in <see cref="TurnCommand.PlayAudio"/>.</param>
    /// <param name="Milliseconds">Milliseconds of that track: for the page, heard; for the server, handed to the network.</param>
    /// <param name="Source">The source of the report.</param>
    /// <param name="Silenced">The page has silenced its speaker at this position: nothing of the track beyond it is heard.</param>
    public sealed record PlayoutReported(string Track, int Milliseconds, PlayoutSource Source, bool Silenced = false) : TurnInput;

    /// <summary>
    /// The answer to <see cref="TurnCommand.ClearPlayout"/>: what of the track had been handed to the network when the
    /// queue was emptied. Null track: nothing was being played.
    /// </summary>
    public sealed record PlayoutCleared(string? Track, int Milliseconds) : TurnInput;

    /// <summary>The last packet of a finished track has left (after <see cref="TurnCommand.FinishPlayout"/>, not after a clear).</summary>
    public sealed record PlayoutFinished(string Track) : TurnInput;

    /// <summary>The person typed.</summary>
    public sealed record PageText(string Text) : TurnInput;

    /// <summary>The person showed an image: a <c>data:</c> URI (PNG, JPEG) with an optional sentence. Without one the image waits for the next turn.</summary>
    public sealed record PageImage(string DataUrl, string? Prompt) : TurnInput;

    /// <summary>
    /// The person pressed a key of the telephone keypad (<c>0</c> to <c>9</c>, <c>*</c>, <c>#</c>, <c>A</c> to <c>D</c>; RFC 4733). The
    /// page is told each key. Where <see cref="TurnOptions.ModelHearsKeys"/>, the keys pressed in a row, up to <c>#</c>, become one
    /// system message, which is answered.
    /// </summary>
    public sealed record DigitPressed(char Digit) : TurnInput;

    /// <summary>
    /// The role's guard keeps the rest of an answer from being heard: what of it is audible is cut off like at an
    /// interruption, and the role's line is said in its place. No input about that response may follow any more but
    /// its items and its end. Ignored when the response is not active or was interrupted.
    /// </summary>
    /// <param name="Session">Its session.</param>
    /// <param name="ResponseId">The response.</param>
    /// <param name="Say">The role's line. When that is blocked, too, nothing is said.</param>
    public sealed record AnswerBlocked(int Session, string ResponseId, string Say) : TurnInput;

    /// <summary>The person pressed "stop".</summary>
    public sealed record PageInterrupt : TurnInput;

    /// <summary>The person muted or unmuted the microphone.</summary>
    public sealed record PageMute(bool Muted) : TurnInput;

    /// <summary>The talk key went down or up. Works in every mode; it is the only way to talk in a session without turn detection.</summary>
    public sealed record PushToTalk(bool Down) : TurnInput;

    /// <summary>The page's own detector heard speech begin or end; a hint, faster than the model's.</summary>
    public sealed record PageSpeech(bool Active) : TurnInput;

    /// <summary>A tool ended. <paramref name="OutputJson"/> is what the model will read, also when it failed.</summary>
    public sealed record ToolCompleted(string CallId, string OutputJson, bool Failed) : TurnInput
    {
        /// <summary>Images of the result, <c>data:</c> URIs of PNG or JPEG: an output is text, so they follow it as messages of their own.</summary>
        public IReadOnlyList<string> Images { get; init; } = [];
    }

    /// <summary>A tool reports its progress.</summary>
    public sealed record ToolProgress(string CallId, string Message) : TurnInput;

    /// <summary>The person gave up on a tool.</summary>
    public sealed record PageToolCancelled(string CallId) : TurnInput;

    /// <summary>The role was edited; taken at the next turn boundary.</summary>
    public sealed record RoleChanged(TurnOptions Options) : TurnInput;

    /// <summary>A recap is wanted during the call; <see cref="TurnCommand.ShowRecap"/> answers.</summary>
    public sealed record RecapRequested : TurnInput;

    /// <summary>The answer to <see cref="TurnCommand.CheckOutcome"/>.</summary>
    /// <param name="Errors">Sentences that say how it does not fit; empty: it fits, and is kept.</param>
    public sealed record OutcomeChecked(string Errors) : TurnInput;

    /// <summary>The answer to <see cref="TurnCommand.ReserveBudget"/>: what the response may cost is reserved.</summary>
    /// <param name="Tag">The response's.</param>
    /// <param name="MaxOutputTokens">As many output tokens as are paid for.</param>
    public sealed record BudgetGranted(string Tag, int MaxOutputTokens) : TurnInput;

    /// <summary>
    /// The answer to <see cref="TurnCommand.ReserveBudget"/>: a budget would be passed. When the response was one of the
    /// conversation, the call comes to its end, as by <see cref="BudgetSpent"/>.
    /// </summary>
    public sealed record BudgetRefused(string Tag, string Reason) : TurnInput;

    /// <summary>Most of a budget is used up: the model is told to come to an end, and the person in the role's words. Once a call.</summary>
    /// <param name="What">Stable word for the page.</param>
    public sealed record BudgetWarned(string What) : TurnInput;

    /// <summary>A budget is used up: what is being said is said to its end, then goodbye in the role's words, then the call ends for this reason.</summary>
    public sealed record BudgetSpent(string Reason) : TurnInput;

    /// <summary>
    /// The call goes on at another host, at once. A sentence that is being said is cut where it was heard, and words that the session
    /// knows as audio alone are taken back. <see cref="TurnCommand.CallLeft"/> answers; no input may follow it.
    /// </summary>
    public sealed record CallLeaves : TurnInput;

    /// <summary>
    /// The call goes on here: another host has led it since this machine was made, and has left it. To be reported once, before the page is
    /// connected.
    /// </summary>
    /// <param name="Facts">The entries of the log beyond those that this machine was made with.</param>
    /// <param name="CutOff">An answer was cut off: it is gone on with.</param>
    public sealed record CallContinued(IReadOnlyList<ConversationEntry> Facts, bool CutOff) : TurnInput;

    /// <summary>The call is to end: playout stops, recap and outcome are asked for (when the role has them), then <see cref="TurnCommand.EndCall"/>.</summary>
    public sealed record HangUpRequested(string Reason) : TurnInput;
}
