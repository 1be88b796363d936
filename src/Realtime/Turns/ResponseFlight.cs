namespace Bridge.Realtime.Turns;

/// <summary>A response on its way: from response.create to response.done.</summary>
internal sealed class ResponseFlight(string tag, WantedResponse cause)
{
    public string Tag { get; } = tag;

    public WantedResponse Cause { get; } = cause;

    public string? Id { get; set; }

    /// <summary>It was interrupted: nothing of it is played or run any more.</summary>
    public bool Cancelled { get; set; }

    public bool CancelSent { get; set; }

    /// <summary>Items of this response that are messages of the agent.</summary>
    public List<string> Messages { get; } = [];

    /// <summary>Items that began and have not ended.</summary>
    public int OpenItems { get; set; }

    public bool AnyItem { get; set; }

    /// <summary>Calls of this response.</summary>
    public ToolRound Round { get; } = new();
}
