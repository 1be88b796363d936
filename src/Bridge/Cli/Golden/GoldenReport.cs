using System.Diagnostics;
using System.Globalization;
using Bridge.Realtime.OpenAi;
using Bridge.Roles;
using Bridge.Roles.Golden;

namespace Bridge.Cli.Golden;

/// <summary>Plays golden conversations one after the other and writes what came out.</summary>
internal sealed class GoldenReport(TextWriter output, RoleSnapshot roles, GoldenModel model)
{
    public int Passed { get; private set; }

    public int Failed { get; private set; }

    public async Task PlayAsync(Role role, GoldenConversation conversation, CancellationToken cancellation)
    {
        var clock = Stopwatch.GetTimestamp();
        var lines = new List<string>();
        await using (var caller = new GoldenCaller(roles, role, model, conversation))
        {
            try
            {
                for (var i = 0; i < conversation.Turns.Count; i++)
                {
                    var turn = conversation.Turns[i];
                    var greeting = turn.User is null;
                    var answer = i == 0
                        ? await caller.GreetAsync(greeting ? turn : new GoldenTurn { Line = turn.Line }, cancellation).ConfigureAwait(false)
                        : new GoldenAnswer();
                    if (!greeting)
                    {
                        answer = await caller.SayAsync(turn, cancellation).ConfigureAwait(false);
                    }

                    var differences = GoldenVerdict.Differences(turn, answer);
                    if (differences.Count > 0)
                    {
                        lines.Add($"  line {turn.Line}, {(greeting ? "the greeting" : $"user: {turn.User}")}");
                        lines.AddRange(differences.Select(difference => "    " + difference));
                    }
                }

                if (conversation.Outcome is { } expected)
                {
                    var (outcome, problems) = await caller.EndAsync(cancellation).ConfigureAwait(false);
                    var differences = GoldenVerdict.Differences(expected, outcome, problems);
                    if (differences.Count > 0)
                    {
                        lines.Add($"  line {conversation.OutcomeLine}, the outcome");
                        lines.AddRange(differences.Select(difference => "    " + difference));
                    }
                }
            }
            catch (ModelSessionException failure)
            {
                lines.Add($"  ! {failure.Message}");
            }
        }

        var passed = lines.Count == 0;
        (Passed, Failed) = passed ? (Passed + 1, Failed) : (Passed, Failed + 1);
        var took = Stopwatch.GetElapsedTime(clock).TotalMilliseconds.ToString("F0", CultureInfo.InvariantCulture);
        await output.WriteLineAsync($"{(passed ? "passed" : "FAILED")}  {conversation.File}  {conversation.Name} ({took} ms)")
            .ConfigureAwait(false);
        foreach (var line in lines)
        {
            await output.WriteLineAsync(line).ConfigureAwait(false);
        }
    }
}
