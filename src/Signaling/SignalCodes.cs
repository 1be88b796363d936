namespace Bridge.Signaling;

/// <summary>The refusal codes of the hub. Each reaches the page as <c>HubException</c> text <c>code: sentence</c>.</summary>
public static class SignalCodes
{
    /// <summary>A field of the request breaks its rule.</summary>
    public const string InvalidRequest = "invalid_request";

    /// <summary>No role has this slug.</summary>
    public const string UnknownRole = "unknown_role";

    /// <summary>This connection has no such call; Join comes first.</summary>
    public const string UnknownCall = "unknown_call";

    /// <summary>The call that the resume token names is over, and the page wanted no other.</summary>
    public const string CallOver = "call_over";

    /// <summary>The page asks too often; a moment later it may again.</summary>
    public const string SlowDown = "slow_down";

    /// <summary>The SDP can't be answered.</summary>
    public const string InvalidSdp = "invalid_sdp";

    /// <summary>The candidate can't be read.</summary>
    public const string InvalidCandidate = "invalid_candidate";

    /// <summary>This host takes calls with a ticket alone, and there was none.</summary>
    public const string TicketMissing = "ticket_missing";

    /// <summary>The ticket has expired.</summary>
    public const string TicketExpired = "ticket_expired";

    /// <summary>The ticket can't be read, or is not signed by a key of this host.</summary>
    public const string TicketInvalid = "ticket_invalid";

    /// <summary>The ticket is for other roles.</summary>
    public const string TicketRole = "ticket_role";

    /// <summary>This host takes calls of people who have signed in.</summary>
    public const string SignInNeeded = "sign_in_needed";

    /// <summary>The application around the host knows the person, and lets it not call.</summary>
    public const string NotAllowed = "not_allowed";

    /// <summary>
    /// More requests than one address, caller or call may make; <see cref="SignalRefusal.RetryAfter"/> says when it is worth
    /// another try.
    /// </summary>
    public const string TooMany = "too_many";

    /// <summary>The budget of this caller, or of the host, is used up for today, or too small for one answer.</summary>
    public const string BudgetSpent = "budget_spent";

    /// <summary>Calls have a budget of money, and the model of this role has no price.</summary>
    public const string NoPrice = "no_price";

    /// <summary>The host carries as many calls as it is allowed to.</summary>
    public const string Busy = "busy";

    /// <summary>The node of the cluster that holds this call does not answer; a moment later another one may have taken it over.</summary>
    public const string NodeAway = "node_away";

    /// <summary>The host is shutting down.</summary>
    public const string ShuttingDown = "shutting_down";

    /// <summary>A defect on our side; details are in the server's log.</summary>
    public const string Internal = "internal_error";
}
