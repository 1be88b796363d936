namespace Bridge.Rehearsal;

/// <summary>The work that a <see cref="RehearsalSession"/> gives its owner. Outputs are carried out in order.</summary>
public abstract record RehearsalOutput
{
    private RehearsalOutput()
    {
    }

    /// <summary>Send one text message to the client.</summary>
    /// <param name="Utf8">The event as UTF-8 JSON (deliberately broken when the fault asks for it).</param>
    public sealed record Send(ReadOnlyMemory<byte> Utf8) : RehearsalOutput;

    /// <summary>Synthesise speech, then hand it to <see cref="RehearsalSession.Spoken"/> with the same request number.</summary>
    /// <param name="Request">Number to return.</param>
    /// <param name="Text">Text to speak.</param>
    /// <param name="Voice">Voice name.</param>
    /// <param name="Speed">1 is normal.</param>
    public sealed record Speak(int Request, string Text, string Voice, double Speed) : RehearsalOutput;

    /// <summary>Close the WebSocket with a close frame; the session is over.</summary>
    /// <param name="Code">RFC 6455 §7.4 status code.</param>
    /// <param name="Reason">Close reason.</param>
    public sealed record Close(int Code, string Reason) : RehearsalOutput;

    /// <summary>Drop the connection without a close frame; the session is over.</summary>
    public sealed record Drop : RehearsalOutput;
}
