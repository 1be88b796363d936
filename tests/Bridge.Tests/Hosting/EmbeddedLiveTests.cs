using System.Collections.Concurrent;
using Bridge.Calls;
using Bridge.Configuration;
using Bridge.Hosting;
using Bridge.Records;
using Bridge.Tools;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Bridge.Tests.Hosting;

/// <summary>
/// A full-duplex role of an application, with its own text model and its own functions: sessions, requests and records of the host as
/// they are, the model the rehearsal's.
/// </summary>
public sealed class EmbeddedLiveTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly string _folder = Directory.CreateTempSubdirectory("bridge-embedded-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(TextModelOptions.Chat)]
    [InlineData(TextModelOptions.Responses)]
    public async Task A_role_of_the_application_has_its_work_done_by_its_text_model_and_functions(string api)
    {
        WriteRole();
        var booked = new ConcurrentQueue<int>();
        await using var app = await StartAsync(api, booked);
        await using var hub = await HubClient.ConnectAsync(new Uri(new Uri(app.Urls.First()), "/voice/"), Cancellation);
        using var caller = new SocketCaller();
        var id = await caller.ConnectAsync(hub, "clerk", Cancellation);
        var call = Assert.Single(app.Services.GetRequiredService<CallRegistry>().Calls);
        caller.Ask("Book a table for four, please");
        var store = app.Services.GetRequiredService<ICallStore>();
        await UntilAsync(async () => await WordsAsync(store, id) is { } words && words.Contains("table 7.", StringComparison.Ordinal));
        Assert.Equal([4], booked);
        await hub.InvokeAsync("Hangup", new { callId = id }, Cancellation);
        Assert.Equal(CallEnd.Hangup, await call.Ended.WaitAsync(Patience, Cancellation));

        var record = (await store.FindAsync(id, Cancellation))!;
        Assert.Contains("table for four", record.Recap, StringComparison.Ordinal);
        Assert.Equal("""{"guests":4}""", record.Outcome?.GetRawText());
    }

    private static async Task<string?> WordsAsync(ICallStore store, string id) =>
        (await store.FindAsync(id, Cancellation))?.Conversation?.GetRawText();

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(Patience);
        while (!await condition())
        {
            await Task.Delay(20, patience.Token);
        }
    }

    private void WriteRole()
    {
        var role = Directory.CreateDirectory(Path.Combine(_folder, "roles", "clerk")).FullName;
        File.WriteAllText(Path.Combine(role, "role.yaml"), """
            name: Clerk
            description: Books tables.
            language: en
            model: { name: gpt-live-1, voice: vesper, delegation: client }
            words: { goodbye: "" }
            tools:
              - { name: book_table, target: app }
            limits: { minutes: 5 }
            """);
        File.WriteAllText(Path.Combine(role, "agent.instruct"), "You take bookings.");
        File.WriteAllText(Path.Combine(role, "recap.instruct"), "Sum it up.");
        File.WriteAllText(Path.Combine(role, "outcome.schema.json"), """
            {"type":"object","properties":{"guests":{"type":"integer"}},"required":["guests"],"additionalProperties":false}
            """);
        File.WriteAllText(Path.Combine(role, "rehearsal.yaml"), """
            rules:
              - when: [table]
                say: I ask for it.
                call: [{ name: book_table, arguments: { guests: 4 } }]
                then: "That is table {{output.number}}."
            outcome: { guests: 4 }
            """);
    }

    private async Task<WebApplication> StartAsync(string api, ConcurrentQueue<int> booked)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = _folder });
        builder.Logging.ClearProviders();
        builder.WebHost.UseSetting("urls", "http://127.0.0.1:0");
        var bridge = builder.Services.AddBridge(builder.Configuration, options =>
        {
            (options.UdpPort, options.RehearsalVoice, options.Access.Mode) = (0, "synthetic", "open");
            (options.Loopback, options.TextModel.Api) = (true, api);
        });
        bridge.Tools.Add("book_table", (BookTable asked, ToolContext _) =>
        {
            booked.Enqueue(asked.Guests);
            return new { Number = 7 };
        });
        var app = builder.Build();
        app.MapBridge("/voice");
        await app.StartAsync(Cancellation);
        return app;
    }

    private sealed record BookTable(int Guests);
}
