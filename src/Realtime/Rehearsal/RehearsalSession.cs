using Bridge.Roles;

namespace Bridge.Realtime.Rehearsal;

/// <summary>
/// One session of the rehearsal model as a pure core: client events in, server events out, time as an argument.
/// <c>now</c> is the time since an arbitrary origin and never goes back. After every call, take the outputs until
/// there is none, and call <see cref="Advance"/> at the deadline it last gave.
/// </summary>
public sealed class RehearsalSession
{
    /// <summary>Creates the session; nothing happens until <see cref="Open"/>.</summary>
    /// <param name="model">Model name, as the client gave it.</param>
    /// <param name="script">What the model hears and says.</param>
    /// <param name="speech">This session's speech detector.</param>
    /// <param name="faults">Faults at the start.</param>
    /// <param name="cap">Life of the session.</param>
    /// <param name="seed">Seed of the ids; equal seeds and inputs give equal outputs.</param>
    public RehearsalSession(
        string model, RehearsalScript script, SpeechLevel speech, RehearsalFaults faults, TimeSpan cap, ulong seed) =>
        throw new NotImplementedException();

    /// <summary>Faults from now on.</summary>
    public RehearsalFaults Faults { get; set; }

    /// <summary>True once a <see cref="RehearsalOutput.Close"/> or <see cref="RehearsalOutput.Drop"/> was put out.</summary>
    public bool Ended { get; private set; }

    /// <summary>Greets the client: <c>session.created</c>, <c>conversation.created</c>.</summary>
    /// <param name="now">The session's start.</param>
    /// <param name="wallClock">Wall clock at <paramref name="now"/>; <c>expires_at</c> counts from it.</param>
    public void Open(TimeSpan now, DateTimeOffset wallClock) => throw new NotImplementedException();

    /// <summary>Takes one client message (UTF-8 JSON, hostile until parsed); what is wrong with it becomes an <c>error</c> event.</summary>
    public void Receive(TimeSpan now, ReadOnlyMemory<byte> utf8) => throw new NotImplementedException();

    /// <summary>Takes the speech asked for by <see cref="RehearsalOutput.Speak"/>; 24 kHz mono PCM16, kept, not copied.</summary>
    public void Spoken(TimeSpan now, int request, ReadOnlyMemory<short> pcm) => throw new NotImplementedException();

    /// <summary>Does what is due and returns when it wants to be called again; null: only after the next input.</summary>
    public TimeSpan? Advance(TimeSpan now) => throw new NotImplementedException();

    /// <summary>Takes the next output, in order.</summary>
    public bool TryTake(out RehearsalOutput output) => throw new NotImplementedException();
}
