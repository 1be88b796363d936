using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json;
using Bridge.Testing;
using Bridge.Tests.Stops;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Bridge.Tests.Strangers;

/// <summary>A sender whose clock runs away: the real program sends the model no more audio than time has passed.</summary>
public sealed class PaceTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>How many times faster than real time the caller's clock runs.</summary>
    public static TheoryData<int> Paces() => Seeds.Long ? [1, 5, 20, 100] : [20];

    [Theory]
    [MemberData(nameof(Paces))]
    public async Task A_model_hears_at_most_the_time_that_passes_and_two_seconds_however_fast_its_caller_sends(int times)
    {
        await using var model = await CountingModel.StartAsync();
        await using var program = BridgeProgram.Start(
            ["--port", "0", "--udp-port", "0", "--loopback", "--roles", Path.Combine(Repository.Root, "roles"), "--data",
                Directory.CreateTempSubdirectory("bridge-pace-").FullName],
            ("OPENAI_API_KEY", "none"), ("OPENAI_BASE_URL", model.Address));
        await using var page = await ProgramPage.CallAsync(await program.AddressAsync(Cancellation), "demo", Cancellation);
        var watch = Stopwatch.StartNew();
        var seconds = Seeds.Long ? 20 : 2;
        for (uint packet = 0; watch.Elapsed.TotalSeconds < seconds; )
        {
            for (var i = 0; i < times; i++, packet++)
            {
                page.Client.SendAudio([0xF8, 0xFF, 0xFE], packet * 960);
            }

            await Task.Delay(20, Cancellation);
        }

        // What is on its way when the sender stops.
        await Task.Delay(200, Cancellation);
        var heard = TimeSpan.FromSeconds(model.Samples / 24_000.0);
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{times} times real time for {seconds} s: the model got {heard.TotalSeconds:0.00} s");
        Assert.InRange(heard.TotalSeconds, 0.5, watch.Elapsed.TotalSeconds + 2.1);
    }

    /// <summary>A model's service that says hello and counts the audio it is sent.</summary>
    private sealed class CountingModel : IAsyncDisposable
    {
        private readonly WebApplication _app;
        private long _samples;

        private CountingModel(WebApplication app) => _app = app;

        public string Address =>
            _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First() + "/v1";

        /// <summary>Samples of 24 kHz so far.</summary>
        public long Samples => Interlocked.Read(ref _samples);

        public static async Task<CountingModel> StartAsync()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.Logging.ClearProviders();
            var model = new CountingModel(builder.Build());
            model._app.UseWebSockets();
            model._app.Map("/v1/realtime", async context =>
            {
                using var socket = await context.WebSockets.AcceptWebSocketAsync("realtime");
                await model.ServeAsync(socket, context.RequestAborted);
            });
            await model._app.StartAsync();
            return model;
        }

        public ValueTask DisposeAsync() => _app.DisposeAsync();

        private async Task ServeAsync(WebSocket socket, CancellationToken gone)
        {
            await socket.SendAsync("""{"type":"session.created","event_id":"e1","session":{"id":"s1","type":"realtime","object":"realtime.session"}}"""u8.ToArray(), WebSocketMessageType.Text, true, gone);
            var buffer = new byte[1 << 20];
            try
            {
                while (true)
                {
                    var length = 0;
                    ValueWebSocketReceiveResult read;
                    do
                    {
                        read = await socket.ReceiveAsync(buffer.AsMemory(length), gone);
                        length += read.Count;
                    }
                    while (!read.EndOfMessage);
                    if (read.MessageType == WebSocketMessageType.Close)
                    {
                        return;
                    }

                    var message = JsonSerializer.Deserialize<JsonElement>(buffer.AsSpan(0, length));
                    switch (message.GetProperty("type").GetString())
                    {
                        case "session.update":
                            var updated = new { type = "session.updated", event_id = "e2", session = message.GetProperty("session") };
                            await socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(updated), WebSocketMessageType.Text, true, gone);
                            break;
                        case "input_audio_buffer.append":
                            Interlocked.Add(ref _samples, message.GetProperty("audio").GetBytesFromBase64().Length / 2);
                            break;
                    }
                }
            }
            catch (Exception end) when (end is OperationCanceledException or WebSocketException)
            {
                // The program is gone.
            }
        }
    }
}
