using Microsoft.Extensions.Logging;

namespace Bridge.Signaling;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Error, "Hub request {Request} failed")]
    public static partial void RequestFailed(ILogger logger, string request, Exception exception);

    [LoggerMessage(2, LogLevel.Information, "Hub request {Request} refused: {Code}")]
    public static partial void RequestRefused(ILogger logger, string request, string code);

    [LoggerMessage(3, LogLevel.Information, "Call {CallId}: hub request {Request} refused: {Code}")]
    public static partial void CallRequestRefused(ILogger logger, string callId, string request, string code);

    [LoggerMessage(4, LogLevel.Debug, "Call {CallId}: joined, resumed: {Resumed}")]
    public static partial void Joined(ILogger logger, string callId, bool resumed);

    [LoggerMessage(5, LogLevel.Debug, "Call {CallId}: an offer of {Offered} characters is answered with {Answered}")]
    public static partial void OfferAnswered(ILogger logger, string callId, int offered, int answered);

    [LoggerMessage(6, LogLevel.Debug, "Call {CallId}: the description was refused: {Refusal}")]
    public static partial void DescriptionRefused(ILogger logger, string callId, string refusal);

    [LoggerMessage(7, LogLevel.Trace, "Call {CallId}: a candidate was taken")]
    public static partial void CandidateTaken(ILogger logger, string callId);

    [LoggerMessage(8, LogLevel.Debug, "Call {CallId}: the page hangs up by the hub")]
    public static partial void HungUp(ILogger logger, string callId);
}
