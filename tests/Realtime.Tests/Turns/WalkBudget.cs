using Bridge.Realtime.Model;
using Bridge.Realtime.Turns;

namespace Bridge.Realtime.Tests.Turns;

/// <summary>The host's purse in a walk: reservations that the machine asked for, and what is wrong with what it made of them.</summary>
internal sealed class WalkBudget(WalkServer server)
{
    // A turn may become an item before the machine has been told of the speech, however long events are under way here.
    private const int UntoldAudio = 400;

    // A recap that is asked for while an answer runs reads what that has said by then.
    private const int UntoldWords = 64;
    private readonly Dictionary<string, (ResponseBound Bound, int Granted)> _held = [];
    private readonly List<(string Tag, ResponseBound Bound)> _asked = [];

    public string? Wrong { get; private set; }

    /// <summary>Responses that the server began, whose money was reserved while they ran.</summary>
    public int Late { get; private set; }

    /// <summary>Responses that were held to their bound.</summary>
    public int Settled { get; private set; }

    /// <summary>Questions that wait for an answer.</summary>
    public int Asked => _asked.Count;

    /// <summary>Everything that was reserved for the conversation is settled; a recap may still be on its way.</summary>
    public bool IsEmpty => !_held.Keys.Concat(_asked.Select(a => a.Tag)).Any(tag => tag[0] is 't' or 'o');

    public void Carry(TurnCommand command)
    {
        switch (command)
        {
            case TurnCommand.ReserveBudget(var tag, var bound, _):
                _asked.Add((tag, bound));
                break;
            case TurnCommand.SettleBudget(var tag, var usage):
                if (!_held.Remove(tag, out var held))
                {
                    Wrong ??= $"{tag} is settled and was not reserved";
                }
                else if (usage is { } used)
                {
                    Settled++;
                    Late += tag[0] == 'o' && used != default ? 1 : 0;
                    Wrong ??= IsWithin(used, held.Bound, held.Granted, tag[0] == 't' ? 0 : UntoldWords) ? null : $"{tag} used {used}, and {held.Bound} with {held.Granted} was reserved";
                }

                break;
            case TurnCommand.SendToModel(_, ModelCommand.CreateResponse { Settings: { Tag: { } asked, MaxOutputTokens: var most } }):
                Wrong ??= _held.TryGetValue(asked, out var paid) && most == paid.Granted ? null : $"{asked} was asked for and not paid";
                break;
        }
    }

    /// <summary>The host answers the oldest question.</summary>
    public TurnInput Answer(bool grants, bool inFull)
    {
        var (tag, bound) = _asked[0];
        _asked.RemoveAt(0);
        if (!grants)
        {
            return new TurnInput.BudgetRefused(tag, "cost_limit");
        }

        var granted = inFull ? bound.MostOutput : bound.LeastOutput;
        _held[tag] = (bound, granted);
        return new TurnInput.BudgetGranted(tag, granted);
    }

    /// <summary>Whether the oldest question is for a response of the conversation.</summary>
    public bool IsForConversation => _asked[0].Tag[0] is 't' or 'o';

    // What a server that answers by itself says crosses what is asked of it, and is read by it.
    private bool IsWithin(ModelUsage used, ResponseBound bound, int granted, int beside) =>
        (server.AnswersTurns || (used.InputText <= bound.Input.InputText + beside && used.InputAudio <= bound.Input.InputAudio + UntoldAudio && used.InputImage <= bound.Input.InputImage))
        && used.Output <= granted && (!bound.TextOnly || used.OutputAudio == 0);
}
