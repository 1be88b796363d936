namespace Bridge.Rehearsal;

/// <summary>Speaks a text as 24 kHz mono PCM16.</summary>
/// <param name="text">The text to say, without markup.</param>
/// <param name="voice">Voice name of the Realtime protocol, e.g. <c>marin</c>.</param>
/// <param name="speed">1 is normal, 0.25 to 1.5.</param>
/// <param name="cancellationToken">Cancelled when the session ends.</param>
public delegate ValueTask<ReadOnlyMemory<short>> SpeechVoice(
    string text, string voice, double speed, CancellationToken cancellationToken);
