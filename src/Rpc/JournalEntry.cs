namespace Bridge.Rpc;

/// <summary>One once-only request in the journal.</summary>
internal sealed class JournalEntry(string callId, string method, int fingerprint, RpcContext context)
{
    public string CallId { get; } = callId;

    public string Method { get; } = method;

    /// <summary>Hash of the raw params: the same call_id with other params is a mistake worth a refusal.</summary>
    public int Fingerprint { get; } = fingerprint;

    public RpcContext Context { get; } = context;

    /// <summary>The <c>result</c> or <c>error</c> member, once it ran.</summary>
    public byte[]? Body { get; set; }

    /// <summary>Nobody will ask for the result any more.</summary>
    public bool Acknowledged { get; set; }
}

/// <summary>What the journal says about a request.</summary>
internal enum JournalVerdict
{
    /// <summary>New: run it.</summary>
    Start,
    /// <summary>It runs: the asker waits for that run.</summary>
    Join,
    /// <summary>It runs for another request on the same channel.</summary>
    InUse,
    /// <summary>It has run: here is the answer.</summary>
    Answer,
    /// <summary>Its result was acknowledged or dropped.</summary>
    Acknowledged,
    /// <summary>The call_id was used for another request.</summary>
    Changed,
}
