using Bridge.Realtime.Model;

namespace Bridge.Realtime.Turns;

/// <summary>
/// The answers of a server that answers each committed turn by itself (<see cref="ServerHabits.AnswersTurns"/>): the next response it
/// begins is the answer to the turn, or, when that turn was taken back, unwanted.
/// </summary>
internal sealed class ServerAnswers
{
    private enum Next
    {
        /// <summary>None is on its way.</summary>
        None,

        /// <summary>It answers the turn that was committed last.</summary>
        Expected,

        /// <summary>It answers a cough, or words over the agent that the role ignores.</summary>
        Unwanted,
    }

    private Next _next;
    private string? _turn;

    /// <summary>The server is about to answer the last turn.</summary>
    public bool IsExpected => _next == Next.Expected;

    /// <summary>The next response that the server begins is none that it was asked for.</summary>
    public bool IsComing => _next != Next.None;

    /// <summary>A turn was committed, as this item.</summary>
    public void OnCommitted(string itemId) => (_next, _turn) = (Next.Expected, itemId);

    /// <summary>It answers this turn, or was to.</summary>
    public bool IsTo(string itemId) => _turn == itemId;

    /// <summary>The last turn was taken back.</summary>
    public void OnTakenBack() => _next = _next == Next.Expected ? Next.Unwanted : _next;

    /// <summary>The server will not answer the last turn: it heard no words.</summary>
    public void Forget() => _next = Next.None;

    /// <summary>The server began a response by itself. True when it answers a turn; unwanted: nobody is to hear it.</summary>
    public bool Take(out bool unwanted)
    {
        unwanted = _next == Next.Unwanted;
        var isAnswer = _next != Next.None;
        _next = Next.None;
        return isAnswer;
    }
}
