using Bridge.Realtime.Model;

namespace Bridge.Cli.Golden;

/// <summary>A session with a real model, in real time.</summary>
/// <param name="session">The session.</param>
/// <param name="texts">The text model beside it, disposed with it; null: there is none.</param>
internal sealed class RealSession(IModelSession session, IDisposable? texts = null) : GoldenSession
{
    public override ServerHabits Habits => session.Habits;

    public override void Send(TimeSpan now, ModelCommand command) => session.TrySend(command);

    public override bool TryRead(out ModelEvent? read) => session.Events.TryRead(out read);

    public override Task WaitAsync(CancellationToken cancellation) => session.Events.WaitToReadAsync(cancellation).AsTask();

    public override async ValueTask DisposeAsync()
    {
        await session.DisposeAsync().ConfigureAwait(false);
        texts?.Dispose();
    }
}
