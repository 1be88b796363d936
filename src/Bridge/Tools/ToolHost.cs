using Bridge.Access;
using Bridge.Rpc;

namespace Bridge.Tools;

/// <summary>
/// The functions of a call that its dispatcher needs. All are called from pool threads and have to be quick; none may call back into the
/// dispatcher and wait.
/// </summary>
internal sealed record ToolHost
{
    /// <summary>Names the call.</summary>
    public string CallId { get; init; } = "";

    /// <summary>The person who is talking.</summary>
    public Caller Caller { get; init; } = Caller.Anonymous;

    /// <summary>The page.</summary>
    public required RpcPeer Page { get; init; }

    /// <summary>
    /// A tool ended: call_id, and how. Once per <see cref="ToolDispatcher.Invoke"/>, unless it ends in <see cref="CancelledByPerson"/>;
    /// after <see cref="ToolDispatcher.Cancel"/> at most once.
    /// </summary>
    public required Func<string, ToolOutcome, ValueTask> Completed { get; init; }

    /// <summary>The page cancelled a tool of its own, by its call_id, and may have told the call as well.</summary>
    public required Func<string, ValueTask> CancelledByPerson { get; init; }

    /// <summary>
    /// A sentence of progress for the model: call_id, message. Only for tools whose role asks for it, at most one a second.
    /// </summary>
    public required Action<string, string> Progressed { get; init; }

    /// <summary>Something for the page's tool list.</summary>
    public required Action<ToolActivity> Activity { get; init; }

    /// <summary><see cref="ToolDispatcher.Declared"/> is another one now: tell the model at its next turn.</summary>
    public required Action DeclaredChanged { get; init; }

    /// <summary>Something for the log: a stable code and a sentence without secrets.</summary>
    public required Action<string, string> Problem { get; init; }

    /// <summary>A step for the inspector's timeline: its name, and a detail without content of the conversation.</summary>
    public required Action<string, string> Note { get; init; }

    /// <summary>Takes bytes of what the call may hold; false when it holds as much as it may.</summary>
    public required Func<long, bool> TryTake { get; init; }

    /// <summary>Gives back what <see cref="TryTake"/> took.</summary>
    public required Action<long> Return { get; init; }

    /// <summary>
    /// Keeps a note with the call and shows it on the page. Throws <see cref="IOException"/> when it could not be written.
    /// </summary>
    public required Func<ToolNote, CancellationToken, ValueTask> Save { get; init; }

    /// <summary>Starts a recap during the call.</summary>
    public required Action RequestRecap { get; init; }

    /// <summary>Hangs up after what is being said; the reason.</summary>
    public required Action<string> EndCall { get; init; }

    /// <summary>Hands the conversation to another role: slug, reason. Null when it will happen, else why not.</summary>
    public required Func<string, string?, CancellationToken, ValueTask<string?>> Transfer { get; init; }
}
