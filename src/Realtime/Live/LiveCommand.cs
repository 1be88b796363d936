using Bridge.Realtime.Model;

namespace Bridge.Realtime.Live;

/// <summary>
/// The commands of <c>/v1/live/sessions</c> that Realtime has not. <see cref="ModelCommand.CreateItem"/> and
/// <see cref="ModelCommand.CreateResponse"/> go to the backend model (<c>response.item.create</c>, <c>response.create</c>); a response
/// with a tag is asked of the <see cref="TextModel"/>.
/// </summary>
public abstract record LiveCommand : ModelCommand
{
    private LiveCommand() { }

    /// <summary><c>session.start</c>: the first of all commands.</summary>
    /// <param name="Settings">The configuration; but for its delegation none of it changes any more.</param>
    /// <param name="History">The conversation so far (<c>input</c>): messages, at most <see cref="LiveHistory.MaxMessages"/>.</param>
    public sealed record Start(SessionSettings Settings, IReadOnlyList<ModelItem> History) : LiveCommand;

    /// <summary><c>session.update</c> of the backend model's instructions and functions.</summary>
    public sealed record UpdateDelegation(SessionSettings Settings) : LiveCommand;

    /// <summary><c>session.instructions.append</c>, <c>.thinking.append</c> or <c>.commentary.append</c>.</summary>
    /// <param name="Kind">Which.</param>
    /// <param name="Content">At most 500 tokens.</param>
    /// <param name="DelegationId">The delegation that it answers; null: none. Only with <c>client</c> delegation.</param>
    public sealed record Append(LiveAppend Kind, string Content, string? DelegationId = null) : LiveCommand;

    /// <summary><c>session.close</c>.</summary>
    public sealed record Close : LiveCommand;
}
