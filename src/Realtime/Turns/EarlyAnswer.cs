namespace Bridge.Realtime.Turns;

/// <summary>An interruption answers a running function call at once, before the function has ended.</summary>
/// <param name="GoesOn">
/// True: the function goes on in the background, its output says so, and its result follows as a system message, which the
/// model answers. False: the function is cancelled and its output says so.
/// </param>
public sealed record EarlyAnswer(bool GoesOn);
