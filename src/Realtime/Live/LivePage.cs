using Bridge.Realtime.Turns;

namespace Bridge.Realtime.Live;

/// <summary>The acts of the person at the page in a call with a full-duplex model, and whether the page is there.</summary>
internal sealed class LivePage(LiveParts parts, SilenceWatch silence)
{
    private readonly Keypad _keypad = new(parts.Context, parts.Conversation);

    /// <summary>The page can hear and be heard.</summary>
    public bool IsConnected { get; private set; }

    /// <summary>The page was connected at some time.</summary>
    public bool WasConnected { get; private set; }

    /// <summary>An input of the page.</summary>
    public void OnInput(TurnInput input)
    {
        switch (input)
        {
            case TurnInput.PageConnectionChanged change:
                OnConnection(change.Connected, change.SilentFor);
                break;
            case TurnInput.PageText({ Length: > 0 } text):
                silence.Reset();
                parts.Person.EndLine();
                parts.Conversation.Say(text, imageUrl: null);
                break;
            case TurnInput.PageImage(var image, var prompt):
                silence.Reset();
                parts.Conversation.Say(prompt ?? "", image);
                break;
            case TurnInput.DigitPressed(var digit):
                OnDigit(digit);
                break;
            case TurnInput.PageInterrupt:
                Stop();
                break;
            case TurnInput.PageMute(var muted):
                parts.Person.IsMuted = muted;
                SetUplink();
                break;
            case TurnInput.PushToTalk(var down):
                parts.Person.HoldsTalkKey = down;
                SetUplink();
                break;
            case TurnInput.PageSpeech(var active):
                parts.Person.OnPageSpeech(active);
                break;
            case TurnInput.RecapRequested when parts.Context.Session is null || !parts.OutOfBand.TryRecap():
                parts.Context.Emit(new TurnCommand.ShowRecap(""));
                break;
        }
    }

    /// <summary>The timer <see cref="TurnTimer.Digits"/> is due: the number is complete.</summary>
    public void OnDigitsDue() => _keypad.Tell();

    /// <summary>The use of the microphone; the timeline goes on either way.</summary>
    public void SetUplink() =>
        parts.Context.Emit(new TurnCommand.SetUplink(parts.Person.IsHeard ? UplinkMode.Live : UplinkMode.Silence));

    private void OnConnection(bool connected, TimeSpan? silentFor)
    {
        if (connected == IsConnected)
        {
            return;
        }

        if (!connected)
        {
            parts.Heard.OnCut(parts.Agent.OnPageLeft(silentFor));
            parts.Person.OnPageLeft();
        }
        else
        {
            parts.Agent.OnPageReturned();
            if (WasConnected)
            {
                parts.Heard.OnReturned(parts.Agent.WasMissed);
            }
        }

        IsConnected = connected;
        WasConnected |= connected;
    }

    // The protocol has no cancel: the rest of the sentence is dropped as it comes, and the model is told.
    private void Stop()
    {
        silence.Reset();
        if (parts.Agent.Cut(goesOn: true, afterSpeech: false) is { } id)
        {
            parts.Heard.OnCut(id);
            parts.Appends.Instruct("The person pressed stop. Be silent now, and listen.");
        }
    }

    private void OnDigit(char digit)
    {
        if (!Keypad.IsKey(digit))
        {
            return;
        }

        silence.Reset();
        parts.Context.Emit(new TurnCommand.ShowDigit(digit));
        if (parts.Context.Options.ModelHearsKeys && _keypad.Press(digit))
        {
            OnDigitsDue();
        }
    }
}
