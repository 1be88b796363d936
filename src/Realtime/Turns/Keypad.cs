using System.Text;

namespace Bridge.Realtime.Turns;

/// <summary>Digits of a telephone keypad, gathered into one message for the model: a number is one thing to say.</summary>
internal sealed class Keypad(TurnContext context, ConversationWriter conversation)
{
    // The digits of RFC 4733, events 0 to 15.
    private const string Digits = "0123456789*#ABCD";

    // Longer than any number that is dialled: a telephone number has at most 15 digits (ITU-T E.164).
    private const int MaxDigits = 32;

    // Somebody who types a number looks from the paper to the keys; a menu is left with one digit.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1.5);
    private readonly StringBuilder _pressed = new();
    private readonly Deadline _due = context.Timers.Own(TurnTimer.Digits);

    /// <summary>True for a key that a keypad has.</summary>
    public static bool IsKey(char digit) => Digits.Contains(digit, StringComparison.Ordinal);

    /// <summary>
    /// A key of the keypad was pressed. True when the number is complete: it ends with <c>#</c>, or has the most digits it may have.
    /// </summary>
    public bool Press(char digit)
    {
        _pressed.Append(digit);
        _due.Set(context.Now + Pause);
        return digit == '#' || _pressed.Length == MaxDigits;
    }

    /// <summary>The number is complete, or no key followed for a while: the model is told.</summary>
    public void Tell()
    {
        _due.Clear();
        conversation.EnqueueNote($"The person pressed {_pressed} on the telephone keypad.");
        _pressed.Clear();
    }
}
