using System.Text;
using Bridge.Realtime.Model;
using Bridge.Realtime.Turns;

namespace Bridge.Guards;

/// <summary>
/// One message of the agent as far as it came, and how much of it may be heard. The protocol gives no word times. So audio is
/// let go only as far as the judged words reach when they are said faster than people speak: what is heard was judged.
/// </summary>
internal sealed class GuardedMessage(string responseId)
{
    private const int BytesPerMillisecond = 48;

    // 25 letters a second; speech has about 15.
    private const double FastRate = HeardText.TypicalRate * 25 / 15;
    private readonly StringBuilder _text = new();
    private readonly Queue<ModelEvent> _words = [];
    private readonly Queue<ModelEvent> _audio = [];
    private double _weight;
    private double _letGoMs;
    private double _mayGoMs;
    private bool _open;

    /// <summary>Its response.</summary>
    public string ResponseId => responseId;

    /// <summary>Its words as far as they came.</summary>
    public string Text => _text.ToString();

    /// <summary>It has audio.</summary>
    public bool HasAudio { get; private set; }

    /// <summary>All of its words are here.</summary>
    public bool IsWhole { get; private set; }

    /// <summary>Words that were not judged yet.</summary>
    public bool IsUnjudged => _words.Count > 0;

    /// <summary>A sentence has ended, or all of it.</summary>
    public bool EndsSentence => IsWhole || (_text.Length > 0 && _text[^1] is '.' or '!' or '?' or '…' or '\n' or '。' or '！' or '？');

    /// <summary>More words.</summary>
    public void AddWords(ModelEvent delta, string words)
    {
        _text.Append(words);
        _weight += HeardText.Weigh(words);
        _words.Enqueue(delta);
    }

    /// <summary>All words.</summary>
    /// <param name="done">The event that says so; null: the end of the item does.</param>
    /// <param name="words">All of them; null: those that came.</param>
    public void EndWords(ModelEvent? done, string? words)
    {
        IsWhole = true;
        if (words is not null)
        {
            _text.Clear().Append(words);
            _weight = HeardText.Weigh(words);
        }

        if (done is not null)
        {
            _words.Enqueue(done);
        }
    }

    /// <summary>Audio, or its end.</summary>
    public void AddAudio(ModelEvent audio)
    {
        HasAudio = true;
        _audio.Enqueue(audio);
    }

    /// <summary>The words so far may be heard.</summary>
    public void Pass()
    {
        _mayGoMs = _weight / FastRate;
        _open = IsWhole;
    }

    /// <summary>The next event that may go on; null: the rest waits.</summary>
    public ModelEvent? Take(bool passed)
    {
        if (passed && _words.TryDequeue(out var words))
        {
            return words;
        }

        if (!_audio.TryPeek(out var next))
        {
            return null;
        }

        var end = _letGoMs + (next is ModelEvent.AudioDelta { Pcm.Length: var bytes } ? (double)bytes / BytesPerMillisecond : 0);
        if (!_open && (next is not ModelEvent.AudioDelta || end > _mayGoMs))
        {
            return null;
        }

        _letGoMs = end;
        return _audio.Dequeue();
    }
}
