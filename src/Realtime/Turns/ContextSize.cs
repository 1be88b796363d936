using System.Text;
using Bridge.Realtime.Model;

namespace Bridge.Realtime.Turns;

/// <summary>
/// An upper bound of the tokens that a session's conversation holds, so that what a response may cost is known before it is
/// asked for. The service's own count is taken as it is; anything newer is counted at the most it can be.
/// </summary>
internal sealed class ContextSize
{
    // No tokenizer makes more tokens of a text than it has bytes; the service adds a few for the role of an item.
    private const int ItemTokens = 16;

    // A picture at the service's highest detail: 8 tiles of 170 tokens and 85 for all of it, rounded up.
    private const int ImageTokens = 1_600;
    private const int MillisecondsPerToken = 100;
    private ModelUsage _counted;
    private ModelUsage _added;
    private ModelUsage _sinceRequest;

    /// <summary>The most input tokens that a response to the whole conversation reads.</summary>
    public ModelUsage Largest => _counted + _added;

    /// <summary>The most tokens of a text.</summary>
    public static int TextTokens(string? text) => text is null ? 0 : Encoding.UTF8.GetByteCount(text);

    /// <summary>The most tokens of a function's declaration.</summary>
    public static int ToolTokens(ModelTool? tool) => tool is null
        ? 0
        : ItemTokens + TextTokens(tool.Name) + TextTokens(tool.Description) + TextTokens(tool.Parameters.GetRawText());

    /// <summary>The most tokens of the caller's audio of this length, with 2 s more that may have come unheard of.</summary>
    public static int AudioTokens(TimeSpan length) => (int)Math.Min(1_000_000, ((length.TotalMilliseconds + 2_000) / MillisecondsPerToken) + 1);

    /// <summary>A command goes to the session.</summary>
    public void OnSent(ModelCommand command)
    {
        if (command is ModelCommand.UpdateSession { Settings: var settings })
        {
            Add(Text(ItemTokens + TextTokens(settings.Instructions) + settings.Tools.Sum(ToolTokens)));
        }
        else if (command is ModelCommand.CreateItem { Item: var item })
        {
            var text = TextTokens(item.Text) + TextTokens(item.Output) + TextTokens(item.Arguments) + TextTokens(item.Name) + TextTokens(item.CallId);
            Add(new ModelUsage(ItemTokens + text, 0, item.ImageUrl is null ? 0 : ImageTokens, 0, 0, 0, 0, 0));
        }
    }

    /// <summary>The caller's turn became an item.</summary>
    /// <param name="length">No shorter than its audio.</param>
    public void OnCommitted(TimeSpan length) => Add(new ModelUsage(ItemTokens, AudioTokens(length), 0, 0, 0, 0, 0, 0));

    /// <summary>A response of the conversation is asked for.</summary>
    public void OnRequested() => _sinceRequest = default;

    /// <summary>A response of the conversation is over.</summary>
    /// <param name="usage">Its usage.</param>
    /// <param name="whole">It read the whole conversation and the tools.</param>
    public void OnDone(ModelUsage usage, bool whole)
    {
        // The next response reads the model's own words as they were, text or audio.
        if (whole && usage.Input > 0)
        {
            _counted = new ModelUsage(usage.InputText + usage.OutputText, usage.InputAudio + usage.OutputAudio, usage.InputImage, 0, 0, 0, 0, 0);
            _added = _sinceRequest;
        }
        else
        {
            Add(new ModelUsage(usage.OutputText, usage.OutputAudio, 0, 0, 0, 0, 0, 0));
        }
    }

    /// <summary>A response of the conversation is over, and what it used is not known.</summary>
    /// <param name="most">The most tokens it can have put out.</param>
    public void OnUncounted(int most) => Add(new ModelUsage(most, most, 0, 0, 0, 0, 0, 0));

    private static ModelUsage Text(int tokens) => new(tokens, 0, 0, 0, 0, 0, 0, 0);

    private void Add(ModelUsage usage) => (_added, _sinceRequest) = (_added + usage, _sinceRequest + usage);
}
