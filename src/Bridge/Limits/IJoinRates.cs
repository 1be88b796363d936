namespace Bridge.Limits;

/// <summary>The rate at which calls are opened over all nodes. A host of its own has <see cref="JoinLimits"/> alone.</summary>
internal interface IJoinRates
{
    /// <summary>Counts a call that is about to be opened. While the count of the other nodes can't be read, it counts nothing.</summary>
    /// <param name="account">The caller's name in accounts.</param>
    /// <exception cref="Signaling.SignalRefusal"><c>too_many</c>, with the time until another try.</exception>
    ValueTask TakeAsync(string account);
}
