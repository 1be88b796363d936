namespace Bridge.Realtime.Turns;

/// <summary>
/// One timer of <see cref="TurnTimers"/>. The part that owns it sets and clears it; the machine calls the part when it is due.
/// </summary>
internal readonly struct Deadline(TimeSpan[] deadlines, int index)
{
    public bool IsSet => deadlines[index] != TimeSpan.MaxValue;

    public void Set(TimeSpan at) => deadlines[index] = at;

    public void Clear() => deadlines[index] = TimeSpan.MaxValue;
}
