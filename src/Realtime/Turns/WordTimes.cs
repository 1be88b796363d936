namespace Bridge.Realtime.Turns;

/// <summary>
/// When the words of one message were said, where the model reports them: pieces of its text and the end of each, ms of its audio.
/// </summary>
internal sealed class WordTimes
{
    // A piece begins with its first sound and ends with its last; the cells of the timeline are coarser than either.
    private const int CellMs = 200;
    private readonly List<(int Length, int StartMs, int EndMs)> _pieces = [];

    /// <summary>A piece of the text ends at this length.</summary>
    /// <param name="length">Characters of the text with this piece.</param>
    /// <param name="startMs">Where it begins in the audio, ms.</param>
    /// <param name="endMs">Where it ends.</param>
    public void Add(int length, int startMs, int endMs) => _pieces.Add((length, startMs, endMs));

    /// <summary>Characters of the text heard after so many milliseconds: whole words, as in <see cref="HeardText"/>.</summary>
    public int Heard(string text, int heardMs)
    {
        var from = 0;
        foreach (var (length, startMs, endMs) in _pieces)
        {
            var to = Math.Min(length, text.Length);
            if (heardMs < endMs)
            {
                var span = Math.Max(endMs - startMs, CellMs);
                return from + HeardText.Prefix(text.AsSpan(from, to - from), heardMs - startMs, span, complete: true,
                    HeardText.TypicalRate);
            }

            from = to;
        }

        return from;
    }
}
