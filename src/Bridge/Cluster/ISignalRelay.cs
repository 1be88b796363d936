namespace Bridge.Cluster;

/// <summary>Carries requests from node to node. May be used from any thread.</summary>
internal interface ISignalRelay
{
    /// <summary>Begins to answer the requests of other nodes; called again, it answers them so from now on.</summary>
    /// <param name="answer">Called for each, several at once; what it throws is answered as a refusal.</param>
    Task StartAsync(Func<RelayRequest, Task<RelayReply>> answer);

    /// <summary>Asks a node and waits for its reply.</summary>
    /// <param name="other">Its id.</param>
    /// <param name="request">The request.</param>
    /// <param name="within">Time for which the reply is waited for.</param>
    /// <exception cref="RelayException">The node is not there, or does not reply in time.</exception>
    /// <exception cref="ClusterAwayException">The request could not be sent.</exception>
    Task<RelayReply> AskAsync(string other, RelayRequest request, TimeSpan within);
}
