using System.Diagnostics.CodeAnalysis;
using System.Text;
using Bridge.Realtime.Conversation;
using Bridge.Realtime.Turns;

namespace Bridge.Realtime.Flight;

/// <summary>
/// Runs a recorded call again: a new turn machine takes the same inputs at the same times, and each of its commands is compared
/// with the recorded one, byte for byte.
/// </summary>
public sealed class FlightReplay
{
    private readonly List<TurnCommand> _commands = [];
    private readonly ICallMachine _machine;
    private TimeSpan? _first;

    private FlightReplay(ICallMachine machine) => _machine = machine;

    /// <summary>Steps that were replayed and equal.</summary>
    public int Steps { get; private set; }

    /// <summary>Commands that were equal.</summary>
    public int Commands { get; private set; }

    /// <summary>Time of the last step, since the first.</summary>
    public TimeSpan Length { get; private set; }

    /// <summary>The conversation as it stands after the last step.</summary>
    public ConversationLog Conversation => _machine.Conversation;

    /// <summary>Why the response that is wanted now is not requested; see <see cref="TurnMachine.Blockers"/>.</summary>
    public ResponseBlockers Blockers => _machine.Blockers;

    /// <summary>A machine that stands where the recorded one began; false when that can't be known.</summary>
    public static bool TryBegin(FlightReader flight, [NotNullWhen(true)] out FlightReplay? replay, [NotNullWhen(false)] out string? refusal)
    {
        ArgumentNullException.ThrowIfNull(flight);
        replay = null;
        refusal = null;
        var log = new ConversationLog();
        if (flight.Header.Log is { } stored && !ConversationLog.TryParse(Encoding.UTF8.GetBytes(stored.GetRawText()), out log))
        {
            refusal = "The conversation that the call went on with can't be read.";
            return false;
        }

        replay = new FlightReplay(CallMachine.Create(flight.Header.Options, log, flight.Header.CallTime));
        return true;
    }

    /// <summary>Replays one step; the first difference, or null. After a difference the machine is of no use.</summary>
    public FlightDifference? Take(FlightLine step)
    {
        ArgumentNullException.ThrowIfNull(step);
        _first ??= step.At;
        Length = step.At - _first.Value;
        _commands.Clear();
        string? failure = null;
        try
        {
            foreach (var input in step.Inputs)
            {
                _machine.Handle(step.At, input, _commands);
            }

            _machine.Advance(step.At, _commands);
        }
        catch (Exception defect)
        {
            // The machine may have failed in the call, too: what it had commanded by then is compared all the same.
            failure = $"{defect.GetType().Name}: {defect.Message}";
        }

        for (var i = 0; i < Math.Max(step.Commands.Count, _commands.Count); i++)
        {
            var recorded = i < step.Commands.Count ? step.Commands[i] : null;
            var replayed = i < _commands.Count ? FlightWriter.Text(_commands[i]) : null;
            if (recorded != replayed)
            {
                return new FlightDifference(step.Number, Length, i, recorded, replayed, step.Inputs, replayed is null ? failure : null);
            }

            Commands++;
        }

        Steps++;
        return failure is null ? null : new FlightDifference(step.Number, Length, step.Commands.Count, null, null, step.Inputs, failure);
    }
}
