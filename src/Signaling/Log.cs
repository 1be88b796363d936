using Microsoft.Extensions.Logging;

namespace Bridge.Signaling;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Error, "Hub request {Request} failed")]
    public static partial void RequestFailed(ILogger logger, string request, Exception exception);

    [LoggerMessage(2, LogLevel.Information, "Hub request {Request} refused: {Code}")]
    public static partial void RequestRefused(ILogger logger, string request, string code);
}
