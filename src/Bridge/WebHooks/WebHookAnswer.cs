using System.Net;

namespace Bridge.WebHooks;

/// <summary>The outcome of an attempt.</summary>
/// <param name="Outcome">See there.</param>
/// <param name="Why">For the log; holds nothing of the address but its host, and nothing of the body.</param>
/// <param name="RetryAfter">The wait that the receiver asked for.</param>
internal readonly record struct WebHookAnswer(WebHookOutcome Outcome, string Why, TimeSpan? RetryAfter = null)
{
    /// <summary>The answer by its status.</summary>
    public static WebHookAnswer Of(HttpResponseMessage response, DateTimeOffset now)
    {
        var why = $"{(int)response.StatusCode}";
        var asked = response.Headers.RetryAfter;
        return response.IsSuccessStatusCode
            ? new(WebHookOutcome.Delivered, why)
            : response.StatusCode switch
            {
                HttpStatusCode.Gone => new(WebHookOutcome.Gone, why),
                HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable
                    or HttpStatusCode.GatewayTimeout => new(WebHookOutcome.Busy, why, asked?.Delta ?? (asked?.Date - now)),
                _ => new(WebHookOutcome.Failed, why),
            };
    }
}
