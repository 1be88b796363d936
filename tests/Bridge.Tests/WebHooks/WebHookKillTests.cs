using Bridge.RehearsalHosting;
using Bridge.Tests.Stops;

namespace Bridge.Tests.WebHooks;

/// <summary>The real program, killed between the commit of an event and its delivery.</summary>
public sealed class WebHookKillTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("bridge-hook-kill-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task An_event_that_was_on_its_way_when_the_host_was_killed_comes_again_under_its_id_and_the_end_of_the_call_too()
    {
        await using var receiver = await HookReceiver.StartAsync();
        await using var model = await RunningHost.StartAsync(("Data", Path.Combine(_data, "model")));
        var never = new TaskCompletionSource();
        receiver.Patience = never.Task;
        BridgeProgram Start() => BridgeProgram.StartWith(
            model.Get<RehearsalHost>().Endpoint("demo"), Path.Combine(Repository.Root, "roles"), _data,
            ("Bridge__GraceSeconds", "1"),
            ("Bridge__WebHooks__0__Url", receiver.Url),
            ("Bridge__WebHooks__0__AllowPrivate", "true"),
            ("Bridge__WebHooks__0__Secret", "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="));
        try
        {
            HookReceiver.Received first;
            string call;
            await using (var program = Start())
            {
                await using var page = await ProgramPage.CallAsync(await program.AddressAsync(Cancellation), "demo", Cancellation);
                first = await receiver.UntilAsync("call.started");
                call = page.CallId;
            }

            receiver.Patience = Task.CompletedTask;
            await using var next = Start();
            var ended = await receiver.UntilAsync("call.ended");
            await receiver.UntilAsync(3);
            Assert.Equal("interrupted", ended.Data.GetProperty("reason").GetString());
            Assert.Equal(call, ended.Data.GetProperty("callId").GetString());
            var started = receiver.All.Where(r => r.Type == "call.started").ToList();
            Assert.Equal(2, started.Count);
            Assert.All(started, s => Assert.Equal((first.Id, first.Body), (s.Id, s.Body)));
            Assert.DoesNotContain("whsec_", next.Output, StringComparison.Ordinal);
            Assert.DoesNotContain("fail:", next.Output, StringComparison.Ordinal);
        }
        finally
        {
            never.TrySetResult();
        }
    }
}
