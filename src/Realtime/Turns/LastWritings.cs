namespace Bridge.Realtime.Turns;

/// <summary>
/// The texts about a call at its end: the recap, which its person waits for, and then the outcome. The host checks the
/// outcome; one that does not fit is asked for once more, with the sentences that say why.
/// </summary>
internal sealed class LastWritings
{
    private const int MaxAsked = 2;
    private const int MaxQuoted = 4_000;
    private const string Ask =
        "The call is over. Record its outcome: call the function once, with what the conversation itself says. Invent nothing; "
        + "leave out what is optional and was not said.";

    // Long enough for a recap of an hour's call; somebody who has hung up waits no longer.
    private static readonly TimeSpan RecapTimeout = TimeSpan.FromSeconds(10);

    // Both together: a page that has lost its channel asks for the recap for 15 s.
    private static readonly TimeSpan OutcomeTimeout = TimeSpan.FromSeconds(14);
    private readonly TurnContext _context;
    private readonly OutOfBand _outOfBand;
    private readonly Deadline _timeout;
    private bool _recapIsDue;
    private bool _outcomeIsDue;
    private int _asked;
    private string? _given;
    private string? _errors;

    public LastWritings(TurnContext context, OutOfBand outOfBand)
    {
        (_context, _outOfBand) = (context, outOfBand);
        _timeout = context.Timers.Own(TurnTimer.Recap);
    }

    /// <summary>Something is still to be written.</summary>
    public bool AreDue => _recapIsDue || _outcomeIsDue;

    /// <summary>The call is ending, and something was said in it: what the role has is wanted, for a bounded time.</summary>
    public void Plan()
    {
        _recapIsDue = _context.Options.RecapInstructions is not null;
        _outcomeIsDue = _context.Options.Outcome is not null;
        _outOfBand.IsAtEnd = true;
        if (AreDue)
        {
            _timeout.Set(_context.Now + (_outcomeIsDue ? OutcomeTimeout : RecapTimeout));
        }
    }

    /// <summary>Asks for what is next, when nothing else is under way.</summary>
    public void Continue()
    {
        if (_recapIsDue)
        {
            _outOfBand.TryRecap();
        }
        else if (_context.Options.Outcome is { } function && _outcomeIsDue && (_given is null || _errors is not null)
            && _outOfBand.TryOutcome(function, Instructions()))
        {
            (_asked, _given, _errors) = (_asked + 1, null, null);
        }

        _outOfBand.Continue();
    }

    /// <summary>A recap or an outcome has come, or there is none; nothing happens with null.</summary>
    public void Take(OutOfBandAnswer? answer)
    {
        if (answer is { IsOutcome: true, Text: var json })
        {
            OnOutcome(json);
        }
        else if (answer is { Text: var markdown })
        {
            _recapIsDue = false;
            _context.Emit(new TurnCommand.ShowRecap(markdown ?? ""));
        }
    }

    /// <summary>The host has checked it.</summary>
    public void OnChecked(string errors)
    {
        if (_given is null || errors.Length == 0)
        {
            _outcomeIsDue = false;
        }
        else if (_asked == MaxAsked)
        {
            GiveUp("it did not fit its schema, asked for twice");
        }
        else
        {
            _errors = errors;
        }
    }

    /// <summary>The call ends now: nothing more is waited for.</summary>
    public void End() => GiveUp("the call ended before it was given");

    private void GiveUp(string why)
    {
        if (_outcomeIsDue)
        {
            _outcomeIsDue = false;
            _context.Report("outcome_missing", $"the call has no outcome: {why}");
        }
    }

    // A response outside the conversation does not see the one before it.
    /// <summary>The outcome has come; null: there is none.</summary>
    private void OnOutcome(string? json)
    {
        if (json is null)
        {
            GiveUp("the model's service did not give it");
        }
        else if (_outcomeIsDue)
        {
            _given = json;
            _context.Emit(new TurnCommand.CheckOutcome(json));
        }
    }

    private string Instructions() => _errors is null || _given is null
        ? Ask
        : $"{Ask}\n\nYour last answer was {(_given.Length <= MaxQuoted ? _given : _given[..MaxQuoted])}\nIt did not fit: {_errors}";
}
