using Bridge.Access;

namespace Bridge.Tools;

/// <summary>The call that a function of the application runs for.</summary>
public sealed class ToolContext
{
    private readonly ToolRun _run;

    internal ToolContext(ToolRun run, IServiceProvider services, CancellationToken cancellation) =>
        (_run, Services, Cancellation) = (run, services, cancellation);

    /// <summary>Names this function call: the model's <c>call_id</c>, never the same twice in a call.</summary>
    public string FunctionCallId => _run.CallId;

    /// <summary>Names the call; records and log lines have it, too.</summary>
    public string CallId => _run.Host.CallId;

    /// <summary>Slug of the role that declares the function.</summary>
    public string Role => _run.Bound.Role;

    /// <summary>The person who is talking.</summary>
    public Caller Caller => _run.Host.Caller;

    /// <summary>Services of the application, in a scope of this function call.</summary>
    public IServiceProvider Services { get; }

    /// <summary>
    /// Fires when nobody waits for the result any more: an interruption of a role that says <c>barge_in: cancel</c>, the end of the call,
    /// the tool's <c>timeout_ms</c>.
    /// </summary>
    public CancellationToken Cancellation { get; }

    /// <summary>Tells how far it is: the page shows it; the model hears the message where the role says <c>progress: model</c>.</summary>
    /// <param name="message">A short sentence; cut at 200 characters.</param>
    /// <param name="percentage">0 to 100; null when nobody knows.</param>
    public void Report(string message, double? percentage = null)
    {
        ArgumentNullException.ThrowIfNull(message);
        _run.Report(message, percentage is { } number ? Math.Clamp(number, 0, 100) : null);
    }
}
