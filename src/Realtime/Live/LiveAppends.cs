using System.Globalization;
using Bridge.Realtime.Turns;

namespace Bridge.Realtime.Live;

/// <summary>
/// Tells the model of the session in use things: long texts in pieces that the service takes. Texts that no session has taken are told to
/// the next one, and so are those that the agent is to speak about and has not.
/// </summary>
internal sealed class LiveAppends(TurnContext context)
{
    /// <summary>Weight of the longest append: 500 tokens. 1,756 characters of English passed at OpenAI, 1,900 did not.</summary>
    public const int MaxWeight = 1_700;

    // Letters of scripts without an alphabet take a token each, or more.
    private const int WideWeight = 3;

    // Only typed words and outputs of functions can be more than that, and the history has them, too.
    private const int MaxKept = 32;

    // It is placed on the timeline within a second, and acknowledged then.
    private static readonly TimeSpan MaxPlacing = TimeSpan.FromSeconds(3);

    // A model that has said nothing by then has decided to.
    private static readonly TimeSpan MaxSilence = TimeSpan.FromSeconds(10);
    private readonly List<(LiveCommand.Append Append, TimeSpan At, string? Of)> _waiting = [];
    private readonly Queue<(LiveAppend Kind, string Text, bool UntilSpoken)> _kept = new();
    private (LiveAppend Kind, string Text, TimeSpan At)? _unspoken;
    private int _sent;

    /// <summary>Something was appended a moment ago, and the model has not taken it yet.</summary>
    public bool AreWaiting
    {
        get
        {
            // Asked with every delta of silence, so without a closure.
            foreach (var (_, at, _) in _waiting)
            {
                if (context.Now - at < MaxPlacing)
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>Weight of a text: its characters, those outside the Latin alphabet threefold.</summary>
    public static int Weigh(ReadOnlySpan<char> text)
    {
        var weight = 0;
        foreach (var letter in text)
        {
            weight += letter < 0x250 ? 1 : WideWeight;
        }

        return weight;
    }

    /// <summary>Context that stays, and that the model may act upon.</summary>
    /// <param name="text">The text.</param>
    /// <param name="untilSpoken">It asks the agent to speak: a session that comes before the agent has spoken is told it again.</param>
    public void Instruct(string text, bool untilSpoken = false) => Send(LiveAppend.Instructions, text, null, untilSpoken);

    /// <summary>Words for the person.</summary>
    /// <param name="text">The text.</param>
    /// <param name="delegation">The delegation that it answers; null: none.</param>
    /// <param name="untilSpoken">As in <see cref="Instruct"/>.</param>
    public void Say(string text, string? delegation = null, bool untilSpoken = false) =>
        Send(LiveAppend.Commentary, text, delegation, untilSpoken);

    /// <summary>Context that nobody hears of.</summary>
    public void Think(string text, string? delegation = null) => Send(LiveAppend.Thinking, text, delegation, untilSpoken: false);

    /// <summary>The oldest append of this kind is on the timeline.</summary>
    public void OnAppended(LiveAppend kind)
    {
        if (_waiting.FindIndex(waiting => waiting.Append.Kind == kind) is >= 0 and var first)
        {
            _waiting.RemoveAt(first);
        }
    }

    /// <summary>The agent begins to speak in the session in use; not for what that session has not taken yet.</summary>
    public void OnSpoken()
    {
        if (_unspoken is { } asked && !_waiting.Exists(waiting => waiting.Of == asked.Text))
        {
            _unspoken = null;
        }
    }

    /// <summary>The session is gone: what it had not taken, and what it was to speak about, waits for the next one.</summary>
    public void OnLost()
    {
        var unspoken = _unspoken is { } asked && context.Now - asked.At < MaxSilence ? asked : default;
        foreach (var (append, at, of) in _waiting)
        {
            if (context.Now - at < MaxPlacing && (of is null || of != unspoken.Text))
            {
                Keep(append.Kind, append.Content, untilSpoken: false);
            }
        }

        _waiting.Clear();
        _unspoken = null;
        if (unspoken.Text is { } text)
        {
            Keep(unspoken.Kind, text, untilSpoken: true);
        }
    }

    /// <summary>Another session is told what waits for it. False when there is nothing.</summary>
    public bool OnSession()
    {
        OnLost();
        var kept = _kept.ToArray();
        _kept.Clear();
        foreach (var (kind, text, untilSpoken) in kept)
        {
            // Of delegations of the one before it knows nothing.
            Send(kind, text, null, untilSpoken);
        }

        return kept.Length > 0;
    }

    private void Send(LiveAppend kind, string text, string? delegation, bool untilSpoken)
    {
        if (context.Session is null)
        {
            Keep(kind, text, untilSpoken);
            return;
        }

        _waiting.RemoveAll(waiting => context.Now - waiting.At >= MaxPlacing);
        var rest = text.AsSpan().Trim();
        _unspoken = untilSpoken && !rest.IsEmpty ? (kind, text, context.Now) : _unspoken;
        while (!rest.IsEmpty)
        {
            var length = Piece(rest);
            var piece = rest[..length].Trim().ToString();
            rest = rest[length..].TrimStart();
            var id = "append" + (++_sent).ToString(CultureInfo.InvariantCulture);
            var append = new LiveCommand.Append(kind, piece, delegation) { Id = id };
            _waiting.Add((append, context.Now, untilSpoken ? text : null));
            context.Send(append);
        }
    }

    // Progress is stale by the time of the next session.
    private void Keep(LiveAppend kind, string text, bool untilSpoken)
    {
        if (kind == LiveAppend.Thinking || string.IsNullOrWhiteSpace(text))
        {
            return;
        }

        if (_kept.Count == MaxKept)
        {
            _kept.Dequeue();
        }

        _kept.Enqueue((kind, text, untilSpoken));
    }

    // Ends behind a sentence where one fits, else between two words, else anywhere but within a surrogate pair.
    private static int Piece(ReadOnlySpan<char> text)
    {
        var (weight, word, sentence) = (0, 0, 0);
        for (var i = 0; i < text.Length; i++)
        {
            weight += Weigh(text.Slice(i, 1));
            if (weight > MaxWeight)
            {
                return sentence > 0 ? sentence : word > 0 ? word : char.IsLowSurrogate(text[i]) ? i - 1 : i;
            }

            word = char.IsWhiteSpace(text[i]) ? i + 1 : word;
            sentence = text[i] is '.' or '!' or '?' or '\n' or '。' && weight > MaxWeight / 2 ? i + 1 : sentence;
        }

        return text.Length;
    }
}
