using Bridge.Realtime.Live;
using Bridge.Realtime.Model;

namespace Bridge.Calls;

/// <summary>The names of a full-duplex model's commands and events, for the page's inspector and the call's trail.</summary>
internal static class LiveTrace
{
    /// <summary>The command's name on the wire; null: it is of another protocol.</summary>
    public static string? NameOf(ModelCommand command) => command switch
    {
        LiveCommand.Start => "session.start",
        LiveCommand.UpdateDelegation => "session.update",
        LiveCommand.Append { Kind: LiveAppend.Instructions } => "session.instructions.append",
        LiveCommand.Append { Kind: LiveAppend.Thinking } => "session.thinking.append",
        LiveCommand.Append => "session.commentary.append",
        LiveCommand.Close => "session.close",
        _ => null,
    };

    /// <summary>The event's name on the wire; null: it is too frequent, or of another protocol.</summary>
    public static string? NameOf(ModelEvent modelEvent) => modelEvent switch
    {
        LiveEvent.SessionStarted => "session.started",
        LiveEvent.Delegated => "session.delegation.created",
        LiveEvent.Appended { Kind: LiveAppend.Instructions } => "session.instructions.appended",
        LiveEvent.Appended { Kind: LiveAppend.Thinking } => "session.thinking.appended",
        LiveEvent.Appended => "session.commentary.appended",
        LiveEvent.UsageUpdated => "session.usage.updated",
        LiveEvent.SessionClosed => "session.closed",
        _ => null,
    };
}
