using Bridge.Realtime.Conversation;
using Bridge.Realtime.Model;

namespace Bridge.Realtime.Tests.Turns;

// What must be true when the walk is over.
internal sealed partial class CallWalk
{
    private static string? WrongCalls(IReadOnlyList<ConversationItem> items)
    {
        foreach (var call in items)
        {
            if (call.Kind == ModelItemKind.FunctionCall)
            {
                var outputs = items.Count(i => i.Kind == ModelItemKind.FunctionOutput && i.CallId == call.CallId);
                if (outputs != 1)
                {
                    return $"{call.CallId} has {outputs} outputs";
                }
            }
        }

        return null;
    }

    // The page is shown each key once; the model is told each once and in order, in numbers of at most 32.
    private string? WrongKeys(IReadOnlyList<ConversationItem> items)
    {
        const string Before = "The person pressed ";
        const string After = " on the telephone keypad.";
        var numbers = items.Where(i => i.Kind == ModelItemKind.SystemMessage && i.Text.StartsWith(Before, StringComparison.Ordinal))
            .Select(i => i.Text[Before.Length..^After.Length]).ToList();
        var told = string.Concat(numbers);
        return _keysShown != _keysPressed ? $"pressed {_keysPressed}, shown {_keysShown}"
            : numbers.Exists(n => n.Length is 0 or > 32) ? $"a number of {numbers.Max(n => n.Length)} keys"
            : (_modelHearsKeys ? told == _keysPressed : told.Length <= _keysPressed.Length) ? null
            : $"pressed {_keysPressed}, told {told}";
    }

    // What the model's session holds is what the log holds, in the same order.
    private string? WrongMirror(IReadOnlyList<ConversationItem> items)
    {
        var held = _links[_current].Model.Items;
        var model = held.Select(i => i.Id)
            .Where(id => !id.StartsWith("sum_", StringComparison.Ordinal) && !id.StartsWith("br_h", StringComparison.Ordinal)).ToHashSet();
        var log = items.Select(i => i.Id).ToHashSet();
        if (_machine.Conversation.SummarisedUpTo is null)
        {
            foreach (var item in items)
            {
                if (!model.Contains(item.Id) && item.Text.Length > 0 && !item.Interrupted)
                {
                    return $"the model does not know {item}";
                }
            }
        }

        foreach (var id in model)
        {
            if (!log.Contains(id))
            {
                return $"the log does not know {id}";
            }
        }

        foreach (var call in held)
        {
            if (call.Kind == ModelItemKind.FunctionCall
                && held.Count(i => i.Kind == ModelItemKind.FunctionOutput && i.CallId == call.CallId) != 1)
            {
                return $"{call.CallId} is not answered once in the model's session";
            }
        }

        var order = held.Select(i => i.Id).Where(log.Contains).ToList();
        var inLog = items.Select(i => i.Id).Where(model.Contains).ToList();
        return order.SequenceEqual(inLog)
            ? null
            : $"the order differs:\n model {string.Join(' ', order)}\n log   {string.Join(' ', inLog)}";
    }

    /// <summary>The log through storage and back.</summary>
    public string? WrongStorage()
    {
        var json = _machine.Conversation.ToJson();
        if (!ConversationLog.TryParse(json, out var read))
        {
            return "the stored log can't be read";
        }

        return read.Items.SequenceEqual(_machine.Conversation.Items) && read.Usage == _machine.Conversation.Usage
            && read.ToJson().AsSpan().SequenceEqual(json) ? null : "the stored log differs from the kept one";
    }
}
