namespace Bridge.Realtime.Turns;

/// <summary>The acts of the person at the page: typing, images, mute, talk key, stop; and whether the page is there.</summary>
internal sealed class PageRules(TurnParts parts, InterruptionRules interruptions, SilenceWatch silence)
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
            case TurnInput.PageConnectionChanged(var connected):
                OnConnection(connected);
                break;
            case TurnInput.PageText(var text):
                OnText(text);
                break;
            case TurnInput.PageImage(var image, var prompt):
                OnImage(image, prompt ?? "");
                break;
            case TurnInput.DigitPressed(var digit):
                OnDigit(digit);
                break;
            case TurnInput.PageInterrupt:
                interruptions.InterruptNow();
                break;
            case TurnInput.PageMute(var muted):
                parts.User.Mute(muted);
                break;
            case TurnInput.PushToTalk(var down):
                OnTalkKey(down);
                break;
            case TurnInput.PageSpeech(var active):
                interruptions.Carry(parts.User.OnPageSpeech(active, parts.Playback.IsAudible, parts.IsAgentBusy));
                break;
            case TurnInput.RecapRequested when !parts.OutOfBand.TryRecap():
                parts.Context.Emit(new TurnCommand.ShowRecap(""));
                break;
        }
    }

    /// <summary>The timer <see cref="TurnTimer.Digits"/> is due: the number is complete. It interrupts like typed text.</summary>
    public void OnDigitsDue()
    {
        interruptions.InterruptNow();
        _keypad.Tell();
        parts.Responses.Want(WantedResponse.UserTurn);
    }

    private void OnConnection(bool connected)
    {
        IsConnected = connected;
        WasConnected |= connected;
        if (connected)
        {
            parts.Playback.OnPageReturned(parts.User.SilencesAgent);
        }
        else
        {
            parts.Playback.OnPageLeft();
        }
    }

    private void OnText(string text)
    {
        if (text.Length > 0)
        {
            // A person who types means the keyboard: a voice in the room is not waited for.
            silence.Reset();
            interruptions.InterruptNow();
            parts.User.IgnoreVoice();
            parts.Conversation.Say(text, imageUrl: null);
            parts.Responses.Want(WantedResponse.UserTurn);
        }
    }

    // An image without a sentence waits for the next turn.
    private void OnImage(string dataUrl, string prompt)
    {
        silence.Reset();
        if (prompt.Length > 0)
        {
            interruptions.InterruptNow();
            parts.Responses.Want(WantedResponse.UserTurn);
        }

        parts.Conversation.Say(prompt, dataUrl);
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

    private void OnTalkKey(bool down)
    {
        if (!parts.User.TryMoveTalkKey(down))
        {
            return;
        }

        if (down)
        {
            silence.Reset();
            interruptions.InterruptNow();
        }

        parts.User.ApplyTalkKey();
    }
}
