using Bridge.Realtime.Conversation;
using Bridge.Realtime.Model;

namespace Bridge.Records;

/// <summary>
/// One fact of a call on its way into the store. Writing a fact twice leaves the store as writing it once: a batch whose
/// commit is in doubt is written again.
/// </summary>
internal abstract record RecordWrite(string Call)
{
    private const int Overhead = 200;

    /// <summary>Bytes that it takes in memory, roughly.</summary>
    public virtual int Size => Overhead;

    /// <summary>The call has begun: a page made an offer.</summary>
    public sealed record Begun(string Call, CallOrigin Origin) : RecordWrite(Call);

    /// <summary>An entry of the conversation's log, under its place in it.</summary>
    public sealed record Entry(string Call, int Number, ConversationEntry Fact, TranscriptPolicy Keeping) : RecordWrite(Call)
    {
        /// <inheritdoc/>
        public override int Size => Overhead + (2 * Fact switch
        {
            ConversationEntry.ItemAdded(_, var item, _) =>
                item.Text.Length + (item.ImageUrl?.Length ?? 0) + (item.Arguments?.Length ?? 0) + (item.Output?.Length ?? 0),
            ConversationEntry.TextKnown known => known.Text.Length,
            ConversationEntry.Truncated cut => cut.HeardText.Length + cut.UnheardText.Length,
            ConversationEntry.Summarised summary => summary.Summary.Length,
            _ => 0,
        });
    }

    /// <summary>The words of an answer that have been heard by now, while its audio is still playing.</summary>
    public sealed record Heard(string Call, string ItemId, string Text) : RecordWrite(Call)
    {
        /// <inheritdoc/>
        public override int Size => Overhead + (2 * Text.Length);
    }

    /// <summary>The agent saved a note.</summary>
    public sealed record Note(string Call, CallNote Saved) : RecordWrite(Call)
    {
        /// <inheritdoc/>
        public override int Size => Overhead + (2 * Saved.Text.Length);
    }

    /// <summary>The model was told that a note is not saved: so it is not.</summary>
    public sealed record NoteWithdrawn(string Call, string Id) : RecordWrite(Call);

    /// <summary>The SHA-256 hashes, in hexadecimal, of the tokens that lead back into the call now.</summary>
    public sealed record Tokens(string Call, IReadOnlyList<string> Hashes) : RecordWrite(Call);

    /// <summary>The call's usage so far.</summary>
    public sealed record Bill(string Call, ModelUsage Usage, decimal? Cost) : RecordWrite(Call);

    /// <summary>An answer of the agent, with its delays.</summary>
    public sealed record Turn(string Call, int Number, TurnTimes Times) : RecordWrite(Call);

    /// <summary>A budget of the call comes to its end. Told to web hooks; no part of the record.</summary>
    /// <param name="Call">The call.</param>
    /// <param name="Code">Which: <c>cost_low</c> or <c>time_low</c>.</param>
    /// <param name="At">When.</param>
    public sealed record BudgetWarned(string Call, string Code, DateTimeOffset At) : RecordWrite(Call);

    /// <summary>The call is over.</summary>
    public sealed record Ended(string Call, CallClosing Closing) : RecordWrite(Call)
    {
        /// <inheritdoc/>
        public override int Size => Overhead + (2 * ((Closing.Recap?.Length ?? 0) + (Closing.Outcome?.Length ?? 0)));
    }

    /// <summary>Nothing but the proof that something can be written.</summary>
    public sealed record Probe() : RecordWrite("");
}
