using System.Text.Json;
using Bridge.Calls;
using Bridge.Configuration;
using Bridge.Limits;
using Bridge.Realtime.Model;
using Bridge.Realtime.Turns;
using Bridge.Roles;
using Bridge.Signaling;
using Microsoft.Extensions.Options;

namespace Bridge.Tests.Calls;

/// <summary>Weighs the heap: nothing else may run meanwhile.</summary>
[CollectionDefinition(nameof(MemoryTests), DisableParallelization = true)]
[System.Diagnostics.CodeAnalysis.SuppressMessage("Naming", "CA1711", Justification = "It is a collection of tests.")]
public sealed class MemoryTestsCollection;

/// <summary>The memory that one call, and all calls together, hold.</summary>
[Collection(nameof(MemoryTests))]
public sealed class MemoryTests
{
    private const int Overloaded = -32007;
    private const int MB = 1 << 20;
    private const string Png = "data:image/png;base64,iVBORw0KGgoA";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("512MB", 512L << 20)]
    [InlineData("512m", 512L << 20)]
    [InlineData("1.5 GiB", 1536L << 20)]
    [InlineData("2gb", 2L << 30)]
    [InlineData("64k", 64L << 10)]
    [InlineData("1000", 1000L)]
    public void A_size_is_written_as_containers_write_it(string text, long bytes)
    {
        Assert.True(ByteSize.TryParse(text, out var read));
        Assert.Equal(bytes, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("-5MB")]
    [InlineData("MB")]
    [InlineData("5 parsecs")]
    [InlineData("5MBB")]
    [InlineData("1,5GB")]
    [InlineData("99999999999999999999GB")]
    public void What_is_no_size_is_refused(string text) => Assert.False(ByteSize.TryParse(text, out _));

    [Fact]
    public void Without_an_option_calls_may_hold_half_of_what_the_machine_or_the_container_has()
    {
        var budget = new MemoryBudget(Options.Create(new BridgeOptions()));
        Assert.Equal(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2, budget.Max);
        Assert.InRange(budget.Max, 16 * MB, long.MaxValue);
    }

    [Fact]
    public async Task Joins_are_refused_before_the_bound_is_reached_and_callers_with_a_ticket_are_left_some()
    {
        using var roles = new RoleCatalog(Path.Combine(Repository.Root, "roles"));
        using var calls = new VirtualCalls(configure: options =>
        {
            options.MaxMemory = "104MB";
            options.Limits.CallsPerCaller = 20;
        });
        var registry = calls.Registry(roles, out _);
        var refusal = await FillAsync(new HubCaller("stranger"));
        Assert.Equal(SignalCodes.Busy, refusal.Code);
        Assert.True(refusal.RetryAfterSeconds > 0);

        // 80 % of 75 % of it, in calls of 8 MB; then 80 % of it.
        Assert.Equal(7, registry.Calls.Count());
        var ada = new HubCaller("ada", null, new(new System.Security.Claims.ClaimsIdentity([new("sub", "ada")], "ticket")));
        Assert.Equal(SignalCodes.Busy, (await FillAsync(ada)).Code);
        Assert.Equal(10, registry.Calls.Count());
        Assert.InRange(calls.Memory.Held, 10 * MemoryBudget.PerCall, calls.Memory.Max);

        // What is given back can be had again, and nothing is left over.
        var one = registry.Calls.First();
        await calls.EndAsync(one, one.DisposeAsync());
        while (registry.Calls.Count() == 10)
        {
            await Task.Yield();
        }

        Assert.False((await registry.JoinAsync(ada, new JoinRequest("demo"), Cancellation)).Resumed);
        var drain = registry.DrainAsync(TimeSpan.Zero, Cancellation);
        foreach (var call in registry.Calls)
        {
            await calls.EndAsync(call);
        }

        await drain;
        Assert.Equal(0, calls.Memory.Held);

        async Task<SignalRefusal> FillAsync(HubCaller caller)
        {
            while (true)
            {
                try
                {
                    await registry.JoinAsync(caller, new JoinRequest("demo"), Cancellation);
                }
                catch (SignalRefusal full)
                {
                    return full;
                }
            }
        }
    }

    [Fact]
    public async Task A_hostile_page_that_fills_all_it_can_stays_below_the_bound_of_a_call()
    {
        using var calls = new VirtualCalls(
            configure: options =>
                options.Limits = new LimitOptions { Texts = 100_000, Images = 100_000, Hellos = 1_000, Notifications = 1_000_000 })
        {
            Model = () => new ForgetfulModel(),
        };
        calls.Roles.Add("demo", "images: on\n");
        var (call, page) = await calls.OpenAsync("demo");
        var id = 1;
        var grown = await GrowthAsync(async () =>
        {
            await FillAsync("page/image", n => new { dataUrl = $"{Png}{n:D8}{new string('A', 190_000)}", prompt = new string('é', 7_900) });
            await FillAsync("page/text", n => new { text = new string('é', 7_900) + n });

            // Its tools: as many and as large as a message holds, again and again.
            for (var n = 0; n < 5; n++)
            {
                var tools = Enumerable.Range(0, 64)
                    .Select(
                        t =>
                            new
                            {
                                name = $"t{n}_{t}",
                                description = new string('d', 1_900),
                                parameters = new
                                {
                                    type = "object",
                                    properties = Enumerable.Range(0, 20)
                                        .ToDictionary(p => $"p{p}", p => new { type = "string", description = new string('x', 50) }),
                                },
                            });
                await page.AskAsync(++id, "page/hello", new { tools });
            }

            // What it never answers, and what it is sent and does not read.
            for (var n = 0; n < 2_000; n++)
            {
                page.Notify("page/speech", new { active = n % 2 == 0, junk = new string('x', 2_000) });
            }

            await VirtualCalls.SettleAsync(call);
        });

        var held = calls.Latest!.Held;
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"One hostile call holds {grown / MB} MB, counted as {held / MB} MB of {calls.Memory.MaxOfCall / MB}.");
        Assert.InRange(held, 50 * MB, calls.Memory.MaxOfCall);
        Assert.InRange(grown, 20 * MB, held);

        // The call goes on: only what it holds is refused.
        Assert.True((await page.AskAsync(++id, "page/mute", new { muted = true })).TryGetProperty("result", out _));
        await calls.EndAsync(call, call.DisposeAsync());
        calls.Latest.Dispose();
        Assert.Equal(0, calls.Memory.Held);

        async Task FillAsync(string method, Func<int, object> content)
        {
            for (var n = 0; ; n++)
            {
                var answer = await page.AskAsync(++id, method, content(n));
                if (answer.TryGetProperty("error", out var error))
                {
                    Assert.Equal(Overloaded, error.GetProperty("code").GetInt32());
                    return;
                }

                Assert.True(n < 3_000, "No end was reached.");
            }
        }
    }

    [Fact]
    public async Task What_a_page_gives_is_refused_while_the_host_holds_as_much_as_it_may()
    {
        using var calls = new VirtualCalls(configure: options => options.MaxMemory = "20MB");
        calls.Roles.Add("demo");
        var (call, page) = await calls.OpenAsync("demo");
        var taken = 0;
        JsonElement error;
        while (!(await page.AskAsync(2 + taken, "page/image", new { dataUrl = Png + new string('A', 190_000) })).TryGetProperty("error",
            out error))
        {
            Assert.True(++taken < 60, "No end was reached.");
        }

        Assert.Equal("This call, or this server, holds as much as it may in memory.", error.GetProperty("message").GetString());
        Assert.InRange(calls.Memory.Held, 19 * MB, 20 * MB);
        Assert.True((await page.AskAsync(1_000, "page/mute", new { muted = true })).TryGetProperty("result", out _));
        await calls.EndAsync(call, call.DisposeAsync());
    }

    [Fact]
    public async Task A_conversation_that_grows_beyond_what_a_call_may_hold_ends_with_a_goodbye()
    {
        using var calls = new VirtualCalls(configure: options => options.Limits.CallMemory = "1MB") { Model = () => new ForgetfulModel() };
        calls.Roles.Add("demo");
        var (call, _) = await calls.OpenAsync("demo");
        for (var n = 0; n < 5; n++)
        {
            // 200 kB each in memory: a model that hears a flood of words.
            call.Post(new TurnInput.ModelEventReceived(1, new ModelEvent.InputCommitted($"said{n}", null)));
            call.Post(
                new TurnInput.ModelEventReceived(
                    1, new ModelEvent.InputTranscriptCompleted($"said{n}", 0, new string('w', 100_000), default)));
            await VirtualCalls.SettleAsync(call);
            Assert.False(call.IsEnding);
        }

        call.Post(new TurnInput.ModelEventReceived(1, new ModelEvent.InputCommitted("last", null)));
        call.Post(
            new TurnInput.ModelEventReceived(1, new ModelEvent.InputTranscriptCompleted("last", 0, new string('w', 100_000), default)));
        Assert.Equal(CallEnd.MemoryLimit, await calls.EndAsync(call));
        Assert.Equal(CallEnd.MemoryLimit, Assert.Single(calls.Store.Saved).Reason);
    }

    private static async Task<long> GrowthAsync(Func<Task> make)
    {
        var before = Alive();
        await make();
        return Alive() - before;

        static long Alive()
        {
            GC.Collect(2, GCCollectionMode.Forced, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
            return GC.GetTotalMemory(forceFullCollection: true);
        }
    }
}
