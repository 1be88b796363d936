namespace Bridge.Rehearsal.Text;

/// <summary>The answer to one request of a text model.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="ContentType"><c>application/json</c>, or <c>text/event-stream</c> for a streamed answer.</param>
/// <param name="Body">The whole body; of a stream, all its events.</param>
public sealed record TextAnswer(int Status, string ContentType, ReadOnlyMemory<byte> Body);
