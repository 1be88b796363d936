using System.Numerics;

namespace Bridge.Rehearsal;

/// <summary>
/// Finds where the caller's turn begins and ends, from the speech level of one frame of 20 ms after the other.
/// Positions are samples since the session began.
/// </summary>
internal sealed class VoiceActivity
{
    // Speech must last so long to begin a turn, and a turn must hold so much of it to have words: a cough has none.
    private const int OnsetFrames = 3;
    private const int OnsetWindow = 5;
    private const int WordFrames = 10;

    // A word's soft end counts as speech a little below the threshold.
    private const double Hysteresis = 0.15;

    // The last frames before a turn, newest in the lowest bit: 1 is speech.
    private uint _onset;
    private int _silentFrames;
    private int _spokenFrames;

    /// <summary>Id of the item that the running turn will be; null between turns.</summary>
    public string? Item { get; private set; }

    /// <summary>True when the audio since the last turn holds enough speech to have words.</summary>
    public bool HasWords => _spokenFrames >= WordFrames;

    /// <summary>Judges one frame.</summary>
    /// <param name="turn">Turn detection; null: frames are counted, turns are the client's.</param>
    /// <param name="start">Position of the frame's first sample.</param>
    /// <param name="level">Its speech level, 0 to 1.</param>
    /// <param name="words">Words that the turn will have; semantic detection waits by them.</param>
    /// <param name="onset">Position of the first frame of speech, where a turn began.</param>
    public SpeechChange Judge(TurnDetection? turn, long start, float level, string words, out long onset)
    {
        onset = start;
        var threshold = turn is { Semantic: false } ? turn.Threshold : 0.5;
        var speech = level >= (Item is null ? threshold : threshold - Hysteresis);
        _spokenFrames += speech ? 1 : 0;
        if (turn is null)
        {
            return SpeechChange.None;
        }

        if (Item is not null)
        {
            _silentFrames = speech ? 0 : _silentFrames + 1;
            return _silentFrames * 20 >= turn.SilenceFor(words) ? SpeechChange.Stopped : SpeechChange.None;
        }

        _onset = ((_onset << 1) | (speech ? 1u : 0u)) & ((1u << OnsetWindow) - 1);
        var frames = BitOperations.PopCount(_onset);
        if (frames < OnsetFrames)
        {
            _spokenFrames = frames;
            return SpeechChange.Silent;
        }

        onset = start - (BitOperations.Log2(_onset) * InputAudio.FrameSamples);
        return SpeechChange.Started;
    }

    /// <summary>Begins the turn that <see cref="Judge"/> found.</summary>
    public void Start(string item)
    {
        Item = item;
        _silentFrames = 0;
        _onset = 0;
    }

    /// <summary>Forgets the running turn; the speech counted so far stays.</summary>
    public void ForgetTurn() => Item = null;

    /// <summary>Forgets all speech: its audio was committed or cleared.</summary>
    public void Clear()
    {
        Item = null;
        _silentFrames = 0;
        _spokenFrames = 0;
        _onset = 0;
    }
}
