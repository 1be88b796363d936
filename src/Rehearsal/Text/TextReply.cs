namespace Bridge.Rehearsal.Text;

/// <summary>The model's answer: a text, calls of functions, or both.</summary>
/// <param name="Text">May be empty.</param>
/// <param name="Calls">In order; may be empty.</param>
internal sealed record TextReply(string Text, IReadOnlyList<ReplyPart.Call> Calls)
{
    /// <summary>Tokens of it.</summary>
    public int Tokens => RehearsalUsage.Text(Text.Length + Calls.Sum(call => call.Name.Length + call.Arguments.Length));
}
