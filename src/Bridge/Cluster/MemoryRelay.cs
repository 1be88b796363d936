namespace Bridge.Cluster;

/// <summary>Requests between the nodes of <see cref="MemoryCluster"/>.</summary>
internal sealed class MemoryRelay(MemoryCluster cluster, string node) : ISignalRelay
{
    /// <inheritdoc/>
    public Task StartAsync(Func<RelayRequest, Task<RelayReply>> answer)
    {
        cluster.Answers[node] = answer;
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task<RelayReply> AskAsync(string other, RelayRequest request, TimeSpan within)
    {
        if (!cluster.Answers.TryGetValue(other, out var answer))
        {
            throw new RelayException(isGone: true);
        }

        try
        {
            return await RelayAnswer.OfAsync(answer, request).WaitAsync(within, cluster.AskTime).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new RelayException(isGone: false);
        }
    }
}
