using Bridge.Roles;

namespace Bridge.Rehearsal;

/// <summary>A session that a <see cref="RehearsalConnection"/> can own, of the Realtime or of the Live protocol.</summary>
internal interface IScriptedSession
{
    /// <summary>The script that the model follows from now on.</summary>
    RehearsalScript Script { get; set; }

    /// <summary>Faults from now on.</summary>
    RehearsalFaults Faults { get; set; }

    /// <summary>True once the session closed or dropped its connection.</summary>
    bool Ended { get; }

    /// <summary>Begins at <paramref name="now"/>, when the wall clock shows <paramref name="wallClock"/>.</summary>
    void Open(TimeSpan now, DateTimeOffset wallClock);

    /// <summary>Takes one client message, hostile until parsed.</summary>
    void Receive(TimeSpan now, ReadOnlyMemory<byte> utf8);

    /// <summary>Takes the speech asked for.</summary>
    void Spoken(TimeSpan now, int request, ReadOnlyMemory<short> pcm);

    /// <summary>Does what is due; the next deadline, or null.</summary>
    TimeSpan? Advance(TimeSpan now);

    /// <summary>Takes the next output, in order.</summary>
    bool TryTake(out RehearsalOutput output);
}
