namespace Bridge.Trail;

/// <summary>
/// Where the lines of one call are written. Each of them has the field <c>CallId</c>; none has content of the conversation, a key
/// or an argument.
/// </summary>
internal sealed class CallTrail
{
    private const int MaxWord = 64;

    private readonly TrailLoggers _loggers;

    internal CallTrail(string callId, TrailLoggers loggers)
    {
        CallId = callId;
        _loggers = loggers;
        Drops = new DropTrail(loggers.Peer, callId);
    }

    /// <summary>Names the call.</summary>
    public string CallId { get; }

    /// <summary>The category of drops of the call's connections.</summary>
    internal DropTrail Drops { get; }

    /// <inheritdoc cref="TrailLoggers.Peer"/>
    internal ILogger Peer => _loggers.Peer;

    /// <inheritdoc cref="TrailLoggers.Ice"/>
    internal ILogger Ice => _loggers.Ice;

    /// <inheritdoc cref="TrailLoggers.Dtls"/>
    internal ILogger Dtls => _loggers.Dtls;

    /// <inheritdoc cref="TrailLoggers.Sctp"/>
    internal ILogger Sctp => _loggers.Sctp;

    /// <inheritdoc cref="TrailLoggers.Rtp"/>
    internal ILogger Rtp => _loggers.Rtp;

    /// <inheritdoc cref="TrailLoggers.Model"/>
    internal ILogger Model => _loggers.Model;

    /// <inheritdoc cref="TrailLoggers.Turns"/>
    internal ILogger Turns => _loggers.Turns;

    /// <inheritdoc cref="TrailLoggers.Tools"/>
    internal ILogger Tools => _loggers.Tools;

    /// <summary>
    /// A word of a protocol as it may stand in a line: what the service or the page sent in its place (a sentence, a line break)
    /// is left out.
    /// </summary>
    internal static string Word(string? word) =>
        word is { Length: > 0 and <= MaxWord } && word.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.') ? word : "(other)";
}
