namespace Bridge.Guards;

/// <summary>Judges the agent's words before they are heard.</summary>
internal interface IAnswerGuard
{
    /// <summary>The settings in force; null: every answer is heard as it comes.</summary>
    GuardSettings? Settings { get; }

    /// <summary>Judges an answer as far as its words are known; at most the last few thousand characters are looked at.</summary>
    /// <param name="text">The answer from its beginning.</param>
    /// <param name="whole">No more words follow.</param>
    /// <param name="cancellation">The call is over.</param>
    ValueTask<GuardVerdict> JudgeAsync(string text, bool whole, CancellationToken cancellation);
}
