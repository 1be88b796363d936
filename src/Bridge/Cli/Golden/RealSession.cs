using Bridge.Realtime.Model;

namespace Bridge.Cli.Golden;

/// <summary>A session with a real model, in real time.</summary>
internal sealed class RealSession(IModelSession session) : GoldenSession
{
    public override void Send(TimeSpan now, ModelCommand command) => session.TrySend(command);

    public override bool TryRead(out ModelEvent? read) => session.Events.TryRead(out read);

    public override Task WaitAsync(CancellationToken cancellation) => session.Events.WaitToReadAsync(cancellation).AsTask();

    public override ValueTask DisposeAsync() => session.DisposeAsync();
}
