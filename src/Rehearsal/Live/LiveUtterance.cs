namespace Bridge.Rehearsal.Live;

/// <summary>One thing that the model says.</summary>
internal sealed class LiveUtterance(string text)
{
    private readonly string[] _words = Words.Split(text);
    private int _written;

    public string Text => text;

    /// <summary>24 kHz mono; null until the voice has delivered it.</summary>
    public ReadOnlyMemory<short>? Pcm { get; set; }

    /// <summary>Samples that were put out.</summary>
    public int At { get; private set; }

    /// <summary>Not before this place on the timeline.</summary>
    public long NotBefore { get; init; }

    /// <summary>Said while a delegation works; an append that comes before it makes it superfluous.</summary>
    public bool Acknowledges { get; init; }

    /// <summary>The message that the conversation has of it.</summary>
    public RehearsalItem? Item { get; set; }

    public bool Ended => At == Pcm!.Value.Length;

    /// <summary>Takes the words that begin within the next samples; null: none. Words have time by their characters.</summary>
    public string? TakeWords(int samples)
    {
        var characters = 0;
        for (var i = 0; i < _written; i++)
        {
            characters += _words[i].Length;
        }

        var from = _written;
        while (_written < _words.Length && (long)Pcm!.Value.Length * characters / text.Length < At + samples)
        {
            characters += _words[_written++].Length;
        }

        return _written == from ? null : LiveEar.Join(_words, from, _written);
    }

    /// <summary>The words that were put out.</summary>
    public string Said => LiveEar.Join(_words, 0, _written);

    /// <summary>
    /// Takes the next samples into <paramref name="frame"/>, as many as there are. In the pauses of speech the service has samples of
    /// -1 to 1 where its silence has exact zeros.
    /// </summary>
    public void Take(Span<short> frame)
    {
        var left = Pcm!.Value.Span[At..];
        var taken = left[..Math.Min(left.Length, frame.Length)];
        for (var i = 0; i < taken.Length; i++)
        {
            frame[i] = taken[i] != 0 ? taken[i] : (short)((i & 1) == 0 ? 1 : -1);
        }

        At += taken.Length;
    }
}
