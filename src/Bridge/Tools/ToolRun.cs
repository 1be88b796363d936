using System.Text.Json;

namespace Bridge.Tools;

/// <summary>One function call on its way: its tool, its checked arguments, and where its progress goes.</summary>
internal sealed class ToolRun(string callId, BoundTool tool, JsonElement arguments, ToolHost host, ToolServices services)
{
    private static readonly TimeSpan PageInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan ModelInterval = TimeSpan.FromSeconds(1);
    private const int LongestMessage = 200;

    private readonly Lock _gate = new();
    private long _shownAt;
    private long _toldAt;
    private bool _shown;
    private string? _told;

    public string CallId => callId;

    public ToolDeclaration Tool => tool.Declaration;

    public BoundTool Bound => tool;

    public JsonElement Arguments => arguments;

    public ToolHost Host => host;

    public ToolServices Services => services;

    /// <summary>True once something may have happened: from here on a failure leaves open whether it did.</summary>
    public bool Begun { get; set; }

    /// <summary>The label for the page; null without a label.</summary>
    public string? Label => Tool.Label.Length > 0 ? Tool.Label : null;

    public void Show(string phase, string? message = null) =>
        host.Activity(new ToolActivity(callId, Tool.Name, BoundTool.NameOf(Tool.Target), phase, message, Label: Label));

    /// <summary>
    /// Progress of the tool's: to the page ten times a second at most, to the model once a second and only when the role asks.
    /// </summary>
    public void Report(string? message, double? percentage)
    {
        if (Tool.Progress == ToolProgress.None)
        {
            return;
        }

        message = message is { Length: > LongestMessage } ? message[..LongestMessage] : message;
        bool show, tell;
        lock (_gate)
        {
            var now = services.Time.GetTimestamp();
            show = !_shown || services.Time.GetElapsedTime(_shownAt, now) >= PageInterval;
            tell = Tool.Progress == ToolProgress.Model && message is { Length: > 0 } && message != _told
                && (_told is null || services.Time.GetElapsedTime(_toldAt, now) >= ModelInterval);
            (_shown, _shownAt) = show ? (true, now) : (_shown, _shownAt);
            (_told, _toldAt) = tell ? (message, now) : (_told, _toldAt);
        }

        if (show)
        {
            host.Activity(new ToolActivity(callId, Tool.Name, BoundTool.NameOf(Tool.Target), "progress", message, percentage, Label));
        }

        if (tell)
        {
            host.Progressed(callId, message!);
        }
    }
}
