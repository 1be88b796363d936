using System.Text;
using Bridge.Realtime.Turns;

namespace Bridge.Realtime.Flight;

/// <summary>The first place where a replayed call commands something else than the recorded one did.</summary>
/// <param name="Step">The step's number.</param>
/// <param name="At">Since the first step.</param>
/// <param name="Index">Which of the step's commands, from 0.</param>
/// <param name="Recorded">The command's JSON as recorded; null: there was none more.</param>
/// <param name="Replayed">As replayed; null: there is none more, or the machine failed.</param>
/// <param name="Inputs">The input of that step.</param>
/// <param name="Failure">The exception of the machine; null when there was none.</param>
public sealed record FlightDifference(
    int Step, TimeSpan At, int Index, string? Recorded, string? Replayed, IReadOnlyList<TurnInput> Inputs, string? Failure)
{
    private const int Around = 60;

    /// <summary>The place in words, over several lines.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(FlightTime.Text(At)).Append("  step ").Append(Step).Append(", command ").Append(Index + 1).Append('\n');
        foreach (var input in Inputs)
        {
            text.Append("  taken     ").Append(Short(System.Text.Json.JsonSerializer.Serialize(input, FlightJson.Options), 0)).Append('\n');
        }

        var same = CommonLength();
        text.Append("  recorded  ").Append(Recorded is null ? "nothing more" : Short(Recorded, same)).Append('\n');
        text.Append("  replayed  ").Append(
            Failure is not null ? "the machine failed: " + Failure : Replayed is null ? "nothing more" : Short(Replayed, same));
        return text.ToString();
    }

    private int CommonLength()
    {
        var most = Math.Min(Recorded?.Length ?? 0, Replayed?.Length ?? 0);
        var same = 0;
        while (same < most && Recorded![same] == Replayed![same])
        {
            same++;
        }

        return same;
    }

    // The command's beginning names it; then the text around the difference.
    private static string Short(string text, int at)
    {
        var from = Math.Max(0, at - Around);
        var head = from <= Around ? "" : text[..Around] + " ... ";
        from = head.Length == 0 ? 0 : from;
        var to = Math.Min(text.Length, at + (2 * Around));
        return head + text[from..to] + (to < text.Length ? " ..." : "");
    }
}
