namespace Bridge.Rehearsal;

/// <summary>Puts out <c>rate_limits.updated</c> after a response was created.</summary>
internal sealed class RateLimits(ServerEvents events)
{
    private const int RequestsPerMinute = 1000;
    private const int TokensPerMinute = 50_000;
    private int _requests;

    /// <summary>Counts one request and says what is left; <paramref name="reserved"/> is its input in tokens.</summary>
    public void Count(int reserved)
    {
        _requests++;
        var forced = events.Faults.RateLimitRemaining;
        var json = events.Begin("rate_limits.updated"u8);
        json.WriteStartArray("rate_limits"u8);
        Limit("requests"u8, RequestsPerMinute, forced ?? Math.Max(0, RequestsPerMinute - _requests));
        Limit("tokens"u8, TokensPerMinute, forced ?? Math.Max(0, TokensPerMinute - reserved));
        json.WriteEndArray();
        events.End();

        void Limit(ReadOnlySpan<byte> name, int limit, int remaining)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, name);
            json.WriteNumber("limit"u8, limit);
            json.WriteNumber("remaining"u8, remaining);
            json.WriteNumber("reset_seconds"u8, Math.Round(60.0 * (limit - Math.Min(remaining, limit)) / limit, 3));
            json.WriteEndObject();
        }
    }
}
