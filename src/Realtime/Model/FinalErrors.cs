namespace Bridge.Realtime.Model;

/// <summary>Refusals that no retry and no other session changes: the account or the configuration has to be corrected.</summary>
public static class FinalErrors
{
    private static readonly HashSet<string> Codes = new(StringComparer.Ordinal)
    {
        // Of the account.
        "insufficient_quota",
        "credit_balance_exhausted",
        "organization_spend_limit_exceeded",
        "billing_hard_limit_reached",
        "billing_not_active",
        "account_deactivated",

        // Of the key and the model's name.
        "invalid_api_key",
        "invalid_organization",
        "model_not_found",
    };

    /// <summary>True when the service's error code is final.</summary>
    public static bool Contains(string? code) => code is not null && Codes.Contains(code);

    /// <summary>The sentence for the operator's log.</summary>
    /// <param name="why">The service's code, or the status of the handshake.</param>
    public static string Sentence(string why) =>
        $"the model's service refuses the account, the key or the model ({why}); no call is answered until that is corrected";

    /// <summary>True when the answer to the WebSocket handshake is final: 401 and 403 (the key), 404 (the model or the address).</summary>
    public static bool ContainsStatus(int status) => status is 401 or 403 or 404;
}
