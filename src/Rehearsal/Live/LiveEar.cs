using System.Text;

namespace Bridge.Rehearsal.Live;

/// <summary>
/// The model's hearing. The service reports nothing about turns, so this detection has no events: it only stops the model's own speech,
/// and says when a turn is over and with which words of the script.
/// </summary>
internal sealed class LiveEar(SpeechLevel speech, ScriptedHearing hearing)
{
    private static readonly TurnDetection Turns = new();

    private readonly VoiceActivity _activity = new();
    private string? _text;
    private string[] _words = [];
    private int _written;

    /// <summary>True while the person speaks.</summary>
    public bool Hears => _activity.Item is not null;

    /// <summary>Judges 20 ms that begin at <paramref name="start"/>, in samples.</summary>
    /// <param name="frame">The samples; null: silence, for muted input.</param>
    /// <param name="start">Their place.</param>
    /// <param name="turn">The words of a turn that ended with it; null: a cough, or no end.</param>
    public SpeechChange Judge(ReadOnlySpan<short> frame, long start, out string? turn)
    {
        turn = null;
        var change = _activity.Judge(Turns, start, speech(frame), hearing.Next, out _);
        if (change == SpeechChange.Started)
        {
            _activity.Start("turn");
        }

        if (Hears && _text is null && _activity.HasWords)
        {
            _text = hearing.Take();
            _words = Words.Split(_text);
            _written = 0;
        }

        if (change == SpeechChange.Stopped)
        {
            turn = _text;
            _text = null;
            _activity.Clear();
        }

        return change;
    }

    /// <summary>Words that were heard up to the next cell; null: none. While the turn runs it is one a cell, then the rest.</summary>
    public string? TakeWords()
    {
        if (_written == _words.Length)
        {
            return null;
        }

        var until = _text is null ? _words.Length : _written + 1;
        var words = Join(_words, _written, until);
        _written = until;
        return words;
    }

    /// <summary>Words as a transcript has them: the first of all without a blank before it, every other with one.</summary>
    public static string Join(string[] words, int from, int until)
    {
        var text = new StringBuilder();
        for (var i = from; i < until; i++)
        {
            text.Append(i == 0 ? "" : " ").Append(words[i].Trim());
        }

        return text.ToString();
    }
}
