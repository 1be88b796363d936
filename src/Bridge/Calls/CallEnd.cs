namespace Bridge.Calls;

/// <summary>Why a call ended: the stable words of <c>CallEnded</c> and <c>call/ended</c>.</summary>
internal static class CallEnd
{
    public const string Hangup = "hangup";
    public const string ConnectionLost = "connection_lost";
    public const string EndedByAgent = "end_call";
    public const string EndedByOperator = "operator";
    public const string TimeLimit = "time_limit";
    public const string CostLimit = "cost_limit";
    public const string MemoryLimit = "memory_limit";
    public const string Replaced = "replaced";
    public const string Shutdown = "shutdown";
    public const string Failed = "failed";
    public const string Moved = Records.RecordReason.Moved;
    public const string Interrupted = Records.RecordReason.Interrupted;
}
