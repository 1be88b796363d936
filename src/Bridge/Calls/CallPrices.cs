using Bridge.Configuration;
using Bridge.Realtime.Model;
using Bridge.Realtime.Turns;

namespace Bridge.Calls;

/// <summary>The cost of tokens at a price, in micro-dollars: a price of one dollar per million tokens is one of them per token.</summary>
internal static class CallPrices
{
    /// <summary>Micro-dollars of a dollar.</summary>
    public const decimal PerDollar = 1_000_000;

    // Tokens of a second of transcribed speech, where it is billed by tokens: ten of sound and five of text.
    private const int TranscriptionTokensPerSecond = 15;

    /// <summary>The usage.</summary>
    public static long MicroDollars(ModelUsage usage, PriceOptions price) => (long)Math.Ceiling(CallBill.CostOf(usage, price) * PerDollar);

    /// <summary>The most that a response can cost with so many output tokens.</summary>
    public static long MicroDollars(ResponseBound bound, int output, PriceOptions price) =>
        (long)Math.Ceiling(CostOfInput(bound.Input, price) + (output * PerOutputToken(bound, price)));

    /// <summary>As many output tokens as an amount pays beside the input.</summary>
    public static int OutputTokens(ResponseBound bound, long amount, PriceOptions price)
    {
        var each = PerOutputToken(bound, price);
        return each == 0 ? bound.MostOutput : (int)Math.Min(bound.MostOutput, Math.Floor((amount - CostOfInput(bound.Input, price)) / each));
    }

    /// <summary>The most that the transcription of speech can cost.</summary>
    public static long MicroDollars(TimeSpan speech, PriceOptions price) => (long)Math.Ceiling(
        ((decimal)speech.TotalMinutes * price.TranscribedMinute * PerDollar) + ((decimal)speech.TotalSeconds * TranscriptionTokensPerSecond * price.Transcription));

    private static decimal PerOutputToken(ResponseBound bound, PriceOptions price) =>
        bound.TextOnly ? price.TextOutput : Math.Max(price.TextOutput, price.AudioOutput);

    // A cached token that costs more than a new one is a strange price, and to be counted on all the same.
    private static decimal CostOfInput(ModelUsage input, PriceOptions price)
    {
        var image = price.ImageInput ?? price.TextInput;
        return (input.InputText * Math.Max(price.TextInput, price.CachedText ?? 0))
            + (input.InputAudio * Math.Max(price.AudioInput, price.CachedAudio ?? 0))
            + (input.InputImage * Math.Max(image, price.CachedImage ?? 0));
    }
}
