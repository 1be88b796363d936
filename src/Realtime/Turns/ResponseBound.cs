using Bridge.Realtime.Model;

namespace Bridge.Realtime.Turns;

/// <summary>The most that one response can use.</summary>
/// <param name="Input">Input tokens by modality, none of them cached.</param>
/// <param name="LeastOutput">Output tokens below which it is not worth asking for.</param>
/// <param name="MostOutput">Output tokens that it would be allowed without a budget.</param>
/// <param name="TextOnly">It writes and does not speak.</param>
public readonly record struct ResponseBound(ModelUsage Input, int LeastOutput, int MostOutput, bool TextOnly)
{
    // Half a minute of speech.
    private const int UsefulOutput = 512;

    // The largest answer of a model whose own limit is not known.
    private const int LargestOutput = 4_096;

    // A tenth of a second is two tokens, and nobody says more than ten characters in half a second; the transcript is as long again.
    private const int WordTokensPerCharacter = 4;
    private const int WordTokens = 100;

    /// <summary>A response to a conversation.</summary>
    /// <param name="input">The input that it reads.</param>
    /// <param name="maxOutputTokens">The session's limit; null, 0 or less: none.</param>
    /// <param name="textOnly">It writes and does not speak.</param>
    public static ResponseBound Of(ModelUsage input, int? maxOutputTokens, bool textOnly)
    {
        var most = maxOutputTokens is { } limit and > 0 ? limit : LargestOutput;
        return new ResponseBound(input, Math.Min(most, UsefulOutput), most, textOnly);
    }

    /// <summary>A response that says words of the role and reads nothing but them.</summary>
    public static ResponseBound OfWords(string words)
    {
        ArgumentNullException.ThrowIfNull(words);
        var most = WordTokens + (WordTokensPerCharacter * words.Length);
        return new ResponseBound(new ModelUsage(WordTokens + ContextSize.TextTokens(ResponseWording.ToSay(words)), 0, 0, 0, 0, 0, 0, 0), most, most, TextOnly: false);
    }

    /// <summary>True when a response within the other bound is within this one.</summary>
    public bool Covers(ResponseBound other) =>
        other.Input.InputText <= Input.InputText && other.Input.InputAudio <= Input.InputAudio && other.Input.InputImage <= Input.InputImage
        && other.MostOutput <= MostOutput && (other.TextOnly || !TextOnly);
}
