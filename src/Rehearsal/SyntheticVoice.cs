namespace Bridge.Rehearsal;

/// <summary>
/// A voice without a speech engine: syllable-like tones with pauses at the commas and full stops, as long as the
/// sentence would take to say. Same text, voice and speed: same samples.
/// </summary>
public static class SyntheticVoice
{
    private const int Rate = 24_000;
    private const double SyllableSeconds = 0.14;
    private const double WordGapSeconds = 0.05;
    private const double CommaSeconds = 0.18;
    private const double StopSeconds = 0.32;

    /// <summary>Speaks <paramref name="text"/>: 24 kHz mono PCM16, peak about -9 dBFS.</summary>
    public static ValueTask<ReadOnlyMemory<short>> SpeakAsync(
        string text, string voice, double speed, CancellationToken cancellationToken) => new(Speak(text, voice, speed));

    /// <summary>As <see cref="SpeakAsync"/>, at once.</summary>
    public static ReadOnlyMemory<short> Speak(string text, string voice, double speed)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(voice);
        var pace = 1 / Math.Clamp(speed, 0.25, 1.5);
        var pitch = 110 + (Hash(voice) % 110);
        var pcm = new List<short>((int)(text.Length * 0.06 * Rate));
        var phase = 0.0;
        var vowelRun = false;
        var index = 0u;
        foreach (var character in text)
        {
            switch (character)
            {
                case '.' or '!' or '?' or '\n':
                    Silence(pcm, StopSeconds * pace);
                    vowelRun = false;
                    break;
                case ',' or ';' or ':':
                    Silence(pcm, CommaSeconds * pace);
                    vowelRun = false;
                    break;
                case ' ':
                    Silence(pcm, WordGapSeconds * pace);
                    vowelRun = false;
                    break;
                default:
                    // One syllable per run of vowels, as in most European words; a digit is a word of its own.
                    var sounds = "aeiouyäöüáéíóúàèùâêîôûAEIOUYÄÖÜ".Contains(character) || char.IsDigit(character)
                        || character > 0x2E7F;
                    if (sounds && !vowelRun)
                    {
                        Syllable(pcm, ref phase, pitch * Contour(index++), Formant(character), SyllableSeconds * pace);
                    }

                    vowelRun = sounds && !char.IsDigit(character);
                    break;
            }
        }

        return pcm.ToArray();
    }

    private static void Silence(List<short> pcm, double seconds)
    {
        for (var left = (int)(seconds * Rate); left > 0; left--)
        {
            pcm.Add(0);
        }
    }

    // A sawtooth-like voice (falling harmonics) with one resonance for the vowel.
    private static void Syllable(List<short> pcm, ref double phase, double pitch, double formant, double seconds)
    {
        var length = (int)(seconds * Rate);
        for (var i = 0; i < length; i++)
        {
            phase += pitch / Rate;
            phase -= Math.Floor(phase);
            var value = 0.0;
            for (var harmonic = 1; harmonic <= 12; harmonic++)
            {
                var distance = ((harmonic * pitch) - formant) / 250;
                var weight = (1.0 / harmonic) + Math.Exp(-distance * distance);
                value += weight * Math.Sin(2 * Math.PI * harmonic * phase);
            }

            var envelope = Math.Sin(Math.PI * (i + 0.5) / length);
            pcm.Add((short)(value * envelope * 4200));
        }
    }

    private static double Contour(uint syllable) => 1 + (0.12 * Math.Sin(syllable * 0.9));

    private static double Formant(char vowel) => char.ToLowerInvariant(vowel) switch
    {
        'a' => 800,
        'e' => 550,
        'i' or 'y' => 350,
        'o' => 480,
        'u' => 320,
        var other => 400 + (other % 8 * 60),
    };

    private static uint Hash(string text)
    {
        var hash = 2166136261u;
        foreach (var character in text)
        {
            hash = (hash ^ character) * 16777619u;
        }

        return hash;
    }
}
