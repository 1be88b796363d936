namespace Bridge.Realtime.Turns;

/// <summary>Where the conversation's one response is.</summary>
internal enum ResponseState
{
    /// <summary>There is none.</summary>
    Idle,

    /// <summary><c>response.create</c> was sent; <c>response.created</c> has not come.</summary>
    Requested,

    /// <summary><c>response.created</c> has come; <c>response.done</c> has not.</summary>
    Active,

    /// <summary>It was interrupted; <c>response.done</c> has not come. Nothing of it is played or run any more.</summary>
    Cancelling,

    /// <summary>There is none, and the pause after a failed one has not passed.</summary>
    Backoff,
}
