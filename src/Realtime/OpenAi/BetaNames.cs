namespace Bridge.Realtime.OpenAi;

/// <summary>
/// Names of the protocol before its general availability (August 2025), which servers other than the provider's still speak.
/// They are read from every server; a server whose <c>session.created</c> has the shape of that time is written to in it.
/// </summary>
internal static class BetaNames
{
    /// <summary>The old name of <c>response.output_audio.delta</c>.</summary>
    public static ReadOnlySpan<byte> AudioDelta => "response.audio.delta"u8;

    /// <summary>Today's name of a server event.</summary>
    public static string Today(string type) => type switch
    {
        "response.audio.delta" => "response.output_audio.delta",
        "response.audio.done" => "response.output_audio.done",
        "response.audio_transcript.delta" => "response.output_audio_transcript.delta",
        "response.audio_transcript.done" => "response.output_audio_transcript.done",
        "response.text.delta" => "response.output_text.delta",
        "response.text.done" => "response.output_text.done",
        _ => type,
    };
}
