using Bridge.Realtime.Turns;

namespace Bridge.Realtime.Tests.Turns;

/// <summary>The turn machine against the strict stand-in itself, over JSON, with crossing messages.</summary>
public sealed class WireWalkTests(ITestOutputHelper output)
{
    [Fact]
    public void No_command_of_the_turn_machine_is_refused_and_no_call_gets_stuck()
    {
        // BRIDGE_LONG=1 walks a hundred times as far; BRIDGE_SEED walks one call again.
        var one = Environment.GetEnvironmentVariable("BRIDGE_SEED");
        var first = Seeds.First;
        var count = one is not null ? 1 : Seeds.Long ? 4000 : 40;
        int commands = 0, sessions = 0, responses = 0, interrupted = 0, crossings = 0;
        for (var seed = first; seed != first + count; seed++)
        {
            var walk = new WireWalk(seed);

            walk.Run(TimeSpan.FromMinutes(1));

            Assert.True(walk.Refusals.Count == 0, $"{string.Join('\n', walk.Refusals)}\n{string.Join('\n', walk.Story.TakeLast(150))}");
            Assert.True(walk.State == CallState.Listening, $"seed {seed} ends {walk.State}\n{string.Join('\n', walk.Story.TakeLast(150))}");
            commands += walk.Commands;
            sessions += walk.Sessions;
            responses += walk.Responses;
            interrupted += walk.Interrupted;
            crossings += walk.Crossings;
        }

        output.WriteLine(
            $"{count} calls of {first}..: {commands} commands, {sessions} sessions, {responses} responses, {interrupted} cancelled, "
                + $"{crossings} cancels that came too late");
        Assert.True(one is not null || (sessions > count && responses > 4 * count && interrupted > 0));
    }
}
