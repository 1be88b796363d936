namespace Bridge.Rehearsal;

/// <summary>
/// A voice whose audio says where it is: every 20 ms carry their own number, so that a recording made anywhere on the
/// way to the ear tells to the frame what was heard. Each line begins at number 0.
/// </summary>
/// <remarks>
/// Frame <c>k</c> holds three tones, one digit each of <c>k</c> in base-16 reflected Gray code (low digit first):
/// digit <c>d</c> of place <c>p</c> sounds at <c>400 + 1700 p + 100 d</c> Hz. All are multiples of 100 Hz, so a frame
/// holds whole cycles and the tones run on without clicks; neighbours differ in one digit, so a window across two
/// frames reads as one of them. 4096 frames: 81.92 s until the code repeats.
/// </remarks>
/// <param name="length">Length of every line, whatever its text.</param>
public sealed class TimeCodeVoice(TimeSpan length)
{
    /// <summary>Digits per place, and so frequencies per band.</summary>
    public const int Base = 16;

    /// <summary>Places, and so tones at a time.</summary>
    public const int Places = 3;

    /// <summary>Samples of one frame at 24 kHz.</summary>
    public const int FrameSamples = 480;

    private const double Amplitude = 5000;

    /// <summary>Frequency in Hz of <paramref name="digit"/> at <paramref name="place"/>.</summary>
    public static int Frequency(int place, int digit) => 400 + (1700 * place) + (100 * digit);

    /// <summary>Digit of a frame number at a place: base-16 reflected Gray code.</summary>
    public static int Digit(int frame, int place)
    {
        var higher = frame >> (4 * (place + 1));
        var digit = (frame >> (4 * place)) & (Base - 1);

        // Every other pass through the digits runs backwards.
        return (higher & 1) == 0 ? digit : Base - 1 - digit;
    }

    /// <summary>Speaks the time code: a <see cref="SpeechVoice"/>.</summary>
    public ValueTask<ReadOnlyMemory<short>> SpeakAsync(
        string text, string voice, double speed, CancellationToken cancellationToken) => new(Speak());

    /// <summary>The time code as 24 kHz mono PCM16.</summary>
    public short[] Speak()
    {
        var pcm = new short[(int)(length.TotalSeconds * 24_000)];
        for (var i = 0; i < pcm.Length; i++)
        {
            var value = 0.0;
            for (var place = 0; place < Places; place++)
            {
                value += Math.Sin(2 * Math.PI * Frequency(place, Digit(i / FrameSamples, place)) * (i % FrameSamples) / 24_000);
            }

            pcm[i] = (short)(Amplitude * value);
        }

        return pcm;
    }
}
