using Bridge.Realtime.Live;
using Bridge.Realtime.Model;
using Bridge.Realtime.OpenAi;
using Bridge.Rehearsal;
using Bridge.Rehearsal.Hosting;
using Bridge.Roles;

namespace Bridge.Realtime.Tests.Live;

/// <summary>The session with a full-duplex model against the rehearsal on a real socket.</summary>
public sealed class LiveSocketTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_session_starts_speaks_and_goes_on_without_a_microphone()
    {
        await using var listener = await ListenAsync();
        await using var session = await ConnectAsync(listener, "k");
        Assert.True(session.TrySend(new LiveCommand.Start(LiveLab.Options(true).Session, []) { Id = "start" }));
        Assert.InRange((await UntilAsync<LiveEvent.SessionStarted>(session, _ => true)).Lifetime!.Value.TotalMinutes, 119, 121);
        session.TrySend(new LiveCommand.Append(LiveAppend.Commentary, "Hello out there."));
        await UntilAsync<ModelEvent.AudioDelta>(session, delta => !delta.IsSilent);
        await UntilAsync<LiveEvent.OutputSpoken>(session, words => words.Delta.Contains("there", StringComparison.Ordinal));
        session.TrySend(new LiveCommand.Close());
        Assert.Equal("close_requested", (await UntilAsync<LiveEvent.SessionClosed>(session, _ => true)).Reason);
        Assert.True(session.Stats.AudioSentMilliseconds > 500);
    }

    [Fact]
    public async Task A_key_that_is_none_is_final()
    {
        await using var listener = await ListenAsync();
        var refused = await Assert.ThrowsAsync<ModelSessionException>(() => ConnectAsync(listener, ""));
        Assert.True(refused.IsFinal);
    }

    [Fact]
    public async Task A_text_model_answers_a_response_with_a_tag()
    {
        await using var listener = await ListenAsync();
        TextRequest? asked = null;
        await using var session = await ConnectAsync(listener, "k", (request, _) =>
        {
            asked = request;
            return Task.FromResult(new TextAnswer([new ModelItem("t", ModelItemKind.AgentMessage) { Text = "Done." }], default));
        });
        var settings = new ResponseSettings { Tag = "recap1", Instructions = "Sum up.", OutOfBand = true };
        session.TrySend(new ModelCommand.CreateResponse(settings));
        Assert.Equal("Done.", (await UntilAsync<ModelEvent.ResponseDone>(session, done => done.Tag == "recap1")).Output[0].Text);
        Assert.Equal("Sum up.", asked!.Instructions);
    }

    [Fact]
    public async Task A_text_models_progress_is_an_event_and_it_is_told_when_the_session_is_over()
    {
        await using var listener = await ListenAsync();
        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (var session = await ConnectAsync(listener, "k", async (request, cancellation) =>
        {
            request.Progress!("Half of it.");
            await using var told = cancellation.Register(over.SetResult);
            await Task.Delay(Timeout.Infinite, cancellation);
            return new TextAnswer([], default);
        }))
        {
            session.TrySend(new ModelCommand.CreateResponse(new ResponseSettings { Tag = "delegation1", OutOfBand = true }));
            var progress = await UntilAsync<LiveEvent.WorkProgressed>(session, _ => true);
            Assert.Equal(new LiveEvent.WorkProgressed("delegation1", "Half of it."), progress);
            Assert.False(over.Task.IsCompleted);
        }

        await over.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
    }

    private static Task<RehearsalListener> ListenAsync() => RehearsalListener.StartAsync(
        new RehearsalOptions { Scripts = _ => new RehearsalScript() }, TestContext.Current.CancellationToken);

    private static Task<LiveSession> ConnectAsync(RehearsalListener listener, string key, TextModel? texts = null) =>
        LiveSession.ConnectAsync(
            new ModelEndpoint { BaseUrl = listener.Endpoint, Key = key, Model = "gpt-live-1", OpenTimeout = Patience },
            texts,
            TimeProvider.System,
            TestContext.Current.CancellationToken);

    private static async Task<T> UntilAsync<T>(LiveSession session, Func<T, bool> condition)
        where T : ModelEvent
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        await foreach (var what in session.Events.ReadAllAsync(patience.Token))
        {
            Assert.IsNotType<ModelEvent.Error>(what);
            if (what is T found && condition(found))
            {
                return found;
            }
        }

        throw new InvalidOperationException($"The session ended: {session.End}");
    }
}
