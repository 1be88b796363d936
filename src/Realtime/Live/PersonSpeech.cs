using System.Text;
using Bridge.Realtime.Conversation;
using Bridge.Realtime.Model;
using Bridge.Realtime.Turns;

namespace Bridge.Realtime.Live;

/// <summary>
/// The person's side: whether they speak, by the page's detector and by the words that come; and their words in lines, for the
/// transcript knows no turns. A line ends with a pause, or where the agent spoke between two words.
/// </summary>
internal sealed class PersonSpeech(TurnContext context, ConversationWriter conversation)
{
    // The words of a moment come some 300 ms after it; who was heard then may still be speaking.
    private static readonly TimeSpan Voice = TimeSpan.FromMilliseconds(800);
    private static readonly TimeSpan LineEnd = TimeSpan.FromMilliseconds(1_500);
    private readonly Deadline _due = context.Timers.Own(TurnTimer.Voice);
    private readonly StringBuilder _text = new();
    private string? _line;
    private int _lastWordMs;
    private int _agentCount;
    private bool _pageHears;
    private TimeSpan _voiceUntil = TimeSpan.MinValue;

    /// <summary>The person speaks now, or did a moment ago.</summary>
    public bool IsSpeaking => IsHeard && (_pageHears || context.Now < _voiceUntil);

    /// <summary>The microphone is muted by its person.</summary>
    public bool IsMuted { get; set; }

    /// <summary>The talk key is down: it opens a microphone that is muted.</summary>
    public bool HoldsTalkKey { get; set; }

    /// <summary>The model is given the microphone's audio, and not silence.</summary>
    public bool IsHeard => !IsMuted || HoldsTalkKey;

    /// <summary>A line is open.</summary>
    public bool HasLine => _line is not null;

    /// <summary>Words of the session in use.</summary>
    /// <param name="words">The event.</param>
    /// <param name="agentCount">The agent's utterances so far.</param>
    public void OnWords(LiveEvent.InputHeard words, int agentCount)
    {
        var (delta, start, end) = words;
        if (_line is not null && agentCount != _agentCount && start > _lastWordMs)
        {
            EndLine();
        }

        if (_line is null)
        {
            if (string.IsNullOrWhiteSpace(delta))
            {
                return;
            }

            _line = conversation.NewItemId("p");
            _text.Clear();
            conversation.AddItem(new ModelItem(_line, ModelItemKind.UserMessage) { IsAudio = true }, null);
            context.Emit(new TurnCommand.AnswerTurn());
            delta = delta.TrimStart();
        }
        else if (start > _lastWordMs && LiveText.NeedsBlank(_text, delta))
        {
            delta = " " + delta;
        }

        _text.Append(delta);
        (_lastWordMs, _agentCount) = (end, agentCount);
        conversation.Show(Speaker.User, _line, _text.ToString(), final: false, interrupted: false, _text.Length);
        _voiceUntil = context.Now + Voice;
        _due.Set(context.Now + Voice);
    }

    /// <summary>The page's detector.</summary>
    public void OnPageSpeech(bool active) => _pageHears = active;

    /// <summary>The page is gone, and so is its detector.</summary>
    public void OnPageLeft() => _pageHears = false;

    /// <summary>The timer <see cref="TurnTimer.Voice"/> is due: the voice has ended, or the line.</summary>
    public void OnDue()
    {
        if (_line is not null && context.Now < _voiceUntil - Voice + LineEnd)
        {
            _due.Set(_voiceUntil - Voice + LineEnd);
        }
        else
        {
            EndLine();
        }
    }

    /// <summary>The words so far enter the log; the line stays open.</summary>
    public void Log()
    {
        if (_line is not null)
        {
            conversation.Append(new ConversationEntry.TextKnown(context.CallTime, _line, _text.ToString(), Final: false));
        }
    }

    /// <summary>The words belong to another session's timeline from now on.</summary>
    public void OnSession()
    {
        EndLine();
        _lastWordMs = 0;
    }

    /// <summary>The line is whole.</summary>
    public void EndLine()
    {
        if (_line is { } line)
        {
            _line = null;
            _due.Clear();
            var text = _text.ToString();
            conversation.Append(new ConversationEntry.TextKnown(context.CallTime, line, text, Final: true));
            conversation.Show(Speaker.User, line, text, final: true, interrupted: false, text.Length);
        }
    }
}
