namespace Bridge.Realtime.Model;

/// <summary>
/// Asks a text model, which answers what a session with a full-duplex model can not: delegated work, recap, outcome, summary.
/// It never throws but for a cancellation: a failure is an answer without output.
/// </summary>
/// <param name="request">The question.</param>
/// <param name="cancellation">The session is over.</param>
public delegate Task<TextAnswer> TextModel(TextRequest request, CancellationToken cancellation);
