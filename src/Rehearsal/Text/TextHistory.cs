using System.Globalization;
using System.Text.Json;

namespace Bridge.Rehearsal.Text;

/// <summary>Instructions, messages, calls with their outputs, and the functions that a request allows.</summary>
internal sealed class TextHistory
{
    private readonly List<RehearsalItem> _items = [];
    private readonly HashSet<string> _open = new(StringComparer.Ordinal);

    public IReadOnlyList<RehearsalItem> Items => _items;

    /// <summary>Instructions and system messages.</summary>
    public string System { get; private set; } = "";

    /// <summary>Functions as the planner reads them; null: none.</summary>
    public JsonElement? Tools { get; set; }

    /// <summary>The choice as the planner reads it.</summary>
    public JsonElement? ToolChoice { get; set; }

    /// <summary>The function that must be called; null: none is named.</summary>
    public string? Forced => ToolChoice is { ValueKind: JsonValueKind.Object } choice ? JsonText.Of(choice, "name") : null;

    /// <summary>Calls that have no output.</summary>
    public IReadOnlyCollection<string> Open => _open;

    public int Tokens => RehearsalUsage.Text(
        System.Length + _items.Sum(item => item.Words.Length + item.Value.Length + (item.Name?.Length ?? 0))
        + (Tools?.GetRawText().Length ?? 0));

    /// <summary>Text, or the text parts of a list.</summary>
    public static string TextOf(JsonElement item, string name) =>
        !item.TryGetProperty(name, out var value) ? ""
        : value.ValueKind == JsonValueKind.String ? value.GetString()!
        : value.ValueKind == JsonValueKind.Array
            ? string.Join(' ', value.EnumerateArray().Select(part => JsonText.Of(part, "text")).Where(text => text is not null))
            : "";

    public void AddSystem(string text) => System = System.Length == 0 ? text : $"{System}\n{text}";

    public void AddMessage(string role, string text)
    {
        if (role is "system" or "developer")
        {
            AddSystem(text);
            return;
        }

        var item = new RehearsalItem { Id = NextId(), Type = "message", Role = role };
        item.Content.Add(new RehearsalContent { Type = role == "assistant" ? "output_text" : "input_text", Text = text });
        _items.Add(item);
    }

    public void AddCall(string callId, string name, string arguments)
    {
        _open.Add(callId);
        _items.Add(new RehearsalItem { Id = NextId(), Type = "function_call", Name = name, CallId = callId, Value = arguments });
    }

    /// <summary>Adds an output; false when no open call has that id.</summary>
    public bool AddOutput(string callId, string output)
    {
        if (!_open.Remove(callId))
        {
            return false;
        }

        _items.Add(new RehearsalItem { Id = NextId(), Type = "function_call_output", CallId = callId, Value = output });
        return true;
    }

    private string NextId() => string.Create(CultureInfo.InvariantCulture, $"item_{_items.Count}");
}
