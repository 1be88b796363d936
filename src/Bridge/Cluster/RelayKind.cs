namespace Bridge.Cluster;

/// <summary>The requests of nodes to one another. Words are never given another meaning: two versions may run side by side.</summary>
internal static class RelayKind
{
    public const string Join = "join";
    public const string Offer = "offer";
    public const string Candidate = "candidate";
    public const string Hangup = "hangup";
    public const string Recap = "recap";
    public const string Disconnected = "disconnected";
    public const string Ended = "ended";
    public const string Roles = "roles";
    public const string Drain = "drain";
    public const string Calls = "calls";
    public const string Move = "move";
    public const string Prepare = "prepare";
    public const string PreparedOffer = "prepared_offer";
    public const string Prepared = "prepared";
    public const string GoOn = "go_on";
    public const string Unprepare = "unprepare";
    public const string Led = "led";
    public const string EndCall = "end_call";
}
