using Bridge.Realtime.Model;

namespace Bridge.Cli.Golden;

/// <summary>One model session of a golden conversation: the rehearsal model in virtual time, or a real one.</summary>
internal abstract class GoldenSession : IAsyncDisposable
{
    /// <summary>The habits in which its server deviates from OpenAI's.</summary>
    public virtual ServerHabits Habits => ServerHabits.None;

    /// <summary>When the session wants to be advanced; null when only a command moves it.</summary>
    public virtual TimeSpan? NextDeadline => null;

    public abstract void Send(TimeSpan now, ModelCommand command);

    public abstract bool TryRead(out ModelEvent? read);

    public virtual void Advance(TimeSpan now)
    {
    }

    /// <summary>Completes when an event may be there that was not there before.</summary>
    public virtual Task WaitAsync(CancellationToken cancellation) => Task.Delay(Timeout.Infinite, cancellation);

    public abstract ValueTask DisposeAsync();
}
