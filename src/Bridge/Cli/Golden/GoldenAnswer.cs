using System.Text.Json;

namespace Bridge.Cli.Golden;

/// <summary>The agent's acts in one turn.</summary>
internal sealed class GoldenAnswer
{
    /// <summary>Its lines by item, in the order they began.</summary>
    public Dictionary<string, string> Lines { get; } = [];

    public List<(string Name, JsonElement Arguments)> Calls { get; } = [];

    /// <summary>The content that <c>show</c> put on the screen.</summary>
    public List<string> Shown { get; } = [];

    public List<string> Problems { get; } = [];

    /// <summary>From the caller's words to the first sound, or to the last tool's answer when there was none.</summary>
    public TimeSpan? Delay { get; set; }

    /// <summary>False when the turn did not come to its end in time.</summary>
    public bool Complete { get; set; } = true;

    public string Text => string.Join(' ', Lines.Values.Where(line => line.Length > 0));
}
