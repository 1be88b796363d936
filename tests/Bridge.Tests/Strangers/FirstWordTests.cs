using System.Diagnostics;
using Bridge.Access;
using Bridge.RehearsalHosting;
using Bridge.Testing;
using Bridge.Tests.Stops;

namespace Bridge.Tests.Strangers;

/// <summary>
/// From the join to the agent's first packet: of a caller with a ticket, whose model session opens at the join, and of a
/// stranger, whose session opens when the path has proved itself. BRIDGE_LONG=1 gives medians of 20, which docs/access.md has.
/// </summary>
public sealed class FirstWordTests
{
    private const string Key = "a-key-of-the-tests-with-32-characters-or-more";
    private static readonly int Rounds = Seeds.Long ? 20 : 1;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Milliseconds that the model's service and the media path are away.</summary>
    public static TheoryData<int, int> Distances() =>
        Seeds.Long ? new() { { 0, 0 }, { 300, 0 }, { 300, 200 }, { 300, 400 } } : new() { { 300, 200 } };

    [Theory]
    [MemberData(nameof(Distances))]
    public async Task Both_hear_the_greeting_and_a_stranger_waits_for_path_and_model_one_after_the_other(int milliseconds, int path)
    {
        await using var model = await RunningHost.StartAsync();
        var endpoint = model.Get<RehearsalHost>().Endpoint("demo");
        await using var relay = new SlowRelay(endpoint.BaseUrl.Port, TimeSpan.FromMilliseconds(milliseconds));
        await using var program = BridgeProgram.StartWith(
            endpoint with { BaseUrl = new Uri($"http://127.0.0.1:{relay.Port}{endpoint.BaseUrl.AbsolutePath}") },
            Path.Combine(Repository.Root, "roles"),
            Directory.CreateTempSubdirectory("bridge-word-").FullName,
            ("Bridge__HostNames__0", "bridge.test"),
            ("Bridge__Access__Mode", "open"),
            ("Bridge__Access__Key", Key));
        var address = await program.AddressAsync(Cancellation);
        await MeasureAsync(address, null, path); // warm
        var (early, late) = (new List<double>(), new List<double>());
        for (var round = 0; round < Rounds; round++)
        {
            early.Add(
                await MeasureAsync(address, TicketMint.Mint(new TicketRequest("ada"), Key, null, DateTimeOffset.UtcNow).Ticket, path));
            late.Add(await MeasureAsync(address, null, path));
        }

        early.Sort();
        late.Sort();
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"first word, median of {Rounds}, model {milliseconds} ms and path {path} ms away: opened at the join {early[Rounds / 2]:0} "
                + $"ms, when the path is proved {late[Rounds / 2]:0} ms");

        // The greeting can't come before its model, and a stranger's model not before the path.
        Assert.True(late[0] >= milliseconds + path, $"{late[0]} ms");
        Assert.True(early[0] >= Math.Max(milliseconds, path), $"{early[0]} ms");
    }

    private static async Task<double> MeasureAsync(Uri address, string? ticket, int path)
    {
        var watch = Stopwatch.StartNew();
        await using var page = await ProgramPage.CallAsync(
            address, "demo", Cancellation, ticket: ticket, path: TimeSpan.FromMilliseconds(path));
        await page.Ear.MoreAsync(1 - page.Ear.Count, Cancellation);
        var heard = watch.Elapsed.TotalMilliseconds;
        await page.HangUpAsync(Cancellation);
        return heard;
    }
}
