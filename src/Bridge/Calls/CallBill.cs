using Bridge.Configuration;
using Bridge.Realtime.Model;

namespace Bridge.Calls;

/// <summary>The usage of a call so far, and its cost at the operator's prices.</summary>
internal sealed class CallBill
{
    private const decimal Million = 1_000_000m;

    /// <summary>Tokens per modality.</summary>
    public ModelUsage Usage { get; private set; }

    /// <summary>US dollars; null while no part of it has a price.</summary>
    public decimal? Cost { get; private set; }

    /// <summary>Goes on from what the call had used before its host crashed.</summary>
    public void Restore(ModelUsage usage, decimal? cost) => (Usage, Cost) = (usage, cost);

    /// <summary>Adds what a response or a transcription used.</summary>
    /// <param name="usage">Tokens.</param>
    /// <param name="price">Of the model that was used; null when the operator named none.</param>
    public void Add(ModelUsage usage, PriceOptions? price)
    {
        Usage += usage;
        if (price is not null)
        {
            Cost = (Cost ?? 0) + CostOf(usage, price);
        }
    }

    /// <summary>US dollars for some usage. Cached tokens are part of the input tokens and have a price of their own.</summary>
    public static decimal CostOf(ModelUsage usage, PriceOptions price)
    {
        var image = price.ImageInput ?? price.TextInput;
        var millionth = Input(usage.InputText, usage.CachedText, price.TextInput, price.CachedText)
            + Input(usage.InputAudio, usage.CachedAudio, price.AudioInput, price.CachedAudio)
            + Input(usage.InputImage, usage.CachedImage, image, price.CachedImage)
            + (usage.OutputText * price.TextOutput)
            + (usage.OutputAudio * price.AudioOutput)
            + (usage.TranscriptionTokens * price.Transcription);
        return (millionth / Million) + ((decimal)usage.TranscribedSeconds / 60 * price.TranscribedMinute)
            + ((decimal)usage.SessionSeconds * price.SessionSecond);
    }

    private static decimal Input(int tokens, int cached, decimal price, decimal? cachedPrice) =>
        ((tokens - cached) * price) + (cached * (cachedPrice ?? price));
}
