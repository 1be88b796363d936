namespace Bridge.Realtime.Turns;

/// <summary>
/// Answers that a model wrote where it was to speak: shown, and asked for once more as speech. A model that writes again is taken at its
/// word for the rest of the call.
/// </summary>
internal sealed class WrittenAnswers(TurnContext context, ConversationWriter conversation)
{
    private const int MaxText = 4_000;
    private IReadOnlyList<string> _items = [];
    private string _text = "";
    private bool _reported;
    private bool _onlyWrites;

    /// <summary>A response has ended well. True when it is to be said aloud.</summary>
    public bool OnEnded(ResponseFlight flight)
    {
        if (context.Options.Session.TextOnly || flight.Cancelled || flight.Spoke || flight.Written.Count == 0)
        {
            return false;
        }

        if (!_reported)
        {
            _reported = true;
            context.Report("answered_in_text", "the model wrote an answer that it was to speak; it is asked to say it");
        }

        _onlyWrites |= flight.Cause == WantedResponse.Aloud;
        if (_onlyWrites || flight.Round.Runs.Count > 0)
        {
            return false;
        }

        _items = [.. flight.Written];
        var text = string.Join("\n\n", _items.Select(id => conversation.Log.Find(id)?.Text).Where(text => !string.IsNullOrWhiteSpace(text)));
        _text = text.Length > MaxText ? text[..MaxText] : text;
        return _text.Length > 0;
    }

    /// <summary>The words to say.</summary>
    public string Text => _text;

    /// <summary>The response that says it is asked for: the written items make way for it.</summary>
    public void MakeWay()
    {
        foreach (var id in _items)
        {
            conversation.RemoveItem(id, "written, and said aloud instead");
        }

        _items = [];
    }
}
