namespace Bridge.Signaling;

/// <summary>
/// The way from the hub into the host. Requests that arrive here have passed their validator;
/// a refusal is thrown as <see cref="SignalRefusal"/>.
/// </summary>
public interface ICallGateway
{
    /// <summary>Opens a call, or finds the one the resume token names.</summary>
    /// <param name="caller">Its connection now owns the call.</param>
    /// <param name="request">Validated request.</param>
    /// <param name="cancellation">Ends when the connection is gone.</param>
    Task<JoinReply> JoinAsync(HubCaller caller, JoinRequest request, CancellationToken cancellation);

    /// <summary>Answers an SDP offer.</summary>
    Task<OfferReply> OfferAsync(string connectionId, OfferRequest request, CancellationToken cancellation);

    /// <summary>Takes a trickled candidate.</summary>
    Task AddCandidateAsync(string connectionId, CandidateRequest request, CancellationToken cancellation);

    /// <summary>Ends the call.</summary>
    Task HangupAsync(string connectionId, HangupRequest request, CancellationToken cancellation);

    /// <summary>How the call ended that a resume token names; waits for the recap of one that is ending.</summary>
    Task<RecapReply> RecapAsync(RecapRequest request, CancellationToken cancellation);

    /// <summary>
    /// The hub connection is gone. A call that has had an offer goes on for its grace time; a line reserved without one is given
    /// back.
    /// </summary>
    Task DisconnectedAsync(string connectionId);
}
