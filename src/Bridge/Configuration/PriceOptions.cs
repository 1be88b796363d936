namespace Bridge.Configuration;

/// <summary>
/// The price of a model, in US dollars per million tokens, as its provider lists it (<c>Bridge:Prices:MODEL</c>). The Bridge
/// brings no prices of its own: they change, and a stale one would be used unnoticed.
/// </summary>
public sealed class PriceOptions
{
    /// <summary>Text the model reads: instructions, tools, messages, transcripts.</summary>
    public decimal TextInput { get; set; }

    /// <summary>Speech the model hears.</summary>
    public decimal AudioInput { get; set; }

    /// <summary>Images the model sees; null: as text.</summary>
    public decimal? ImageInput { get; set; }

    /// <summary>Text read before; null: no cheaper than the first time.</summary>
    public decimal? CachedText { get; set; }

    /// <summary>Speech heard before; null: no cheaper than the first time.</summary>
    public decimal? CachedAudio { get; set; }

    /// <summary>Images seen before; null: no cheaper than the first time.</summary>
    public decimal? CachedImage { get; set; }

    /// <summary>Text the model writes, function calls included.</summary>
    public decimal TextOutput { get; set; }

    /// <summary>Speech the model makes.</summary>
    public decimal AudioOutput { get; set; }

    /// <summary>Tokens of the transcription of the caller's words, where it is billed by tokens.</summary>
    public decimal Transcription { get; set; }

    /// <summary>A second for which a session of a full-duplex model is open, in US dollars.</summary>
    public decimal SessionSecond { get; set; }

    /// <summary>A minute of transcribed speech, in US dollars, where it is billed by time.</summary>
    public decimal TranscribedMinute { get; set; }
}
